// @ts-check
/**
 * Show pins as numbered marks on the image, and let them be placed, moved, sized and removed by pointer and by keys.
 *
 * Expects: <div data-marks></div> within the viewer, and the template template-pin.
 *
 * @typedef {import("../models/pins.js").Pin} Pin
 * @typedef {import("../models/pins.js").Point} Point
 */
import { findOne, copyTemplate } from "../controls/page-elements.js";
import { pinBetween, movePin, resizePin } from "../models/pins.js";

/** How far an arrow key moves a pin or the corner of a box, in pixels of the window. */
const STRIDE = 8;

/** How large a box is when it is made of a point, in pixels of the window. */
const FIRST_SIZE = 64;

/** A pointer that moves less than this many pixels means a point. */
const SLACK = 6;

/** @type {Record<string, Point>} */
const ARROWS = {
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
  ArrowUp: { x: 0, y: -1 },
  ArrowDown: { x: 0, y: 1 },
};

export class PinMarks {
  /**
   * @param {import("./viewer.js").Viewer} viewer
   * @param {object} on
   * @param {(pin: Pin) => void} on.add
   * @param {(index: number, pin: Pin) => void} on.change
   * @param {(index: number) => void} on.remove
   * @param {() => void} on.leave - back to the critique
   * @param {(pin: Pin, index: number) => string} on.name - what a pin is called
   */
  constructor(viewer, on) {
    this.viewer = viewer;
    this.on = on;
    this.layer = findOne(viewer.root, "[data-marks]", HTMLElement);
    /** @type {Pin[]} */
    this.pins = [];
    /** @type {HTMLElement[]} */
    this.marks = [];
    /** @type {Pin[]} as they were when the pointer was pressed */
    this.others = [];
    this.isStill = true;
    viewer.osd.addHandler("update-viewport", () => this.draw());
    this.layer.addEventListener("pointerdown", (event) => this.onPress(event));
    this.layer.addEventListener("keydown", (event) => this.onKey(event));
    document.addEventListener("keydown", (event) => event.key === "Escape" && this.disarm());
  }

  /** @param {Pin[]} pins */
  show(pins) {
    this.pins = pins;
    while (this.marks.length > pins.length) this.marks.pop()?.remove();
    while (this.marks.length < pins.length) this.marks.push(this.make(this.marks.length));
    this.draw();
  }

  /** @param {number} index */
  make(index) {
    const mark = findOne(copyTemplate("pin"), ".pin", HTMLElement);
    mark.dataset.pin = String(index);
    findOne(mark, "button", HTMLElement).textContent = String(index + 1);
    this.layer.append(mark);
    return mark;
  }

  /** Put every mark where its place on the image is at the moment. */
  draw() {
    const { viewer, pins, marks } = this;
    this.layer.hidden = !viewer.isShown || viewer.isPreview;
    if (this.layer.hidden) return;
    for (const [index, pin] of pins.entries()) {
      const { x, y } = viewer.toWindow(pin);
      const end = viewer.toWindow({ x: pin.x + (pin.width ?? 0), y: pin.y + (pin.height ?? 0) });
      const { style } = marks[index];
      style.translate = `${x}px ${y}px`;
      style.setProperty("--width", `${end.x - x}px`);
      style.setProperty("--height", `${end.y - y}px`);
      marks[index].classList.toggle("boxed", pin.width !== undefined);
      findOne(marks[index], "button", HTMLElement).setAttribute("aria-label", this.on.name(pin, index));
    }
  }

  /** @param {number} index */
  focus(index) {
    this.draw();
    findOne(this.marks[index], "button", HTMLElement).focus({ preventScroll: true });
  }

  /** Let the next press of the pointer place a pin: a point, or a box where it is drawn. */
  arm() {
    this.layer.classList.add("armed");
  }

  disarm() {
    this.layer.classList.remove("armed");
  }

  /** @param {PointerEvent} event */
  onPress(event) {
    if (event.button !== 0) return;
    const mark = event.target instanceof Element ? event.target.closest("[data-pin]") : null;
    const index = mark instanceof HTMLElement ? Number(mark.dataset.pin) : -1;
    const start = this.at(event);
    const before = this.pins[index];
    const sizing = event.target instanceof Element && event.target.matches(".pin-corner");
    /** @type {(event: PointerEvent) => Pin} */
    const drawn = (event) => {
      const now = this.at(event);
      const by = { x: now.x - start.x, y: now.y - start.y };
      if (!before) return this.isStill ? pinBetween(start, start) : pinBetween(start, now);
      return sizing ? resizePin(before, by, by) : movePin(before, by);
    };
    event.preventDefault();
    if (mark) this.focus(index);
    this.follow(event, {
      move: (event) => this.show(before ? this.pins.with(index, drawn(event)) : [...this.others, drawn(event)]),
      end: (event) => {
        if (!before) this.on.add(drawn(event));
        else if (!this.isStill) this.on.change(index, drawn(event));
      },
      undo: () => this.show(before ? this.pins.with(index, before) : this.others),
    });
  }

  /**
   * Follow the pointer until it is lifted.
   *
   * @param {PointerEvent} pressed
   * @param {{move: (event: PointerEvent) => void, end: (event: PointerEvent) => void, undo: () => void}} act
   */
  follow(pressed, { move, end, undo }) {
    const { layer } = this;
    const listeners = new AbortController();
    const { signal } = listeners;
    this.others = this.pins;
    this.isStill = true;
    layer.setPointerCapture(pressed.pointerId);
    layer.addEventListener(
      "pointermove",
      (event) => {
        const far = Math.hypot(event.clientX - pressed.clientX, event.clientY - pressed.clientY) > SLACK;
        this.isStill = this.isStill && !far;
        if (!this.isStill) move(event);
      },
      { signal },
    );
    /** @param {PointerEvent} event */
    const lift = (event) => {
      listeners.abort();
      this.disarm();
      if (event.type === "pointerup") end(event);
      else undo();
    };
    layer.addEventListener("pointerup", lift, { signal });
    layer.addEventListener("pointercancel", lift, { signal });
  }

  /** @param {PointerEvent} event */
  at(event) {
    const box = this.viewer.root.getBoundingClientRect();
    return this.viewer.toImage({ x: event.clientX - box.left, y: event.clientY - box.top });
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    const mark = event.target instanceof Element ? event.target.closest("[data-pin]") : null;
    if (!(mark instanceof HTMLElement) || event.ctrlKey || event.metaKey || event.altKey) return;
    const index = Number(mark.dataset.pin);
    const arrow = ARROWS[event.key];
    if (arrow) this.on.change(index, this.pushed(this.pins[index], arrow, event.shiftKey));
    else if (event.key === "Delete" || event.key === "Backspace") this.on.remove(index);
    else if (event.key === "Escape" || event.key === "Enter") this.on.leave();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /**
   * @param {Pin} pin
   * @param {Point} arrow
   * @param {boolean} sizing
   */
  pushed(pin, arrow, sizing) {
    const pixel = this.viewer.pixel;
    const by = { x: arrow.x * STRIDE * pixel.x, y: arrow.y * STRIDE * pixel.y };
    return sizing ? resizePin(pin, by, { x: FIRST_SIZE * pixel.x, y: FIRST_SIZE * pixel.y }) : movePin(pin, by);
  }
}
