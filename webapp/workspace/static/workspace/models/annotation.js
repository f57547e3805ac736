// @ts-check
/**
 * One annotation while it is made: each field's value, where it comes from, and what is still missing.
 * The page listens and draws.
 *
 * Four forms: "own" (no model in sight), "prefilled" (the model's values stand in the form until somebody has looked
 * at them) and "reveal" (the first revision is stored, the prefill stands beside it, each field is kept unless changed)
 * and "correction" (one's own annotation, opened once more).
 *
 * @typedef {"own" | "prefilled" | "reveal" | "correction"} Form
 * @typedef {"score" | "critique"} FieldName
 * @typedef {"keep" | "accept" | "edit" | "reject" | ""} Decision - "" none yet
 * @typedef {number | string | null} Value - a score or null, a critique
 * @typedef {{value: Value, origin: Origin}} FieldValue
 * @typedef {FieldValue & {first: FieldValue, edited: FieldValue | null}} Field - first: as the form was opened; edited:
 *   one's own change, kept while the field shows something else
 * @typedef {{part: string, name: FieldName | "subcategory", why: "missing" | "waiting" | "changed"}} Missing
 * @typedef {{state: string, prefill: Prefill | null, first_revision: AnnotationContent | null,
 *   final_revision?: AnnotationContent | null,
 *   earlier_annotation?: import("./assignment.js").EarlierAnnotation | null}} Opened - what is needed of an assignment
 * @typedef {import("./assignment.js").Origin} Origin
 * @typedef {import("./assignment.js").Judgement} Judgement
 * @typedef {import("./assignment.js").Prefill} Prefill
 * @typedef {import("./assignment.js").Rubric} Rubric
 * @typedef {import("./assignment.js").AnnotationContent} AnnotationContent
 */
import { guessLanguage } from "./critique-length.js";
import { holisticScore } from "./holistic-score.js";
import { readPins } from "./pins.js";
import { isOnScale } from "./scale.js";

export const SUBCATEGORY = "subcategory";
/** @type {FieldName[]} */
export const FIELDS = ["score", "critique"];
/** @type {Record<FieldName, FieldValue>} */
const EMPTY = { score: { value: null, origin: "" }, critique: { value: "", origin: "" } };

/** @type {Map<string, Form>} the form by the state of the assignment; an open one depends on the prefill */
const FORMS = new Map([
  ["committed", "reveal"],
  ["done", "correction"],
]);

export class Annotation {
  /**
   * @param {Rubric} rubric
   * @param {Opened} assignment
   */
  constructor(rubric, { state, prefill, first_revision, final_revision, earlier_annotation: earlier }) {
    this.rubric = rubric;
    this.prefill = prefill;
    this.earlier = earlier ?? null;
    /** @type {Form} */
    this.form = FORMS.get(state) ?? (prefill ? "prefilled" : "own");
    const first = (this.form === "correction" ? final_revision : first_revision) ?? null;
    /** Whether an annotation to this image is stored already. */
    this.isStored = first !== null;
    this.subcategory = first?.subcategory ?? "";
    this.keys = rubric.attributes.map(({ key }) => key);
    this.parts = [SUBCATEGORY, ...this.keys];
    /** @type {Set<() => void>} */
    this.listeners = new Set();
    /** @type {Map<string, Record<FieldName, Field>>} */
    this.fields = new Map(this.keys.map((key) => [key, this.openFields(key, first?.judgements[key])]));
    /** @type {Map<string, number>} how many characters of each critique were pasted */
    this.pasted = new Map(this.keys.map((key) => [key, first?.judgements[key]?.pasted ?? 0]));
    /** @type {Map<string, import("./pins.js").Pin[]>} the places on the image that each critique speaks of */
    this.pins = new Map(this.keys.map((key) => [key, readPins(first?.judgements[key]?.pins)]));
    /** @type {Map<string, Api.RubricChange[]>} what changed in the rubric of the parts that were filled in before */
    this.toLookAt = new Map();
    /** The rubric's version that what stands here was written by, until all of it was looked at. */
    this.writtenBy = rubric.version;
  }

  /**
   * Mark the parts that were filled in by an earlier version of the rubric and that it asks otherwise by now.
   *
   * @param {number} version - the earlier one
   * @param {Api.RubricChange[] | null} changes - null when they cannot be had: then all that is filled in is marked
   * @param {string[]} lookedAt - parts that were looked at since
   */
  markChanges(version, changes, lookedAt) {
    for (const part of this.parts) {
      const here = changes?.filter((change) => change.part === part || (!change.part && part === SUBCATEGORY)) ?? [];
      const isTouched = (changes === null || here.length > 0) && this.isFilledIn(part) && !lookedAt.includes(part);
      if (isTouched) this.toLookAt.set(part, here);
    }
    if (this.toLookAt.size) this.writtenBy = version;
    this.lookedAt = lookedAt;
  }

