// @ts-check
/**
 * Let an adjudicator adjudicate a case on the parts of the judging page: the image's viewer, and a scale for each
 * attribute in dispute, with the annotations' letters above it.
 *
 * Expects: the markup of templates/workspace/review/case.html and dispute.html.
 */
import { CaseDraft } from "../controls/case-draft.js";
import { openDialog, prepareDialogs } from "../controls/dialogs.js";
import { foldPanel } from "../controls/fold-panel.js";
import { ImageNote } from "../controls/image-note.js";
import { bindKeysAndButtons } from "../controls/key-bindings.js";
import { findAll, readJson, findOne } from "../controls/page-elements.js";
import { ScaleView } from "../controls/scale-view.js";
import { formatScore } from "../models/scale.js";
import { Viewer } from "../viewer/viewer.js";

const root = findOne(document, "[data-adjudicate]", HTMLElement);
const form = findOne(root, "form", HTMLFormElement);
const viewer = new Viewer(findOne(root, "[data-viewer]", HTMLElement), {
  shown: () => note.arrive(),
  failed: () => note.show("missing"),
  slow: () => note.show("slow"),
  coarse: () => note.show("coarse"),
  zoomed: (on) => findOne(root, '[data-do="zoom"]', HTMLElement).setAttribute("aria-pressed", String(on)),
});

const note = new ImageNote(root, () => {
  note.hide();
  viewer.reload();
});
// What was flagged as broken is decided without it; everything else is judged by who sees it.
form.addEventListener("submit", (event) => {
  if (!("mustSee" in root.dataset) || viewer.drawn) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  note.show("missing");
});

/** Tie one attribute's scale to its plain field, which is what is sent. */
class Decision {
  /** @param {HTMLElement} section */
  constructor(section) {
    const part = findOne(section, '[data-field="score"]', HTMLElement);
    const key = section.dataset.dispute ?? "";
    this.output = findOne(part, "[data-score-value]", HTMLElement);
    this.input = findOne(part, "input[type=number]", HTMLInputElement);
    findOne(part, "[data-plain]", HTMLElement).hidden = true;
    this.scale = new ScaleView(part, `of-${key}`, readJson("rubric-scale"), {
      choose: (score) => this.set(score),
      enter: () => step(1),
    });
    for (const button of findAll(part, "[data-take]")) {
      button.addEventListener("click", () => this.set(Number(button.dataset.take)));
    }
    this.letter(section);
    this.show();
  }

  /** @param {HTMLElement} section - whose annotations' letters go above their scores */
  letter(section) {
    /** @type {Map<number, string>} */
    const letters = new Map();
    for (const column of findAll(section, ".column")) {
      const score = Number(findOne(column, "strong", HTMLElement).textContent);
      const letter = findOne(column, ".letter", HTMLElement).textContent ?? "";
      letters.set(score, `${letters.get(score) ?? ""}${letter}`);
    }
    for (const [score, words] of letters) this.scale.letter(score, words);
  }

  /** @param {number | null} score */
  set(score) {
    this.input.value = score === null ? "" : String(score);
    this.input.dispatchEvent(new Event("input", { bubbles: true }));
    this.show();
  }

  show() {
    const score = this.input.value === "" ? null : Number(this.input.value);
    this.scale.show(score, score === null ? "" : "own");
    this.output.textContent = score === null ? "" : formatScore(score);
  }
}

const sections = findAll(root, "[data-dispute]").filter((section) => section.querySelector("[data-scale]"));
const decisions = sections.map((section) => new Decision(section));

/** @param {1 | -1} by - the next dispute or the one before */
function step(by) {
  const here = sections.findIndex((section) => section.contains(document.activeElement));
  const next = decisions[here + by];
  if (next) {
    next.scale.focus();
    sections[here + by].scrollIntoView({ block: "nearest" });
  } else if (by > 0) findAll(form, "select, .choices input, textarea")[0]?.focus();
}

prepareDialogs();
bindKeysAndButtons(root, {
  advance: () => form.requestSubmit(),
  next: () => step(1),
  previous: () => step(-1),
  zoom: () => viewer.toggle(),
  loupe: () => viewer.magnify(),
  fullscreen: () => viewer.fullscreen(),
  fold: () => foldPanel(root),
  keys: () => openDialog("keys"),
});
viewer.show(readJson("image"));
const draft = new CaseDraft(form, root.dataset.person ?? "", root.dataset.case ?? "");
await draft.keep({ returned: "returned" in root.dataset });
for (const decision of decisions) decision.show();
