// @ts-check
/**
 * Show the parts of the judgement as a strip of tabs, each with its state: score, length of the critique, whose it is.
 *
 * Expects: <div role="tablist"> with <button role="tab" data-tab="key"> holding [data-tab-state].
 *
 * @typedef {import("../models/annotation.js").Answer} Answer
 */
import { NAMES, SUBCATEGORY } from "../models/annotation.js";
import { measure } from "../models/critique-length.js";
import { shown } from "../models/scale.js";
import { all, one, text } from "./page-elements.js";

export class Strip {
  /**
   * @param {HTMLElement} root
   * @param {({key: string, name: string} & import("../models/critique-length.js").Target)[]} attributes
   * @param {string} language - of the page
   * @param {(unit: string) => void} open
   */
  constructor(root, attributes, language, open) {
    this.attributes = attributes;
    this.language = language;
    this.tabs = all(root, "[data-tab]");
    for (const tab of this.tabs) tab.addEventListener("click", () => open(tab.dataset.tab ?? ""));
    one(root, '[role="tablist"]', HTMLElement).addEventListener("keydown", (event) => this.onKey(event));
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    const here = this.tabs.findIndex((tab) => tab === document.activeElement);
    const to = { ArrowRight: here + 1, ArrowDown: here + 1, ArrowLeft: here - 1, ArrowUp: here - 1 }[event.key];
    const end = { Home: 0, End: this.tabs.length - 1 }[event.key];
    if (here < 0 || (to ?? end) === undefined) return;
    event.preventDefault();
    const tab = this.tabs.at((to ?? end ?? 0) % this.tabs.length);
    tab?.click();
    tab?.focus();
  }

  /** @param {string} unit */
  select(unit) {
    for (const tab of this.tabs) {
      const selected = tab.dataset.tab === unit;
      tab.setAttribute("aria-selected", String(selected));
      tab.tabIndex = selected ? 0 : -1;
    }
  }

  /** Put the focus on the open part's tab. */
  focus() {
    this.tabs.find((tab) => tab.tabIndex === 0)?.focus();
  }

  /**
   * @param {Answer} answer
   * @param {string} subcategory - the name of the chosen one
   */
  show(answer, subcategory) {
    const missing = answer.missing();
    for (const tab of this.tabs) {
      const unit = tab.dataset.tab ?? "";
      tab.dataset.state = this.stateOf(
        unit,
        missing.filter((one) => one.unit === unit),
      );
      const state = one(tab, "[data-tab-state]", HTMLElement);
      if (unit === SUBCATEGORY) state.textContent = subcategory || text("empty");
      else this.showAttribute(tab, state, answer, unit);
    }
  }

  /**
   * @param {HTMLElement} tab
   * @param {HTMLElement} state
   * @param {Answer} answer
   * @param {string} key
   */
  showAttribute(tab, state, answer, key) {
    const attribute = this.attributes.find((attribute) => attribute.key === key);
    if (!attribute) return;
    const length = measure(answer.critique(key), attribute, this.language);
    state.textContent = this.describe(answer, key, length);
    one(tab, "[data-tab-scores]", HTMLElement).textContent = this.scores(answer, key).join(" ");
    const bar = one(tab, "[data-tab-length]", HTMLElement);
    bar.dataset.fit = length.fit;
    bar.style.setProperty("--length", String(Math.min(length.count / length.from, 1)));
  }

  /**
   * @param {string} unit
   * @param {import("../models/annotation.js").Missing[]} lacking
   * @returns {"empty" | "begun" | "waiting" | "complete"}
   */
  stateOf(unit, lacking) {
    if (lacking.length === 0) return "complete";
    if (lacking.some(({ why }) => why === "waiting")) return "waiting";
    const expected = unit === SUBCATEGORY ? 1 : NAMES.length;
    return lacking.length === expected ? "empty" : "begun";
  }

  /**
   * @param {Answer} answer
   * @param {string} key
   * @returns {string[]} the score in force, and the model's where it stands in the form or beside it
   */
  scores(answer, key) {
    const score = answer.score(key);
    const waiting = answer.field(key, "score").from === "model";
    const scores = score === null ? [] : [`${waiting ? "✦" : ""}${shown(score)}`];
    if (answer.form !== "reveal" || !answer.prefill) return scores;
    const proposed = /** @type {number | null} */ (answer.proposed(key, "score"));
    return [...scores, `✦${proposed === null ? "–" : shown(proposed)}`];
  }

  /**
   * @param {Answer} answer
   * @param {string} key
   * @param {import("../models/critique-length.js").Length} length
   * @returns {string} the state in words, for screen readers
   */
  describe(answer, key, { unit, count }) {
    const score = answer.score(key);
    if (score === null && count === 0) return text("empty");
    const waiting = NAMES.some((name) => answer.field(key, name).from === "model");
    const parts = [
      score === null ? text("no-score") : shown(score),
      count === 0 ? text("no-critique") : text(`${unit}-short`, { count }),
      waiting ? text("to-look-at") : "",
      answer.form === "reveal" ? text("model-short", { score: this.scores(answer, key).at(-1) ?? "" }) : "",
    ];
    return parts.filter(Boolean).join(", ");
  }
}