  /** @param {string} part - whose change of the rubric somebody has looked at */
  lookAt(part) {
    this.toLookAt.delete(part);
    this.lookedAt = [...(this.lookedAt ?? []), part];
    if (!this.toLookAt.size) this.writtenBy = this.rubric.version;
    this.notify();
  }

  /** @param {string} part */
  isFilledIn(part) {
    if (part === SUBCATEGORY) return Boolean(this.subcategory);
    return this.score(part) !== null || this.critique(part) !== "";
  }

  /** @returns {{rubric_version: number, looked_at: string[]}} by which rubric a draft was written */
  standing() {
    const isOld = this.writtenBy !== this.rubric.version;
    return { rubric_version: this.writtenBy, looked_at: isOld ? (this.lookedAt ?? []) : [] };
  }

  /**
   * @param {string} key
   * @param {Judgement | undefined} judgement - in the first annotation
   * @returns {Record<FieldName, Field>}
   */
  openFields(key, judgement) {
    /** @param {FieldName} name */
    const field = (name) => {
      const prefilled = this.form === "prefilled" ? this.prefilled(key, name) : null;
      let first = prefilled === null ? EMPTY[name] : { value: prefilled, origin: /** @type {Origin} */ ("model") };
      if (judgement) first = { value: judgement[name], origin: judgement[`${name}_origin`] };
      return { ...first, first, edited: null };
    };
    return { score: field("score"), critique: field("critique") };
  }

  /**
   * @param {string} key
   * @param {FieldName} name
   * @returns {Field}
   */
  field(key, name) {
    return /** @type {Record<FieldName, Field>} */ (this.fields.get(key))[name];
  }

  /** @param {string} key */
  score(key) {
    return /** @type {number | null} */ (this.field(key, "score").value);
  }

  /** @param {string} key */
  critique(key) {
    return /** @type {string} */ (this.field(key, "critique").value);
  }

  /**
   * @param {string} key
   * @param {FieldName} name
   * @returns {Value} what the model prefills here; null where it gives nothing
   */
  prefilled(key, name) {
    if (name === "score") return this.prefill?.scores[key] ?? null;
    return this.prefill?.critiques[key] || null;
  }

  /**
   * @param {string} key
   * @returns {number[] | null} the probabilities of the model's overall score, for the attribute it prefills: the one
   *   without weight
   */
  distribution(key) {
    const isOverall = this.rubric.attributes.some((attribute) => attribute.key === key && attribute.weight === 0);
    return isOverall ? (this.prefill?.distribution ?? null) : null;
  }

  /** @param {string} subcategory */
  setSubcategory(subcategory) {
    this.subcategory = subcategory;
    this.notify();
  }

  /**
   * Set a field by hand. What began as the model's is accepted when it equals it, else edited, and one's own once it
   * was emptied.
   *
   * @param {string} key
   * @param {FieldName} name
   * @param {Value} value
   */
  set(key, name, value) {
    const field = this.field(key, name);
    const origin = this.originAfter(field.origin, value, this.prefilled(key, name));
    Object.assign(field, { value, origin, edited: null });
    if (name === "critique" && value === "") this.pasted.set(key, 0);
    this.notify();
  }

  /**
   * Count characters that come into a critique by pasting, not by typing.
   *
   * @param {string} key
   * @param {number} characters
   */
  paste(key, characters) {
    this.pasted.set(key, (this.pasted.get(key) ?? 0) + characters);
  }

  /**
   * @param {string} key
   * @param {import("./pins.js").Pin[]} pins
   */
  setPins(key, pins) {
    this.pins.set(key, pins);
    this.notify();
  }

  /**
   * @param {Origin} origin
   * @param {Value} value
   * @param {Value} prefilled
   * @returns {Origin}
   */
  originAfter(origin, value, prefilled) {
    if (value === null || value === "") return "";
    if (origin === "" || origin === "own") return "own";
    return value === prefilled ? "accepted" : "edited";
  }

  /**
   * Decide a field: keep what stood there when the form was opened, accept the model's, edit, or reject what the model
   * put there. Changes made by hand are put aside by the others and brought back by "edit".
   *
   * @param {string} key
   * @param {FieldName} name
   * @param {Decision} decision
   */
  decide(key, name, decision) {
    const field = this.field(key, name);
    const prefilled = this.prefilled(key, name);
    if (decision === "accept" && prefilled === null) return;
    const aside = this.isByHand(field) ? { value: field.value, origin: field.origin } : field.edited;
    if (decision === "keep") Object.assign(field, field.first, { edited: aside });
    if (decision === "accept") Object.assign(field, { value: prefilled, origin: "accepted", edited: aside });
    if (decision === "reject") Object.assign(field, EMPTY[name], { edited: aside });
    if (decision === "edit" && field.edited) Object.assign(field, field.edited, { edited: null });
    this.notify();
  }

