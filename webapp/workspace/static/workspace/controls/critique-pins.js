// @ts-check
/**
 * Tie the critique of the open part to places on the image: its pins as marks there and as a list under the critique.
 *
 * Expects: [data-pin-list] within each <section data-part="key">, and template-pin-entry.
 *
 * @typedef {import("../models/annotation.js").Annotation} Annotation
 * @typedef {import("../models/pins.js").Pin} Pin
 */
import { MOST_PINS, clearPlace, pinInPercent, clampPin } from "../models/pins.js";
import { PinMarks } from "../viewer/pin-marks.js";
import { findAll, findOne, copyTemplate, wording } from "./page-elements.js";

/** So many pixels of the window lie between a pin placed by a key and the next one, from middle to middle. */
const APART = 36;

export class CritiquePins {
  /**
   * @param {import("../viewer/viewer.js").Viewer} viewer
   * @param {import("./annotation-form.js").AnnotationForm} form
   * @param {(words: string, tone?: "" | "unseen" | "warning") => void} say
   */
  constructor(viewer, form, say) {
    this.viewer = viewer;
    this.form = form;
    this.say = say;
    /** @type {Annotation | null} */
    this.annotation = null;
    form.listeners.add(() => this.show());
    this.marks = new PinMarks(viewer, {
      add: (pin) => this.add(pin),
      change: (index, pin) => this.change(index, pin),
      remove: (index) => this.remove(index),
      leave: () => form.go(this.key, "critique", true),
      name: (pin, index) => this.describe(pin, index),
    });
  }

  /** @returns {string} the part whose critique is open */
  get key() {
    return this.form.current;
  }

  /** @returns {Pin[]} */
  get pins() {
    return this.annotation?.pins.get(this.key) ?? [];
  }

  /** @param {Annotation} annotation */
  open(annotation) {
    this.annotation = annotation;
    annotation.listeners.add(() => this.show());
    this.show();
  }

  show() {
    this.marks.show(this.pins);
    for (const list of findAll(this.form.root, "[data-pin-list]")) {
      const pins = this.annotation?.pins.get(list.dataset.pinList ?? "") ?? [];
      while (list.children.length > pins.length) list.lastElementChild?.remove();
      while (list.children.length < pins.length) list.append(this.entry(list.children.length));
    }
    for (const [index, pin] of this.pins.entries()) {
      const list = findOne(this.form.root, `[data-pin-list="${this.key}"]`, HTMLElement);
      findOne(list.children[index], "[data-select]", HTMLElement).setAttribute("aria-label", this.describe(pin, index));
    }
  }

  /** @param {number} index */
  entry(index) {
    const entry = findOne(copyTemplate("pin-entry"), "li", HTMLElement);
    const [select, remove] = findAll(entry, "button");
    select.append(String(index + 1));
    select.addEventListener("click", () => this.marks.focus(index));
    remove.setAttribute("aria-label", wording("pin-remove", { number: index + 1 }));
    remove.addEventListener("click", () => this.remove(index));
    return entry;
  }

  /**
   * Place a pin: by a pointer, wherever it presses next; by a key, where the pointer is, else in the middle of what is
   * in view, beside the marks that are there.
   *
   * @param {boolean} byPointer
   */
  place(byPointer) {
    if (!this.annotation?.keys.includes(this.key)) return this.say(wording("pin-where"), "warning");
    if (!this.viewer.isShown) return;
    if (this.isFull()) return;
    if (!byPointer) return this.add(this.freePlace());
    this.marks.arm();
    this.say(wording("pin-how"));
  }

  /** @returns {Pin} a point that no other pin covers */
  freePlace() {
    const others = this.pins.map((pin) => this.viewer.toWindow(pin));
    return clampPin(this.viewer.toImage(clearPlace(this.viewer.middle, others, APART)));
  }

  /** @returns {boolean} whether no further pin is taken, which is said */
  isFull() {
    const full = this.pins.length >= MOST_PINS;
    if (full) this.say(wording("pins-full", { most: MOST_PINS }), "warning");
    return full;
  }

  /** @param {Pin} pin */
  add(pin) {
    this.storePins([...this.pins, pin]);
    this.marks.focus(this.pins.length - 1);
  }

  /**
   * @param {number} index
   * @param {Pin} pin
   */
  change(index, pin) {
    this.storePins(this.pins.with(index, pin));
    this.say(this.describe(pin, index), "unseen");
  }

  /** @param {number} index */
  remove(index) {
    this.storePins(this.pins.toSpliced(index, 1));
    this.say(wording("pin-removed", { number: index + 1 }), "unseen");
    if (this.pins.length > 0) this.marks.focus(Math.min(index, this.pins.length - 1));
    else this.form.go(this.key, "critique", true);
  }

  /** @param {Pin[]} pins */
  storePins(pins) {
    this.annotation?.setPins(this.key, pins);
  }

  /**
   * @param {Pin} pin
   * @param {number} index
   * @returns {string} what a pin is called
   */
  describe(pin, index) {
    const values = { number: index + 1, name: this.form.names.get(this.key) ?? "", ...pinInPercent(pin) };
    return wording(pin.width === undefined ? "pin-point" : "pin-box", values);
  }
}
