// @ts-check
/**
 * Put the model's prefill beside one's own, with a decision for each field; take it all away for a form without one.
 *
 * Nothing of this stands in the page before the server hands out a prefill: it is built from templates without data.
 *
 * @typedef {import("../models/annotation.js").Annotation} Annotation
 * @typedef {import("../models/annotation.js").FieldName} FieldName
 * @typedef {import("../models/annotation.js").Decision} Decision
 */
import { formatScore, distributionSpread } from "../models/scale.js";
import { diffTexts, similarity } from "../models/text-difference.js";
import { findAll, findOne, copyTemplate, wording } from "./page-elements.js";

/** Texts that share less than this of their words are shown without marks: nobody reads through so many holes. */
const LEAST_ALIKE = 0.5;
const MARKS = /** @type {const} */ ({ both: "span", old: "del", new: "ins" });

/**
 * Show a text with what changed in it marked: taken away, and added.
 *
 * @param {HTMLElement} place
 * @param {string} before
 * @param {string} after
 * @returns {number} how alike the two are, 0 to 1; below one half only the later text is shown
 */
export function showDifference(place, before, after) {
  const pieces = diffTexts(before, after);
  const likeness = similarity(pieces);
  const visible = likeness < LEAST_ALIKE ? [{ side: /** @type {const} */ ("both"), text: after }] : pieces;
  place.replaceChildren(
    ...visible.map(({ side, text }) => Object.assign(document.createElement(MARKS[side]), { textContent: text })),
  );
  return likeness;
}

export class PrefillField {
  /**
   * @param {HTMLElement} root - the element that holds the field (data-field)
   * @param {string} key - of the attribute
   * @param {FieldName} name - of the field
   * @param {(decision: Decision) => void} decide
   */
  constructor(root, key, name, decide) {
    this.key = key;
    this.name = name;
    this.decide = decide;
    this.decisionPlace = findOne(root, "[data-decision-place]", HTMLElement);
    this.place = findOne(root, "[data-prefill-place]", HTMLElement);
    this.root = root;
  }

  /**
   * Build the field's model side, or take it away.
   *
   * @param {Annotation} annotation
   */
  open(annotation) {
    this.decisionPlace.replaceChildren();
    this.place.replaceChildren();
    const beside = annotation.form === "reveal" && annotation.prefill !== null;
    this.root.classList.toggle("beside", beside);
    if (annotation.form === "own" || annotation.form === "correction") return;
    if (annotation.prefilled(this.key, this.name) !== null) this.addDecisions(annotation.form === "reveal");
    if (beside) this.place.append(copyTemplate(`prefill-${this.name}`));
  }

  /** @param {boolean} keepable */
  addDecisions(keepable) {
    const bar = copyTemplate("decision");
    for (const button of findAll(bar, "[data-decide]")) {
      const decision = /** @type {Decision} */ (button.dataset.decide);
      if (decision === (keepable ? "reject" : "keep")) button.remove();
      button.addEventListener("click", () => this.decide(decision));
    }
    this.decisionPlace.append(bar);
  }

  /** @param {Annotation} annotation */
  show(annotation) {
    const decision = annotation.decision(this.key, this.name);
    for (const button of findAll(this.decisionPlace, "[data-decide]")) {
      button.setAttribute("aria-pressed", String(button.dataset.decide === decision));
    }
    if (!this.place.hasChildNodes() || !annotation.prefill) return;
    findOne(this.place, ".badge", HTMLElement).textContent = annotation.prefill.model;
    if (this.name === "critique") return this.quote(annotation);
    findOne(this.place, "[data-words]", HTMLElement).textContent = this.difference(annotation);
  }

  /**
   * Quote the model's critique, with its differences from one's own marked.
   *
   * @param {Annotation} annotation
   */
  quote(annotation) {
    const critique = annotation.prefilled(this.key, "critique");
    const quote = findOne(this.place, "blockquote", HTMLElement);
    quote.classList.toggle("soft", critique === null);
    if (critique === null) quote.textContent = wording("model-no-critique");
    else this.showComparison(quote, String(critique), annotation.critique(this.key));
  }

  /**
   * @param {HTMLElement} quote
   * @param {string} theirs
   * @param {string} mine
   */
  showComparison(quote, theirs, mine) {
    const likeness = showDifference(quote, mine, theirs);
    const words = likeness === 1 ? "critique-same" : likeness < LEAST_ALIKE ? "critique-other" : "critique-marked";
    findOne(this.place, "[data-alike]", HTMLElement).textContent = wording(words);
  }

  /**
   * @param {Annotation} annotation
   * @returns {string} the model's score, held against one's own, in words
   */
  difference(annotation) {
    const theirs = /** @type {number | null} */ (annotation.prefilled(this.key, "score"));
    const mine = annotation.score(this.key);
    if (theirs === null) return wording("model-no-score");
    const score = formatScore(theirs);
    const distribution = annotation.distribution(this.key);
    const unsure = distribution
      ? ` ${wording("model-unsure", { spread: formatScore(distributionSpread(annotation.rubric.scale, distribution)) })}`
      : "";
    if (mine === null) return score + unsure;
    if (mine === theirs) return wording("model-same", { score }) + unsure;
    const points = formatScore(Math.abs(mine - theirs));
    return wording(mine < theirs ? "model-higher" : "model-lower", { score, points }) + unsure;
  }

  /** @returns {boolean} whether there is something to decide here */
  get hasDecision() {
    return this.decisionPlace.hasChildNodes();
  }

  /** Put the focus on the decision in force, or on accepting where none is made yet. */
  focus() {
    const buttons = findAll(this.decisionPlace, "[data-decide]");
    const pressed = buttons.find((button) => button.getAttribute("aria-pressed") === "true");
    (pressed ?? buttons[0]).focus({ preventScroll: true });
  }
}