  /**
   * @param {Field} field
   * @returns {boolean} whether it shows a change made by hand
   */
  isByHand({ value, origin, first }) {
    const isFirst = value === first.value && origin === first.origin;
    return (origin === "own" || origin === "edited") && !(this.form === "reveal" && isFirst);
  }

  /**
   * @param {string} key
   * @param {FieldName} name
   * @returns {Decision} what the field's present value amounts to
   */
  decision(key, name) {
    const { value, origin, first } = this.field(key, name);
    if (this.form === "reveal" && value === first.value && origin === first.origin) return "keep";
    if (origin === "accepted" || origin === "bulk") return "accept";
    if (origin === "edited") return "edit";
    if (this.form === "prefilled") return origin !== "model" && this.prefilled(key, name) !== null ? "reject" : "";
    return origin === "" ? "" : "edit";
  }

  /** Accept everything of the model's that nobody has looked at one by one; it is marked as accepted together. */
  acceptAll() {
    for (const { part, name } of this.missing().filter(({ why }) => why === "waiting")) {
      Object.assign(this.field(part, /** @type {FieldName} */ (name)), { origin: "bulk" });
    }
    this.notify();
  }

  /** @returns {Missing[]} in the order of the form */
  missing() {
    /** @type {Missing[]} */
    const missing = [];
    if (!this.subcategory) missing.push({ part: SUBCATEGORY, name: SUBCATEGORY, why: "missing" });
    else if (this.toLookAt.has(SUBCATEGORY)) missing.push({ part: SUBCATEGORY, name: SUBCATEGORY, why: "changed" });
    for (const part of this.keys) {
      for (const name of FIELDS) {
        const { value, origin } = this.field(part, name);
        if (value === null || !String(value).trim()) missing.push({ part, name, why: "missing" });
        else if (origin === "model") missing.push({ part, name, why: "waiting" });
      }
      if (this.toLookAt.has(part)) missing.push({ part, name: "score", why: "changed" });
    }
    return missing;
  }

  /** @returns {boolean} whether anything of the model's stands in the form that nobody has looked at */
  isWaiting() {
    return this.missing().some(({ why }) => why === "waiting");
  }

  /** @returns {number | null} the weighted sum, once all weighted attributes have scores */
  holistic() {
    return holisticScore(this.rubric.attributes, (key) => this.score(key));
  }

  /** @returns {number} how many fields the person has filled in, or decided on what the model put there */
  given() {
    const fields = this.keys.flatMap((key) => FIELDS.map((name) => this.field(key, name)));
    return fields.filter(({ origin }) => !["", "model"].includes(origin)).length + (this.subcategory ? 1 : 0);
  }

  /** @returns {AnnotationContent} what the annotation says so far */
  content() {
    const judgements = this.keys.map((key) => [key, this.judgement(key)]);
    return { subcategory: this.subcategory, judgements: Object.fromEntries(judgements) };
  }

  /**
   * @param {string} key
   * @returns {Judgement}
   */
  judgement(key) {
    const critique = this.critique(key);
    return {
      score: this.score(key),
      critique,
      language: guessLanguage(critique),
      score_origin: this.field(key, "score").origin,
      critique_origin: this.field(key, "critique").origin,
      pasted: this.pasted.get(key) ?? 0,
      pins: this.pins.get(key) ?? [],
    };
  }

  /**
   * Take over what was said before: a draft from the server or from this browser. What does not fit is left out.
   *
   * @param {any} draft
   */
  restore(draft) {
    if (["", ...this.rubric.subcategories].includes(draft?.subcategory)) this.subcategory = draft.subcategory;
    for (const key of this.keys) {
      const { score, critique, score_origin, critique_origin, pasted, pins } = draft?.judgements?.[key] ?? {};
      this.pasted.set(key, Number.isInteger(pasted) ? pasted : 0);
      this.pins.set(key, readPins(pins));
      if (score === null || isOnScale(this.rubric.scale, score)) this.putBack(key, "score", score, score_origin);
      if (typeof critique === "string") this.putBack(key, "critique", critique, critique_origin);
    }
    this.notify();
  }

  /**
   * @param {string} key
   * @param {FieldName} name
   * @param {Value} value
   * @param {unknown} origin
   */
  putBack(key, name, value, origin) {
    const isKnown = ["model", "accepted", "bulk", "edited"].includes(String(origin));
    // Only what a model prefilled can have come from it.
    const known = isKnown && this.prefilled(key, name) !== null;
    const empty = value === null || value === "";
    Object.assign(this.field(key, name), { value, origin: empty ? "" : known ? origin : "own" });
  }

  notify() {
    for (const listener of this.listeners) listener();
  }
}
