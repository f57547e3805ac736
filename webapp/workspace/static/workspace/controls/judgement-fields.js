// @ts-check
/**
 * Tie one judgement's fields, score and critique, to the annotation.
 *
 * Expects: <section data-part="key"> with [data-field="score"] and [data-field="critique"], as in
 * annotate/judgement.html.
 *
 * @typedef {import("../models/annotation.js").Annotation} Annotation
 * @typedef {import("../models/annotation.js").FieldName} FieldName
 * @typedef {import("../models/assignment.js").Origin} Origin
 * @typedef {import("../models/critique-length.js").Target} Target
 */
import { FIELDS } from "../models/annotation.js";
import { guessLanguage, measureCritique } from "../models/critique-length.js";
import { formatScore } from "../models/scale.js";
import { findOne, copyTemplate, wording } from "./page-elements.js";
import { PrefillField, showDifference } from "./prefill-field.js";
import { ScaleView } from "./scale-view.js";

/** How text comes in that nobody typed. */
const INSERTED = new Set(["insertFromPaste", "insertFromDrop", "insertFromYank", "insertFromPasteAsQuotation"]);

/** @param {InputEvent} event */
function insertedText(event) {
  return event.data ?? event.dataTransfer?.getData("text/plain") ?? "";
}

export class JudgementFields {
  /**
   * @param {HTMLElement} section
   * @param {Target & {key: string}} attribute
   * @param {object} form
   * @param {import("../models/scale.js").Scale} form.scale
   * @param {string} form.language - of the page
   * @param {(key: string, name: FieldName, value: number | string | null) => void} form.set
   * @param {(key: string, characters: number) => void} form.paste
   * @param {(key: string, name: FieldName, decision: import("../models/annotation.js").Decision) => void} form.decide
   * @param {(key: string, name: FieldName) => void} form.go - put the focus on a field
   */
  constructor(section, attribute, { scale, language, set, paste, decide, go }) {
    const { key } = attribute;
    this.section = section;
    this.attribute = attribute;
    this.language = language;
    this.fields = { score: this.fieldElement("score"), critique: this.fieldElement("critique") };
    this.scale = new ScaleView(this.fields.score, key, scale, {
      choose: (score) => set(key, "score", score),
      enter: () => go(key, "critique"),
    });
    this.textarea = findOne(section, "textarea", HTMLTextAreaElement);
    this.textarea.addEventListener("beforeinput", (event) => {
      if (INSERTED.has(event.inputType)) paste(key, insertedText(event).length);
    });
    this.textarea.addEventListener("input", () => set(key, "critique", this.textarea.value));
    /** @type {import("../models/assignment.js").Judgement | null} */
    this.earlier = null;
    findOne(section, "[data-use-again]", HTMLElement).addEventListener("click", () => {
      set(key, "critique", this.earlier?.critique ?? "");
      go(key, "critique");
    });
    /** @type {Record<FieldName, PrefillField>} */
    this.prefillFields = {
      score: new PrefillField(this.fields.score, key, "score", (decision) => decide(key, "score", decision)),
      critique: new PrefillField(this.fields.critique, key, "critique", (decision) =>
        decide(key, "critique", decision),
      ),
    };
  }

  /** @param {FieldName} name */
  fieldElement(name) {
    return findOne(this.section, `[data-field="${name}"]`, HTMLElement);
  }

  /**
   * Make the fields ready for another annotation.
   *
   * @param {Annotation} annotation
   */
  open(annotation) {
    const { key } = this.attribute;
    for (const name of FIELDS) this.prefillFields[name].open(annotation);
    this.scale.unmark();
    const prefilled = /** @type {number | null} */ (annotation.prefilled(key, "score"));
    if (prefilled !== null) this.scale.mark(prefilled, wording("point-model", { score: formatScore(prefilled) }));
    const distribution = annotation.distribution(key);
    if (distribution) this.scale.drawShares(distribution);
    this.showEarlier(annotation.earlier);
    this.show(annotation);
  }

