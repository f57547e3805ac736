// @ts-check
/**
 * Put what a model proposes beside one's own, with a decision for each field; take it all away for a form without one.
 *
 * Nothing of this stands in the page before the server hands out a prefill: it is built from templates without data.
 *
 * @typedef {import("../models/annotation.js").Answer} Answer
 * @typedef {import("../models/annotation.js").Name} Name
 * @typedef {import("../models/annotation.js").Decision} Decision
 */
import { shown, spread } from "../models/scale.js";
import { diff, likeness } from "../models/text-difference.js";
import { all, one, part, text } from "./page-elements.js";

/** Texts that share less than this of their words are shown without marks: nobody reads through the holes of another. */
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
  const pieces = diff(before, after);
  const alike = likeness(pieces);
  const shown = alike < LEAST_ALIKE ? [{ side: /** @type {const} */ ("both"), text: after }] : pieces;
  place.replaceChildren(
    ...shown.map(({ side, text }) => Object.assign(document.createElement(MARKS[side]), { textContent: text })),
  );
  return alike;
}

export class ProposedField {
  /**
   * @param {HTMLElement} root - the part of the page that holds the field (data-part)
   * @param {string} key - of the attribute
   * @param {Name} name - of the field
   * @param {(decision: Decision) => void} decide
   */
  constructor(root, key, name, decide) {
    this.key = key;
    this.name = name;
    this.decide = decide;
    this.decisionPlace = one(root, "[data-decision-place]", HTMLElement);
    this.place = one(root, "[data-proposed-place]", HTMLElement);
    this.root = root;
  }

  /**
   * Build the field's model side, or take it away.
   *
   * @param {Answer} answer
   */
  open(answer) {
    this.decisionPlace.replaceChildren();
    this.place.replaceChildren();
    const beside = answer.form === "reveal" && answer.prefill !== null;
    this.root.classList.toggle("beside", beside);
    if (answer.form === "own" || answer.form === "correction") return;
    if (answer.proposed(this.key, this.name) !== null) this.addDecisions(answer.form === "reveal");
    if (beside) this.place.append(part(`proposed-${this.name}`));
  }

  /** @param {boolean} keepable */
  addDecisions(keepable) {
    const bar = part("decision");
    for (const button of all(bar, "[data-decide]")) {
      const decision = /** @type {Decision} */ (button.dataset.decide);
      if (decision === (keepable ? "reject" : "keep")) button.remove();
      button.addEventListener("click", () => this.decide(decision));
    }
    this.decisionPlace.append(bar);
  }

  /** @param {Answer} answer */
  show(answer) {
    const decision = answer.decision(this.key, this.name);
    for (const button of all(this.decisionPlace, "[data-decide]")) {
      button.setAttribute("aria-pressed", String(button.dataset.decide === decision));
    }
    if (!this.place.hasChildNodes() || !answer.prefill) return;
    one(this.place, ".badge", HTMLElement).textContent = answer.prefill.model;
    if (this.name === "score") one(this.place, "[data-words]", HTMLElement).textContent = this.difference(answer);
    else this.quote(answer);
  }

  /**
   * Quote the model's critique, with its differences from one's own marked.
   *
   * @param {Answer} answer
   */
  quote(answer) {
    const critique = answer.proposed(this.key, "critique");
    const quote = one(this.place, "blockquote", HTMLElement);
    quote.classList.toggle("soft", critique === null);
    if (critique === null) quote.textContent = text("model-no-critique");
    else this.compare(quote, String(critique), answer.critique(this.key));
  }

  /**
   * @param {HTMLElement} quote
   * @param {string} theirs
   * @param {string} mine
   */
  compare(quote, theirs, mine) {
    const alike = showDifference(quote, mine, theirs);
    const words = alike === 1 ? "critique-same" : alike < LEAST_ALIKE ? "critique-other" : "critique-marked";
    one(this.place, "[data-alike]", HTMLElement).textContent = text(words);
  }

  /**
   * @param {Answer} answer
   * @returns {string} the model's score, held against one's own, in words
   */
  difference(answer) {
    const theirs = /** @type {number | null} */ (answer.proposed(this.key, "score"));
    const mine = answer.score(this.key);
    if (theirs === null) return text("model-no-score");
    const score = shown(theirs);
    const distribution = answer.distribution(this.key);
    const unsure = distribution
      ? ` ${text("model-unsure", { spread: shown(spread(answer.rubric.scale, distribution)) })}`
      : "";
    if (mine === null) return score + unsure;
    if (mine === theirs) return text("model-same", { score }) + unsure;
    const points = shown(Math.abs(mine - theirs));
    return text(mine < theirs ? "model-higher" : "model-lower", { score, points }) + unsure;
  }

  /** @returns {boolean} whether there is something to decide here */
  get isOffered() {
    return this.decisionPlace.hasChildNodes();
  }

  /** Put the focus on the decision in force, or on accepting where none is made yet. */
  focus() {
    const buttons = all(this.decisionPlace, "[data-decide]");
    const pressed = buttons.find((button) => button.getAttribute("aria-pressed") === "true");
    (pressed ?? buttons[0]).focus({ preventScroll: true });
  }
}
