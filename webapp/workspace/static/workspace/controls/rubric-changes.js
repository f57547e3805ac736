// @ts-check
/**
 * Mark the parts whose rubric changed while the annotation was half written: what changed, and that somebody has looked.
 *
 * Expects: <aside data-rubric-change hidden> with <ul data-rubric-edits> and <button data-looked-at> in each
 * <section data-part="key">, and template-rubric-edit.
 *
 * @typedef {import("../models/annotation.js").Annotation} Annotation
 */
import { findAll, findOne, copyTemplate } from "./page-elements.js";

export class RubricChanges {
  /** @param {HTMLElement} root */
  constructor(root) {
    /** @type {Annotation | null} */
    this.annotation = null;
    this.places = new Map(
      findAll(root, "[data-rubric-change]").map((place) => [
        /** @type {HTMLElement} */ (place.closest("[data-part]")).dataset.part ?? "",
        place,
      ]),
    );
    for (const [part, place] of this.places) {
      findOne(place, "[data-looked-at]", HTMLElement).addEventListener("click", () => this.annotation?.lookAt(part));
    }
  }

  /** @param {Annotation} annotation */
  open(annotation) {
    this.annotation = annotation;
    for (const [part, place] of this.places) {
      const edits = annotation.toLookAt.get(part) ?? [];
      findOne(place, "[data-rubric-edits]", HTMLElement).replaceChildren(...edits.map((edit) => this.entry(edit)));
    }
    this.show(annotation);
  }

  /** @param {Annotation} annotation */
  show(annotation) {
    for (const [part, place] of this.places) place.hidden = !annotation.toLookAt.has(part);
  }

  /** @param {Api.RubricChange} edit */
  entry({ label, before, after }) {
    const item = copyTemplate("rubric-edit");
    findOne(item, "[data-label]", HTMLElement).textContent = label;
    for (const [name, words] of Object.entries({ before, after })) {
      const place = findOne(item, `[data-${name}]`, HTMLElement);
      place.textContent = words;
      place.hidden = words === null;
    }
    return item;
  }
}
