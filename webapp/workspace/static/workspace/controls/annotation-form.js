// @ts-check
/**
 * Draw the form: a strip of parts with their state, one part open at a time, and where the focus goes next.
 *
 * @typedef {import("../models/annotation.js").Annotation} Annotation
 * @typedef {import("../models/annotation.js").FieldName} FieldName
 * @typedef {import("../models/annotation.js").Decision} Decision
 * @typedef {import("../models/annotation.js").Missing} Missing
 */
import { FIELDS, SUBCATEGORY } from "../models/annotation.js";
import { isComposing } from "../models/keymap.js";
import { formatScore } from "../models/scale.js";
import { FormTabs } from "./form-tabs.js";
import { JudgementFields } from "./judgement-fields.js";
import { findAll, findOne, wording } from "./page-elements.js";

/** A window of this many pixels or more has room for what is judged from the start. */
const TALL = 960;

export class AnnotationForm {
  /**
   * @param {HTMLElement} root
   * @param {object} options
   * @param {({key: string, name: string} & import("../models/critique-length.js").Target)[]} options.attributes
   * @param {import("../models/scale.js").Scale} options.scale
   * @param {string} options.language
   */
  constructor(root, { attributes, scale, language }) {
    this.root = root;
    /** @type {Set<() => void>} told when another part is open */
    this.listeners = new Set();
    /** @type {Annotation | null} */
    this.annotation = null;
    this.current = SUBCATEGORY;
    this.names = this.readNames(attributes);
    this.sections = new Map(findAll(root, "[data-part]").map((section) => [section.dataset.part ?? "", section]));
    this.tabs = new FormTabs(root, attributes, language, (part) => this.open(part));
    const handlers = {
      set: this.set.bind(this),
      paste: (/** @type {string} */ key, /** @type {number} */ characters) => this.annotation?.paste(key, characters),
      decide: this.decide.bind(this),
      go: this.go.bind(this),
    };
    /** @type {Map<string, JudgementFields>} */
    this.judgements = new Map(
      attributes.map((attribute) => {
        const section = findOne(root, `[data-part="${attribute.key}"]`, HTMLElement);
        return [attribute.key, new JudgementFields(section, attribute, { scale, language, ...handlers })];
      }),
    );
    if (window.innerHeight >= TALL) this.toggleDefinitions();
    this.choices = /** @type {HTMLInputElement[]} */ (findAll(root, "[data-subcategories] input"));
    for (const choice of this.choices) {
      choice.addEventListener("change", () => this.annotation?.setSubcategory(choice.value));
      choice.addEventListener("keydown", (event) => this.onSubcategoryKey(event));
    }
  }

  /**
   * @param {{key: string, name: string}[]} attributes
   * @returns {Map<string, string>} the names of attributes and subcategories, and of the subcategory as a part
   */
  readNames(attributes) {
    const tab = findOne(this.root, `[data-tab="${SUBCATEGORY}"] .tab-name`, HTMLElement);
    const names = new Map([[SUBCATEGORY, tab.textContent ?? ""]]);
    for (const { key, name } of attributes) names.set(key, name);
    for (const label of findAll(this.root, "[data-subcategories] label")) {
      names.set(findOne(label, "input", HTMLInputElement).value, label.textContent?.trim() ?? "");
    }
    return names;
  }

  /**
   * Begin another annotation.
   *
   * @param {Annotation} annotation
   */
  begin(annotation) {
    this.annotation = annotation;
    annotation.listeners.add(() => this.show());
    for (const judgement of this.judgements.values()) judgement.open(annotation);
    this.show();
    this.open(annotation.isStored ? annotation.keys[0] : SUBCATEGORY);
    this.focusFirst();
  }

  show() {
    const { annotation } = this;
    if (!annotation) return;
    for (const choice of this.choices) choice.checked = choice.value === annotation.subcategory;
    for (const guidance of findAll(this.root, "[data-guidance]")) {
      guidance.hidden = guidance.dataset.guidance !== annotation.subcategory;
    }
    for (const judgement of this.judgements.values()) judgement.show(annotation);
    this.tabs.show(annotation, this.names.get(annotation.subcategory) ?? "");
    const holistic = annotation.holistic();
    findOne(this.root, "[data-holistic]", HTMLElement).hidden = holistic === null;
    findOne(this.root, "[data-holistic-score]", HTMLElement).textContent = holistic === null ? "" : holistic.toFixed(2);
    for (const cell of findAll(document, "[data-weighed]")) {
      const score = annotation.score(cell.dataset.weighed ?? "");
      cell.textContent = score === null ? "" : formatScore(score);
    }
  }

  /** @param {string} part */
  open(part) {
    this.current = part;
    for (const [key, section] of this.sections) section.hidden = key !== part;
    this.tabs.select(part);
    findOne(this.root, "[data-body]", HTMLElement).scrollTop = 0;
    for (const listener of this.listeners) listener();
  }

  /** @param {string} part - open it and put the focus on its first field */
  turnTo(part) {
    this.open(part);
    this.focusFirst();
  }

