// @ts-check
/**
 * Hold one answer while it is made: each field's value, where it comes from, and what is still missing.
 * The page listens and draws.
 *
 * Four forms: "own" (no model in sight), "prefilled" (the model's values stand in the form until somebody has looked
 * at them) and "reveal" (the first answer is stored, the model's stands beside it, each field is kept unless changed)
 * and "correction" (one's own final answer, opened once more).
 *
 * @typedef {"own" | "prefilled" | "reveal" | "correction"} Form
 * @typedef {"score" | "critique"} Name
 * @typedef {"keep" | "accept" | "edit" | "reject" | ""} Decision - "" none yet
 * @typedef {number | string | null} Value - a score or null, a critique
 * @typedef {{value: Value, from: From}} Content
 * @typedef {Content & {first: Content, edited: Content | null}} Field - first: as the form was opened; edited: one's
 *   own change, kept while the field shows something else
 * @typedef {{unit: string, name: Name | "subcategory", why: "missing" | "waiting"}} Missing
 * @typedef {{state: string, prefill: Prefill | null, first_answer: Said | null, final_answer?: Said | null,
 *   earlier_answer?: import("./assignment.js").Earlier | null}} Opened - what is needed of an assignment
 * @typedef {import("./assignment.js").From} From
 * @typedef {import("./assignment.js").Judgement} Judgement
 * @typedef {import("./assignment.js").Prefill} Prefill
 * @typedef {import("./assignment.js").Rubric} Rubric
 * @typedef {import("./assignment.js").Said} Said
 */
import { guessLanguage } from "./critique-length.js";
import { holistic } from "./holistic-score.js";
import { readPins } from "./pins.js";
import { isOnScale } from "./scale.js";

export const SUBCATEGORY = "subcategory";
/** @type {Name[]} */
export const NAMES = ["score", "critique"];
/** @type {Record<Name, Content>} */
const EMPTY = { score: { value: null, from: "" }, critique: { value: "", from: "" } };

/** @type {Map<string, Form>} the form by the state of the assignment; an open one depends on the prefill */
const FORMS = new Map([
  ["committed", "reveal"],
  ["done", "correction"],
]);

export class Answer {
  /**
   * @param {Rubric} rubric
   * @param {Opened} assignment
   */
  constructor(rubric, { state, prefill, first_answer, final_answer, earlier_answer: earlier }) {
    this.rubric = rubric;
    this.prefill = prefill;
    this.earlier = earlier ?? null;
    /** @type {Form} */
    this.form = FORMS.get(state) ?? (prefill ? "prefilled" : "own");
    const first = (this.form === "correction" ? final_answer : first_answer) ?? null;
    /** Whether an answer to this image is stored already. */
    this.isStored = first !== null;
    this.subcategory = first?.subcategory ?? "";
    this.keys = rubric.attributes.map(({ key }) => key);
    this.units = [SUBCATEGORY, ...this.keys];
    /** @type {Set<() => void>} */
    this.listeners = new Set();
    /** @type {Map<string, Record<Name, Field>>} */
    this.fields = new Map(this.keys.map((key) => [key, this.opened(key, first?.judgements[key])]));
    /** @type {Map<string, number>} how many characters of each critique were pasted */
    this.pasted = new Map(this.keys.map((key) => [key, first?.judgements[key]?.pasted ?? 0]));
    /** @type {Map<string, import("./pins.js").Pin[]>} the places on the image that each critique speaks of */
    this.pins = new Map(this.keys.map((key) => [key, readPins(first?.judgements[key]?.pins)]));
  }

  /**
   * @param {string} key
   * @param {Judgement | undefined} judged - in the first answer
   * @returns {Record<Name, Field>}
   */
  opened(key, judged) {
    /** @param {Name} name */
    const field = (name) => {
      const proposed = this.form === "prefilled" ? this.proposed(key, name) : null;
      let first = proposed === null ? EMPTY[name] : { value: proposed, from: /** @type {From} */ ("model") };
      if (judged) first = { value: judged[name], from: judged[`${name}_origin`] };
      return { ...first, first, edited: null };
    };
    return { score: field("score"), critique: field("critique") };
  }

