// @ts-check
/**
 * Tie one attribute's part of the page, score and critique together, to the answer.
 *
 * Expects: <section data-unit="key"> with [data-part="score"] and [data-part="critique"] as in attribute.html.
 *
 * @typedef {import("../models/annotation.js").Answer} Answer
 * @typedef {import("../models/annotation.js").Name} Name
 * @typedef {import("../models/assignment.js").From} From
 * @typedef {import("../models/critique-length.js").Target} Target
 */
import { NAMES } from "../models/annotation.js";
import { guessLanguage, measure } from "../models/critique-length.js";
import { shown } from "../models/scale.js";
import { one, part, text } from "./page-elements.js";
import { ProposedField, showDifference } from "./prefill-field.js";
import { ScaleView } from "./scale-view.js";

/** How text comes in that nobody typed. */
const INSERTED = new Set(["insertFromPaste", "insertFromDrop", "insertFromYank", "insertFromPasteAsQuotation"]);

/** @param {InputEvent} event */
function insertedText(event) {
  return event.data ?? event.dataTransfer?.getData("text/plain") ?? "";
}

export class AttributeUnit {
  /**
   * @param {HTMLElement} section
   * @param {Target & {key: string}} attribute
   * @param {object} form
   * @param {import("../models/scale.js").Scale} form.scale
   * @param {string} form.language - of the page
   * @param {(key: string, name: Name, value: number | string | null) => void} form.set
   * @param {(key: string, characters: number) => void} form.paste
   * @param {(key: string, name: Name, decision: import("../models/annotation.js").Decision) => void} form.decide
   * @param {(key: string, name: Name) => void} form.go - put the focus on a field
   */
  constructor(section, attribute, { scale, language, set, paste, decide, go }) {
    const { key } = attribute;
    this.section = section;
    this.attribute = attribute;
    this.language = language;
    this.parts = { score: this.part("score"), critique: this.part("critique") };
    this.scale = new ScaleView(this.parts.score, key, scale, {
      choose: (score) => set(key, "score", score),
      enter: () => go(key, "critique"),
    });
    this.textarea = one(section, "textarea", HTMLTextAreaElement);
    this.textarea.addEventListener("beforeinput", (event) => {
      if (INSERTED.has(event.inputType)) paste(key, insertedText(event).length);
    });
    this.textarea.addEventListener("input", () => set(key, "critique", this.textarea.value));
    /** @type {import("../models/assignment.js").Judgement | null} */
    this.earlier = null;
    one(section, "[data-use-again]", HTMLElement).addEventListener("click", () => {
      set(key, "critique", this.earlier?.critique ?? "");
      go(key, "critique");
    });
    /** @type {Record<Name, ProposedField>} */
    this.proposed = {
      score: new ProposedField(this.parts.score, key, "score", (decision) => decide(key, "score", decision)),
      critique: new ProposedField(this.parts.critique, key, "critique", (decision) =>
        decide(key, "critique", decision),
      ),
    };
  }

  /** @param {Name} name */
  part(name) {
    return one(this.section, `[data-part="${name}"]`, HTMLElement);
  }

  /**
   * Make the unit ready for another answer.
   *
   * @param {Answer} answer
   */
  open(answer) {
    const { key } = this.attribute;
    for (const name of NAMES) this.proposed[name].open(answer);
    this.scale.unmark();
    const proposed = /** @type {number | null} */ (answer.proposed(key, "score"));
    if (proposed !== null) this.scale.mark(proposed, text("point-model", { score: shown(proposed) }));
    const distribution = answer.distribution(key);
    if (distribution) this.scale.drawShares(distribution);
    this.showEarlier(answer.earlier);
    this.show(answer);
  }

  /** @param {import("../models/assignment.js").Earlier | null} earlier - the answer from before the rubric changed its meaning */
  showEarlier(earlier) {
    this.earlier = earlier?.judgements[this.attribute.key] ?? null;
    one(this.section, "[data-earlier]", HTMLElement).hidden = this.earlier === null;
    if (!earlier || !this.earlier) return;
    one(this.section, "[data-earlier-words]", HTMLElement).textContent = text("earlier", {
      version: earlier.rubric_version,
      score: shown(/** @type {number} */ (this.earlier.score)),
    });
    one(this.section, "[data-earlier-critique]", HTMLElement).textContent = this.earlier.critique;
  }

  /** @param {Answer} answer */
  show(answer) {
    const { key } = this.attribute;
    const score = answer.score(key);
    this.scale.show(score, answer.field(key, "score").from);
    one(this.section, "[data-score-value]", HTMLElement).textContent = score === null ? "" : shown(score);
    const critique = answer.critique(key);
    // Writing the same text back would move the cursor and break an input method's composition.
    if (this.textarea.value !== critique) this.textarea.value = critique;
    this.textarea.lang = guessLanguage(critique);
    this.showLength(critique);
    this.showEdits(answer, critique);
    one(this.section, "[data-use-again]", HTMLElement).hidden = critique === this.earlier?.critique;
    for (const name of NAMES) {
      this.showWhose(answer, name);
      this.proposed[name].show(answer);
    }
  }

  /** @param {string} critique */
  showLength(critique) {
    const length = measure(critique, this.attribute, this.language);
    const hint = one(this.section, "[data-length]", HTMLElement);
    hint.textContent = text(length.unit, { count: length.count, from: length.from, to: length.to });
    hint.dataset.fit = length.fit;
  }

  /**
   * Mark in an edited critique what was changed of the model's.
   *
   * @param {Answer} answer
   * @param {string} critique
   */
  showEdits(answer, critique) {
    const { key } = this.attribute;
    const place = one(this.section, "[data-edits]", HTMLElement);
    place.hidden = answer.field(key, "critique").from !== "edited";
    if (!place.hidden) showDifference(one(place, "p", HTMLElement), String(answer.proposed(key, "critique")), critique);
  }

  /**
   * Say whose the field's value is, where a model is in play.
   *
   * @param {Answer} answer
   * @param {Name} name
   */
  showWhose(answer, name) {
    const place = one(this.parts[name], "[data-whose]", HTMLElement);
    const { from } = answer.field(this.attribute.key, name);
    this.parts[name].dataset.from = from;
    place.replaceChildren();
    if (answer.form === "own" || from === "") return;
    const badge = part("model");
    const element = one(badge, ".badge", HTMLElement);
    const changed = from === "own" && answer.form === "reveal" && this.isChanged(answer, name);
    element.textContent = text(changed ? "whose-changed" : `whose-${from}`);
    element.classList.toggle("model", from !== "own");
    place.append(badge);
  }

  /**
   * @param {Answer} answer
   * @param {Name} name
   */
  isChanged(answer, name) {
    return answer.decision(this.attribute.key, name) !== "keep";
  }

  /**
   * Put the focus on a field: on its decision where there is one to make, else into the field itself.
   *
   * @param {Name} name
   * @param {boolean} editing - go into the field in any case
   */
  focus(name, editing) {
    const proposed = this.proposed[name];
    if (!editing && proposed.isOffered) proposed.focus();
    else if (name === "score") this.scale.focus();
    else this.textarea.focus({ preventScroll: true });
    this.parts[name].scrollIntoView({ block: "nearest" });
  }
}