  /** @param {import("../models/assignment.js").EarlierAnnotation | null} earlier - from before the rubric changed */
  showEarlier(earlier) {
    this.earlier = earlier?.judgements[this.attribute.key] ?? null;
    findOne(this.section, "[data-earlier]", HTMLElement).hidden = this.earlier === null;
    if (!earlier || !this.earlier) return;
    findOne(this.section, "[data-earlier-words]", HTMLElement).textContent = wording("earlier", {
      version: earlier.rubric_version,
      score: formatScore(/** @type {number} */ (this.earlier.score)),
    });
    findOne(this.section, "[data-earlier-critique]", HTMLElement).textContent = this.earlier.critique;
  }

  /** @param {Annotation} annotation */
  show(annotation) {
    const { key } = this.attribute;
    const score = annotation.score(key);
    this.scale.show(score, annotation.field(key, "score").origin);
    findOne(this.section, "[data-score-value]", HTMLElement).textContent = score === null ? "" : formatScore(score);
    const critique = annotation.critique(key);
    // Writing the same text back would move the cursor and break an input method's composition.
    if (this.textarea.value !== critique) this.textarea.value = critique;
    this.textarea.lang = guessLanguage(critique);
    this.showLength(critique);
    this.showEdits(annotation, critique);
    findOne(this.section, "[data-use-again]", HTMLElement).hidden = critique === this.earlier?.critique;
    for (const name of FIELDS) {
      this.showWhose(annotation, name);
      this.prefillFields[name].show(annotation);
    }
  }

  /** @param {string} critique */
  showLength(critique) {
    const length = measureCritique(critique, this.attribute, this.language);
    const hint = findOne(this.section, "[data-length]", HTMLElement);
    hint.textContent = wording(length.unit, { count: length.count, from: length.from, to: length.to });
    hint.dataset.fit = length.fit;
  }

  /**
   * Mark in an edited critique what was changed of the model's.
   *
   * @param {Annotation} annotation
   * @param {string} critique
   */
  showEdits(annotation, critique) {
    const { key } = this.attribute;
    const place = findOne(this.section, "[data-edits]", HTMLElement);
    place.hidden = annotation.field(key, "critique").origin !== "edited";
    if (place.hidden) return;
    showDifference(findOne(place, "p", HTMLElement), String(annotation.prefilled(key, "critique")), critique);
  }

  /**
   * Say whose the field's value is, where a model is in play.
   *
   * @param {Annotation} annotation
   * @param {FieldName} name
   */
  showWhose(annotation, name) {
    const place = findOne(this.fields[name], "[data-whose]", HTMLElement);
    const { origin } = annotation.field(this.attribute.key, name);
    this.fields[name].dataset.origin = origin;
    place.replaceChildren();
    if (annotation.form === "own" || origin === "") return;
    const badge = copyTemplate("model");
    const element = findOne(badge, ".badge", HTMLElement);
    const changed = origin === "own" && annotation.form === "reveal" && this.isChanged(annotation, name);
    element.textContent = wording(changed ? "whose-changed" : `whose-${origin}`);
    element.classList.toggle("model", origin !== "own");
    place.append(badge);
  }

  /**
   * @param {Annotation} annotation
   * @param {FieldName} name
   */
  isChanged(annotation, name) {
    return annotation.decision(this.attribute.key, name) !== "keep";
  }

  /**
   * Put the focus on a field: on its decision where there is one to make, else into the field itself.
   *
   * @param {FieldName} name
   * @param {boolean} editing - go into the field in any case
   */
  focus(name, editing) {
    const prefilled = this.prefillFields[name];
    if (!editing && prefilled.hasDecision) prefilled.focus();
    else if (name === "score") this.scale.focus();
    else this.textarea.focus({ preventScroll: true });
    this.fields[name].scrollIntoView({ block: "nearest" });
  }
}
