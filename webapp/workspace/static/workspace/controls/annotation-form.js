// @ts-check
/**
 * Draw the form: a strip of parts with their state, one part open at a time, and where the focus goes next.
 *
 * @typedef {import("../models/annotation.js").Answer} Answer
 * @typedef {import("../models/annotation.js").Name} Name
 * @typedef {import("../models/annotation.js").Decision} Decision
 * @typedef {import("../models/annotation.js").Missing} Missing
 */
import { NAMES, SUBCATEGORY } from "../models/annotation.js";
import { isComposing } from "../models/keymap.js";
import { shown } from "../models/scale.js";
import { Strip } from "./form-tabs.js";
import { AttributeUnit } from "./judgement-fields.js";
import { all, one, text } from "./page-elements.js";

/** A window of this many pixels or more has room for what is judged from the start. */
const TALL = 960;

export class Form {
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
    /** @type {Answer | null} */
    this.answer = null;
    this.current = SUBCATEGORY;
    this.names = this.readNames(attributes);
    this.sections = new Map(all(root, "[data-unit]").map((section) => [section.dataset.unit ?? "", section]));
    this.strip = new Strip(root, attributes, language, (unit) => this.open(unit));
    const handlers = {
      set: this.set.bind(this),
      paste: (/** @type {string} */ key, /** @type {number} */ characters) => this.answer?.paste(key, characters),
      decide: this.decide.bind(this),
      go: this.go.bind(this),
    };
    /** @type {Map<string, AttributeUnit>} */
    this.units = new Map(
      attributes.map((attribute) => {
        const section = one(root, `[data-unit="${attribute.key}"]`, HTMLElement);
        return [attribute.key, new AttributeUnit(section, attribute, { scale, language, ...handlers })];
      }),
    );
    if (window.innerHeight >= TALL) this.toggleDefinitions();
    this.choices = /** @type {HTMLInputElement[]} */ (all(root, "[data-subcategories] input"));
    for (const choice of this.choices) {
      choice.addEventListener("change", () => this.answer?.setSubcategory(choice.value));
      choice.addEventListener("keydown", (event) => this.onSubcategoryKey(event));
    }
  }

  /**
   * @param {{key: string, name: string}[]} attributes
   * @returns {Map<string, string>} the names of attributes and subcategories, and of the subcategory as a part
   */
  readNames(attributes) {
    const tab = one(this.root, `[data-tab="${SUBCATEGORY}"] .tab-name`, HTMLElement);
    const names = new Map([[SUBCATEGORY, tab.textContent ?? ""]]);
    for (const { key, name } of attributes) names.set(key, name);
    for (const label of all(this.root, "[data-subcategories] label")) {
      names.set(one(label, "input", HTMLInputElement).value, label.textContent?.trim() ?? "");
    }
    return names;
  }

  /**
   * Begin another answer.
   *
   * @param {Answer} answer
   */
  begin(answer) {
    this.answer = answer;
    answer.listeners.add(() => this.show());
    for (const unit of this.units.values()) unit.open(answer);
    this.show();
    this.open(answer.isStored ? answer.keys[0] : SUBCATEGORY);
    this.focusFirst();
  }

  show() {
    const { answer } = this;
    if (!answer) return;
    for (const choice of this.choices) choice.checked = choice.value === answer.subcategory;
    for (const text of all(this.root, "[data-guidance]")) text.hidden = text.dataset.guidance !== answer.subcategory;
    for (const unit of this.units.values()) unit.show(answer);
    this.strip.show(answer, this.names.get(answer.subcategory) ?? "");
    const holistic = answer.holistic();
    one(this.root, "[data-holistic]", HTMLElement).hidden = holistic === null;
    one(this.root, "[data-holistic-score]", HTMLElement).textContent = holistic === null ? "" : holistic.toFixed(2);
    for (const cell of all(document, "[data-weighed]")) {
      const score = answer.score(cell.dataset.weighed ?? "");
      cell.textContent = score === null ? "" : shown(score);
    }
  }

  /** @param {string} unit */
  open(unit) {
    this.current = unit;
    for (const [key, section] of this.sections) section.hidden = key !== unit;
    this.strip.select(unit);
    one(this.root, "[data-body]", HTMLElement).scrollTop = 0;
    for (const listener of this.listeners) listener();
  }

  /** @param {string} unit - open it and put the focus on its first field */
  turnTo(unit) {
    this.open(unit);
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
   * Put the focus on a field, opening its unit.
   *
   * @param {string} key
   * @param {Name | "subcategory"} name
   * @param {boolean} [editing] - into the field itself, even where there is something to decide
   */
  go(key, name, editing = false) {
    if (key !== this.current) this.open(key);
    if (name === SUBCATEGORY) this.focusSubcategory();
    else this.units.get(key)?.focus(/** @type {Name} */ (name), editing);
  }

  /** @param {1 | -1} by - open the next unit or the one before */
  step(by) {
    const { units } = /** @type {Answer} */ (this.answer);
    this.turnTo(units[Math.min(Math.max(units.indexOf(this.current) + by, 0), units.length - 1)]);
  }

  /** @returns {boolean} whether the last unit is open */
  get isAtEnd() {
    return this.answer?.units.at(-1) === this.current;
  }

  /**
   * @param {string} key
   * @param {Name} name
   * @param {number | string | null} value
   */
  set(key, name, value) {
    this.answer?.set(key, name, value);
  }

  /**
   * Decide a field and go on: into it to edit or to write one's own, else to the next one that has something to decide.
   *
   * @param {string} key
   * @param {Name} name
   * @param {Decision} decision
   */
  decide(key, name, decision) {
    const { answer } = this;
    if (!answer) return;
    answer.decide(key, name, decision);
    if (decision === "edit" || decision === "reject") {
      this.go(key, name, true);
      return;
    }
    const next = this.nextToDecide(key, name);
    if (next) this.go(next.unit, next.name);
    else one(this.root, '[data-do="submit"]', HTMLElement).focus();
  }

  /**
   * @param {string} key
   * @param {Name} name
   * @returns {{unit: string, name: Name | "subcategory"} | null}
   */
  nextToDecide(key, name) {
    const answer = /** @type {Answer} */ (this.answer);
    if (answer.form === "prefilled") return this.nextMissing((unit, other) => unit === key && other === name);
    const fields = answer.keys.flatMap((unit) => NAMES.map((name) => ({ unit, name })));
    const after = fields.slice(fields.findIndex((field) => field.unit === key && field.name === name) + 1);
    return after.find(({ unit, name }) => this.units.get(unit)?.proposed[name].isOffered) ?? null;
  }

  /**
   * Find what is missing after here, running round; what stands before counts last.
   *
   * @param {(unit: string, name: string) => boolean} isHere
   * @returns {Missing | null}
   */
  nextMissing(isHere) {
    const answer = /** @type {Answer} */ (this.answer);
    const missing = answer.missing();
    const fields = answer.units.flatMap((unit) => [SUBCATEGORY, ...NAMES].map((name) => ({ unit, name })));
    const here = fields.findLastIndex(({ unit, name }) => isHere(unit, name));
    /** @param {Missing} one */
    const isAfter = (one) => fields.findIndex(({ unit, name }) => unit === one.unit && name === one.name) > here;
    return missing.find(isAfter) ?? missing[0] ?? null;
  }

  /**
   * Carry out a key's decision on the field that has the focus, else on the first one of the open unit.
   *
   * @param {Decision} decision
   */
  decideHere(decision) {
    const unit = this.units.get(this.current);
    if (!unit) return;
    const name = unit.parts.critique.contains(document.activeElement) ? "critique" : "score";
    const other = name === "score" ? "critique" : "score";
    const offered = [name, other].find((name) => unit.proposed[/** @type {Name} */ (name)].isOffered);
    if (offered) this.decide(this.current, /** @type {Name} */ (offered), decision);
    else if (decision === "edit") this.go(this.current, /** @type {Name} */ (name), true);
  }

  /** Show or hide what is judged, in all units alike. */
  toggleDefinitions() {
    const definitions = all(this.root, "[data-definition]");
    const hidden = !definitions[0].hidden;
    for (const definition of definitions) definition.hidden = hidden;
    for (const button of all(this.root, '[data-do="definition"]')) {
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
    const [{ unit, name, why }] = missing;
    const what = text(`missing-${name}`, { name: this.names.get(unit) ?? "" });
    const more = missing.length - 1;
    return text(`${why}-${more ? "more" : "one"}`, { what, more });
  }
}