  /**
   * @param {string} key
   * @param {Name} name
   * @returns {Field}
   */
  field(key, name) {
    return /** @type {Record<Name, Field>} */ (this.fields.get(key))[name];
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
   * @param {Name} name
   * @returns {Value} what the model proposes here; null where it proposes nothing
   */
  proposed(key, name) {
    if (name === "score") return this.prefill?.scores[key] ?? null;
    return this.prefill?.critiques[key] || null;
  }

  /**
   * @param {string} key
   * @returns {number[] | null} the probabilities of the model's overall score, for the attribute it is proposed for: the
   *   one without weight
   */
  distribution(key) {
    const isOverall = this.rubric.attributes.some((attribute) => attribute.key === key && attribute.weight === 0);
    return isOverall ? (this.prefill?.distribution ?? null) : null;
  }

  /** @param {string} subcategory */
  setSubcategory(subcategory) {
    this.subcategory = subcategory;
    this.changed();
  }

  /**
   * Set a field by hand. What began as the model's is accepted when it equals it, else edited, and one's own once it
   * was emptied.
   *
   * @param {string} key
   * @param {Name} name
   * @param {Value} value
   */
  set(key, name, value) {
    const field = this.field(key, name);
    Object.assign(field, { value, from: this.fromAfter(field.from, value, this.proposed(key, name)), edited: null });
    if (name === "critique" && value === "") this.pasted.set(key, 0);
    this.changed();
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
    this.changed();
  }

  /**
   * @param {From} from
   * @param {Value} value
   * @param {Value} proposed
   * @returns {From}
   */
  fromAfter(from, value, proposed) {
    if (value === null || value === "") return "";
    if (from === "" || from === "own") return "own";
    return value === proposed ? "accepted" : "edited";
  }

  /**
   * Decide a field: keep what stood there when the form was opened, accept the model's, edit, or reject what the model
   * put there. Changes made by hand are put aside by the others and brought back by "edit".
   *
   * @param {string} key
   * @param {Name} name
   * @param {Decision} decision
   */
  decide(key, name, decision) {
    const field = this.field(key, name);
    const proposed = this.proposed(key, name);
    if (decision === "accept" && proposed === null) return;
    const aside = this.isByHand(field) ? { value: field.value, from: field.from } : field.edited;
    if (decision === "keep") Object.assign(field, field.first, { edited: aside });
    if (decision === "accept") Object.assign(field, { value: proposed, from: "accepted", edited: aside });
    if (decision === "reject") Object.assign(field, EMPTY[name], { edited: aside });
    if (decision === "edit" && field.edited) Object.assign(field, field.edited, { edited: null });
    this.changed();
  }

  /**
   * @param {Field} field
   * @returns {boolean} whether it shows a change made by hand
   */
  isByHand({ value, from, first }) {
    const isFirst = value === first.value && from === first.from;
    return (from === "own" || from === "edited") && !(this.form === "reveal" && isFirst);
  }

  /**
   * @param {string} key
   * @param {Name} name
   * @returns {Decision} what the field's present value amounts to
   */
  decision(key, name) {
    const { value, from, first } = this.field(key, name);
    if (this.form === "reveal" && value === first.value && from === first.from) return "keep";
    if (from === "accepted" || from === "bulk") return "accept";
    if (from === "edited") return "edit";
    if (this.form === "prefilled") return from !== "model" && this.proposed(key, name) !== null ? "reject" : "";
    return from === "" ? "" : "edit";
  }

  /** Accept everything of the model's that nobody has looked at one by one; it is marked as accepted together. */
  acceptAll() {
    for (const { unit, name } of this.missing().filter(({ why }) => why === "waiting")) {
      Object.assign(this.field(unit, /** @type {Name} */ (name)), { from: "bulk" });
    }
    this.changed();
  }

  /** @returns {Missing[]} in the order of the form */
  missing() {
    /** @type {Missing[]} */
    const missing = [];
    if (!this.subcategory) missing.push({ unit: SUBCATEGORY, name: SUBCATEGORY, why: "missing" });
    for (const unit of this.keys) {
      for (const name of NAMES) {
        const { value, from } = this.field(unit, name);
        if (value === null || !String(value).trim()) missing.push({ unit, name, why: "missing" });
        else if (from === "model") missing.push({ unit, name, why: "waiting" });
      }
    }
    return missing;
  }

  /** @returns {boolean} whether anything of the model's stands in the form that nobody has looked at */
  isWaiting() {
    return this.missing().some(({ why }) => why === "waiting");
  }

  /** @returns {number | null} the weighted sum, once all weighted attributes have scores */
  holistic() {
    return holistic(this.rubric.attributes, (key) => this.score(key));
  }

  /** @returns {Said} what the answer says so far */
  said() {
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
      score_origin: this.field(key, "score").from,
      critique_origin: this.field(key, "critique").from,
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
    this.changed();
  }

  /**
   * @param {string} key
   * @param {Name} name
   * @param {Value} value
   * @param {unknown} from
   */
  putBack(key, name, value, from) {
    const known = ["model", "accepted", "bulk", "edited"].includes(String(from)) && this.proposed(key, name) !== null;
    const empty = value === null || value === "";
    Object.assign(this.field(key, name), { value, from: empty ? "" : known ? from : "own" });
  }

  changed() {
    for (const listener of this.listeners) listener();
  }
}
