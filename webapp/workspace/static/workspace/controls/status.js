// @ts-check
/**
 * Say how things stand, in words: which form this is, progress, where the draft is, what is missing, that all is done.
 *
 * Expects: [data-form-line], [data-progress], [data-save-state], [data-save-said], [data-note], [data-nothing] as in
 * annotate/annotate.html.
 *
 * @typedef {import("../models/annotation.js").Annotation} Annotation
 */
import { hasWording, findOne, wording } from "./page-elements.js";

/** What the button says that sends each form. */
const LABELS = { own: "submit", prefilled: "submit", reveal: "finish", correction: "correct" };

export class Status {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.note = findOne(root, "[data-note]", HTMLElement);
  }

  /** @returns {string} what the note says */
  get words() {
    return this.note.textContent ?? "";
  }

  /**
   * @param {string} words
   * @param {"" | "success" | "warning" | "error" | "unseen"} [tone] - unseen: for screen readers only
   */
  say(words, tone = "") {
    this.note.textContent = words;
    this.note.dataset.tone = tone;
  }

  clear() {
    if (this.words) this.say("");
  }

  /**
   * @param {import("../models/api.js").ApiError} error
   * @returns {null}
   */
  fail(error) {
    const kind = error.kind && hasWording(`error-${error.kind}`) ? error.kind : "unavailable";
    const reason = Object.entries(error.fields ?? {})
      .map(([field, problem]) => `${field} ${problem}`)
      .join("; ");
    this.say(wording(`error-${kind}`, { reason: reason || error.message }), "error");
    return null;
  }

  /** @param {Annotation} annotation */
  showForm(annotation) {
    this.root.dataset.form = annotation.form;
    findOne(this.root, "[data-form-line]", HTMLElement).textContent = wording(`form-${annotation.form}`, {
      model: annotation.prefill?.model ?? "",
    });
    const label = wording(LABELS[annotation.form]);
    findOne(this.root, "[data-submit-label]", HTMLElement).textContent = label;
    findOne(this.root, '[data-do="accept-all"]', HTMLElement).hidden = !annotation.isWaiting();
    findOne(this.root, '[data-do="skip"]', HTMLElement).hidden = annotation.isStored;
  }

  /** @param {import("../models/api.js").Progress} progress */
  showProgress({ done, total }) {
    findOne(this.root, "[data-progress]", HTMLElement).textContent = wording("progress", { done, total });
  }

  /**
   * @param {import("../models/autosave.js").State} state
   * @param {number} pending - how many changes the server lacks
   */
  showSaved(state, pending) {
    const place = findOne(this.root, "[data-save-state]", HTMLElement);
    const words = wording(`save-${state}`, { count: pending });
    const isTroubled = !["saved", "saving"].includes(state);
    place.textContent = words;
    // Each save is not news to a screen reader; that one fails is, once, and so is that all is well again.
    const isNews = isTroubled ? place.dataset.state !== state : state === "saved" && "troubled" in place.dataset;
    if (isNews) findOne(this.root, "[data-save-said]", HTMLElement).textContent = words;
    if (isTroubled || state === "saved") place.toggleAttribute("data-troubled", isTroubled);
    place.dataset.state = state;
  }

  /**
   * Show a friendly page when there is no image.
   *
   * @param {string} reason - "done", "taken", "error" or a sentence
   * @param {string} [words]
   * @param {string} [news] - what was done just before
   */
  showNothing(reason, words = "", news = "") {
    this.root.dataset.stage = "nothing";
    const known = hasWording(`nothing-${reason}-title`);
    findOne(this.root, "[data-nothing]", HTMLElement).hidden = false;
    const title = findOne(this.root, "[data-nothing-title]", HTMLElement);
    title.textContent = wording(`nothing-${known ? reason : "taken"}-title`);
    const sentence = words || (known ? wording(`nothing-${reason}`) : reason) || wording("nothing-taken");
    findOne(this.root, "[data-nothing-words]", HTMLElement).textContent = [news, sentence].filter(Boolean).join(" ");
    title.focus();
  }

  /** @param {import("../models/assignment.js").Assignment["sent_back"]} sentBack - the word one's annotation came back with */
  showSentBack(sentBack) {
    findOne(this.root, "[data-sent-back]", HTMLElement).hidden = !sentBack;
    findOne(this.root, "[data-sent-back-words]", HTMLElement).textContent = sentBack?.text ?? "";
    if (sentBack) findOne(this.root, "[data-form-line]", HTMLElement).textContent = wording("form-sent-back");
  }

  hideNothing() {
    findOne(this.root, "[data-nothing]", HTMLElement).hidden = true;
  }
}
