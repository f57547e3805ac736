// @ts-check
/**
 * Put what a model proposes beside one's own, with a decision for each field; take it all away for a form without one.
 *
 * Nothing of this stands in the page before the server hands out a proposal: it is built from templates without data.
 *
 * @typedef {import("./store.js").Answer} Answer
 * @typedef {import("./store.js").Name} Name
 * @typedef {import("./store.js").Decision} Decision
 */
import { all, one, part, text } from "./dom.js";
import { shown } from "./scale.js";

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
    const beside = answer.form === "reveal" && answer.proposal !== null;
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
      if (decision === "keep" && !keepable) button.remove();
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
    if (!this.place.hasChildNodes() || !answer.proposal) return;
    one(this.place, ".badge", HTMLElement).textContent = answer.proposal.model;
    if (this.name === "score") one(this.place, "[data-words]", HTMLElement).textContent = this.difference(answer);
    else this.quote(answer);
  }

  /** @param {Answer} answer */
  quote(answer) {
    const critique = answer.proposed(this.key, "critique");
    const quote = one(this.place, "blockquote", HTMLElement);
    quote.textContent = critique === null ? text("model-no-critique") : String(critique);
    quote.classList.toggle("soft", critique === null);
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
    if (mine === null) return score;
    if (mine === theirs) return text("model-same", { score });
    return text(mine < theirs ? "model-higher" : "model-lower", { score, points: shown(Math.abs(mine - theirs)) });
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
