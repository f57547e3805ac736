// @ts-check
/**
 * Tie the critique of the open part to places on the image: its pins as marks there and as a list under the critique.
 *
 * Expects: [data-pin-list] within each <section data-unit="key">, and the template part-pin-entry.
 *
 * @typedef {import("../models/annotation.js").Answer} Answer
 * @typedef {import("../models/pins.js").Pin} Pin
 */
import { MOST_PINS, aside, inPercent, within } from "../models/pins.js";
import { Marks } from "../viewer/pin-marks.js";
import { all, one, part, text } from "./page-elements.js";

/** So many pixels of the window lie between a pin placed by a key and the next one, from middle to middle. */
const APART = 36;

export class Pinning {
  /**
   * @param {import("../viewer/viewer.js").Viewer} viewer
   * @param {import("./annotation-form.js").Form} form
   * @param {(words: string, tone?: "" | "unseen" | "warning") => void} say
   */
  constructor(viewer, form, say) {
    this.viewer = viewer;
    this.form = form;
    this.say = say;
    /** @type {Answer | null} */
    this.answer = null;
    form.listeners.add(() => this.show());
    this.marks = new Marks(viewer, {
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
    return this.answer?.pins.get(this.key) ?? [];
  }

  /** @param {Answer} answer */
  open(answer) {
    this.answer = answer;
    answer.listeners.add(() => this.show());
    this.show();
  }

  show() {
    this.marks.show(this.pins);
    for (const list of all(this.form.root, "[data-pin-list]")) {
      const pins = this.answer?.pins.get(list.dataset.pinList ?? "") ?? [];
      while (list.children.length > pins.length) list.lastElementChild?.remove();
      while (list.children.length < pins.length) list.append(this.entry(list.children.length));
    }
    for (const [index, pin] of this.pins.entries()) {
      const list = one(this.form.root, `[data-pin-list="${this.key}"]`, HTMLElement);
      one(list.children[index], "[data-select]", HTMLElement).setAttribute("aria-label", this.describe(pin, index));
    }
  }

  /** @param {number} index */
  entry(index) {
    const entry = one(part("pin-entry"), "li", HTMLElement);
    const [select, remove] = all(entry, "button");
    select.append(String(index + 1));
    select.addEventListener("click", () => this.marks.focus(index));
    remove.setAttribute("aria-label", text("pin-remove", { number: index + 1 }));
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
    if (!this.answer?.keys.includes(this.key)) return this.say(text("pin-where"), "warning");
    if (!this.viewer.isShown) return;
    if (this.isFull()) return;
    if (!byPointer) return this.add(this.free());
    this.marks.arm();
    this.say(text("pin-how"));
  }

  /** @returns {Pin} a point that no other pin covers */
  free() {
    const others = this.pins.map((pin) => this.viewer.toWindow(pin));
    return within(this.viewer.toImage(aside(this.viewer.middle, others, APART)));
  }

  /** @returns {boolean} whether no further pin is taken, which is said */
  isFull() {
    const full = this.pins.length >= MOST_PINS;
    if (full) this.say(text("pins-full", { most: MOST_PINS }), "warning");
    return full;
  }

  /** @param {Pin} pin */
  add(pin) {
    this.store([...this.pins, pin]);
    this.marks.focus(this.pins.length - 1);
  }

  /**
   * @param {number} index
   * @param {Pin} pin
   */
  change(index, pin) {
    this.store(this.pins.with(index, pin));
    this.say(this.describe(pin, index), "unseen");
  }

  /** @param {number} index */
  remove(index) {
    this.store(this.pins.toSpliced(index, 1));
    this.say(text("pin-removed", { number: index + 1 }), "unseen");
    if (this.pins.length > 0) this.marks.focus(Math.min(index, this.pins.length - 1));
    else this.form.go(this.key, "critique", true);
  }

  /** @param {Pin[]} pins */
  store(pins) {
    this.answer?.setPins(this.key, pins);
  }

  /**
   * @param {Pin} pin
   * @param {number} index
   * @returns {string} what a pin is called
   */
  describe(pin, index) {
    const values = { number: index + 1, name: this.form.names.get(this.key) ?? "", ...inPercent(pin) };
    return text(pin.width === undefined ? "pin-point" : "pin-box", values);
  }
}