  focusFirst() {
    if (this.current === SUBCATEGORY) this.focusSubcategory();
    else this.go(this.current, "score");
  }

  focusSubcategory() {
    (this.choices.find((choice) => choice.checked) ?? this.choices[0]).focus({ preventScroll: true });
  }

  /**
   * Put the focus on a field, opening its part.
   *
   * @param {string} key
   * @param {FieldName | "subcategory"} name
   * @param {boolean} [editing] - into the field itself, even where there is something to decide
   */
  go(key, name, editing = false) {
    if (key !== this.current) this.open(key);
    if (name === SUBCATEGORY) this.focusSubcategory();
    else this.judgements.get(key)?.focus(/** @type {FieldName} */ (name), editing);
  }

  /** @param {1 | -1} by - open the next part or the one before */
  step(by) {
    const { parts } = /** @type {Annotation} */ (this.annotation);
    this.turnTo(parts[Math.min(Math.max(parts.indexOf(this.current) + by, 0), parts.length - 1)]);
  }

  /** @returns {boolean} whether the last part is open */
  get isAtEnd() {
    return this.annotation?.parts.at(-1) === this.current;
  }

  /**
   * @param {string} key
   * @param {FieldName} name
   * @param {number | string | null} value
   */
  set(key, name, value) {
    this.annotation?.set(key, name, value);
  }

  /**
   * Decide a field and go on: into it to edit or to write one's own, else to the next one that has something to decide.
   *
   * @param {string} key
   * @param {FieldName} name
   * @param {Decision} decision
   */
  decide(key, name, decision) {
    const { annotation } = this;
    if (!annotation) return;
    annotation.decide(key, name, decision);
    if (decision === "edit" || decision === "reject") {
      this.go(key, name, true);
      return;
    }
    const next = this.nextToDecide(key, name);
    if (next) this.go(next.part, next.name);
    else findOne(this.root, '[data-do="submit"]', HTMLElement).focus();
  }

  /**
   * @param {string} key
   * @param {FieldName} name
   * @returns {{part: string, name: FieldName | "subcategory"} | null}
   */
  nextToDecide(key, name) {
    const annotation = /** @type {Annotation} */ (this.annotation);
    if (annotation.form === "prefilled") return this.nextMissing((part, other) => part === key && other === name);
    const fields = annotation.keys.flatMap((part) => FIELDS.map((name) => ({ part, name })));
    const nextFields = fields.slice(fields.findIndex((field) => field.part === key && field.name === name) + 1);
    return nextFields.find(({ part, name }) => this.judgements.get(part)?.prefillFields[name].hasDecision) ?? null;
  }

  /**
   * Find what is missing after here, running round; what stands before counts last.
   *
   * @param {(part: string, name: string) => boolean} isHere
   * @returns {Missing | null}
   */
  nextMissing(isHere) {
    const annotation = /** @type {Annotation} */ (this.annotation);
    const missing = annotation.missing();
    const fields = annotation.parts.flatMap((part) => [SUBCATEGORY, ...FIELDS].map((name) => ({ part, name })));
    const position = fields.findLastIndex(({ part, name }) => isHere(part, name));
    /** @param {Missing} field */
    const isAfter = (field) =>
      fields.findIndex(({ part, name }) => part === field.part && name === field.name) > position;
    return missing.find(isAfter) ?? missing[0] ?? null;
  }

  /**
   * Carry out a key's decision on the field that has the focus, else on the first one of the open part.
   *
   * @param {Decision} decision
   */
  decideHere(decision) {
    const judgement = this.judgements.get(this.current);
    if (!judgement) return;
    const name = judgement.fields.critique.contains(document.activeElement) ? "critique" : "score";
    const other = name === "score" ? "critique" : "score";
    const field = [name, other].find((name) => judgement.prefillFields[/** @type {FieldName} */ (name)].hasDecision);
    if (field) this.decide(this.current, /** @type {FieldName} */ (field), decision);
    else if (decision === "edit") this.go(this.current, /** @type {FieldName} */ (name), true);
  }

  /** Show or hide what is judged, in all units alike. */
  toggleDefinitions() {
    const definitions = findAll(this.root, "[data-definition]");
    const hidden = !definitions[0].hidden;
    for (const definition of definitions) definition.hidden = hidden;
    for (const button of findAll(this.root, '[data-do="definition"]')) {
      button.setAttribute("aria-expanded", String(!hidden));
    }
  }

  /** @param {KeyboardEvent} event */
  onSubcategoryKey(event) {
    if (event.key !== "Enter" || event.ctrlKey || event.metaKey || isComposing(event)) return;
    event.preventDefault();
    this.step(1);
  }

  /**
   * @param {Missing[]} missing
   * @returns {string} what is missing, in words
   */
  describeMissing(missing) {
    const [{ part, name, why }] = missing;
    const what = wording(`missing-${name}`, { name: this.names.get(part) ?? "" });
    const more = missing.length - 1;
    return wording(`${why}-${more ? "more" : "one"}`, { what, more });
  }
}
