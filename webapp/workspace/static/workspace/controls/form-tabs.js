// @ts-check
/**
 * Show the parts of the judgement as a strip of tabs, each with its state: score, length of the critique, whose it is.
 *
 * Expects: <div role="tablist"> with <button role="tab" data-tab="key"> holding [data-tab-state].
 *
 * @typedef {import("../models/annotation.js").Annotation} Annotation
 */
import { FIELDS, SUBCATEGORY } from "../models/annotation.js";
import { measureCritique } from "../models/critique-length.js";
import { formatScore } from "../models/scale.js";
import { findAll, findOne, wording } from "./page-elements.js";

export class FormTabs {
  /**
   * @param {HTMLElement} root
   * @param {({key: string, name: string} & import("../models/critique-length.js").Target)[]} attributes
   * @param {string} language - of the page
   * @param {(part: string) => void} open
   */
  constructor(root, attributes, language, open) {
    this.attributes = attributes;
    this.language = language;
    this.tabs = findAll(root, "[data-tab]");
    for (const tab of this.tabs) tab.addEventListener("click", () => open(tab.dataset.tab ?? ""));
    findOne(root, '[role="tablist"]', HTMLElement).addEventListener("keydown", (event) => this.onKey(event));
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    const position = this.tabs.findIndex((tab) => tab === document.activeElement);
    const [next, previous] = [position + 1, position - 1];
    const target = { ArrowRight: next, ArrowDown: next, ArrowLeft: previous, ArrowUp: previous }[event.key];
    const end = { Home: 0, End: this.tabs.length - 1 }[event.key];
    if (position < 0 || (target ?? end) === undefined) return;
    event.preventDefault();
    const tab = this.tabs.at((target ?? end ?? 0) % this.tabs.length);
    tab?.click();
    tab?.focus();
  }

  /** @param {string} part */
  select(part) {
    for (const tab of this.tabs) {
      const selected = tab.dataset.tab === part;
      tab.setAttribute("aria-selected", String(selected));
      tab.tabIndex = selected ? 0 : -1;
    }
  }

  /** Put the focus on the open part's tab. */
  focus() {
    this.tabs.find((tab) => tab.tabIndex === 0)?.focus();
  }

  /**
   * @param {Annotation} annotation
   * @param {string} subcategory - the name of the chosen one
   */
  show(annotation, subcategory) {
    const missing = annotation.missing();
    for (const tab of this.tabs) {
      const part = tab.dataset.tab ?? "";
      tab.dataset.state = this.stateOf(
        part,
        missing.filter((one) => one.part === part),
      );
      const state = findOne(tab, "[data-tab-state]", HTMLElement);
      if (part === SUBCATEGORY) state.textContent = subcategory || wording("empty");
      else this.showAttribute(tab, state, annotation, part);
    }
  }

  /**
   * @param {HTMLElement} tab
   * @param {HTMLElement} state
   * @param {Annotation} annotation
   * @param {string} key
   */
  showAttribute(tab, state, annotation, key) {
    const attribute = this.attributes.find((attribute) => attribute.key === key);
    if (!attribute) return;
    const length = measureCritique(annotation.critique(key), attribute, this.language);
    state.textContent = this.describe(annotation, key, length);
    findOne(tab, "[data-tab-scores]", HTMLElement).textContent = this.scores(annotation, key).join(" ");
    const bar = findOne(tab, "[data-tab-length]", HTMLElement);
    bar.dataset.fit = length.fit;
    bar.style.setProperty("--length", String(Math.min(length.count / length.from, 1)));
  }

  /**
   * @param {string} part
   * @param {import("../models/annotation.js").Missing[]} missing
   * @returns {"empty" | "begun" | "waiting" | "complete"}
   */
  stateOf(part, missing) {
    if (missing.length === 0) return "complete";
    if (missing.some(({ why }) => why !== "missing")) return "waiting";
    const expected = part === SUBCATEGORY ? 1 : FIELDS.length;
    return missing.length === expected ? "empty" : "begun";
  }

  /**
   * @param {Annotation} annotation
   * @param {string} key
   * @returns {string[]} the score in force, and the model's where it stands in the form or beside it
   */
  scores(annotation, key) {
    const score = annotation.score(key);
    const isPrefill = annotation.field(key, "score").origin === "model";
    const scores = score === null ? [] : [`${isPrefill ? "✦" : ""}${formatScore(score)}`];
    if (annotation.form !== "reveal" || !annotation.prefill) return scores;
    const prefilled = /** @type {number | null} */ (annotation.prefilled(key, "score"));
    return [...scores, `✦${prefilled === null ? "–" : formatScore(prefilled)}`];
  }

  /**
   * @param {Annotation} annotation
   * @param {string} key
   * @param {import("../models/critique-length.js").Length} length
   * @returns {string} the state in words, for screen readers
   */
  describe(annotation, key, { unit, count }) {
    const score = annotation.score(key);
    if (score === null && count === 0) return wording("empty");
    const hasPrefill = FIELDS.some((name) => annotation.field(key, name).origin === "model");
    const parts = [
      score === null ? wording("no-score") : formatScore(score),
      count === 0 ? wording("no-critique") : wording(`${unit}-short`, { count }),
      hasPrefill ? wording("to-look-at") : "",
      annotation.form === "reveal" ? wording("model-short", { score: this.scores(annotation, key).at(-1) ?? "" }) : "",
    ];
    return parts.filter(Boolean).join(", ");
  }
}
