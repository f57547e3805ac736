// @ts-check
/**
 * Show the picture, fitted or at one picture pixel for each screen pixel, to be moved by pointer and arrow keys.
 *
 * Expects: <section data-viewer tabindex="0"><img data-picture></section>
 */
import { one } from "./dom.js";
import { fit, pan, zoom } from "./transform.js";

/** How far an arrow key moves the picture, and how far a pointer may stray in a click, in pixels. */
const STRIDE = 80;
const CLICK = 4;

export class Viewer {
  /**
   * @param {HTMLElement} root
   * @param {object} on
   * @param {() => void} on.shown - when a picture is on screen
   * @param {() => void} on.failed
   * @param {(zoomed: boolean) => void} on.zoomed
   */
  constructor(root, { shown, failed, zoomed }) {
    this.root = root;
    this.image = one(root, "[data-picture]", HTMLImageElement);
    this.on = { shown, failed, zoomed };
    this.size = { width: 1, height: 1 };
    this.full = "";
    this.zoomed = false;
    this.placement = { scale: 1, x: 0, y: 0 };
    /** @type {{x: number, y: number} | null} */
    this.pointer = null;
    new ResizeObserver(() => this.place(this.zoomed ? this.placement : fit(this.view, this.size))).observe(root);
    root.addEventListener("pointerdown", (event) => this.onDown(event));
    root.addEventListener("pointermove", (event) => (this.pointer = this.at(event)));
    root.addEventListener("pointerleave", () => (this.pointer = null));
    root.addEventListener("keydown", (event) => this.onKey(event));
  }

  get view() {
    return { width: this.root.clientWidth, height: this.root.clientHeight };
  }

  /** @param {{display: string, full: string, width: number, height: number}} picture */
  async show({ display, full, width, height }) {
    this.size = { width, height };
    this.full = full;
    this.setZoomed(false);
    this.image.hidden = true;
    this.image.src = display;
    try {
      await this.image.decode();
    } catch {
      if (this.full === full) this.on.failed();
      return;
    }
    if (this.full !== full) return;
    this.image.hidden = false;
    this.place(fit(this.view, this.size));
    this.on.shown();
  }

  /** Go to 1:1 at the pointer, or back to the whole picture. */
  toggle(point = this.pointer ?? { x: this.view.width / 2, y: this.view.height / 2 }) {
    if (this.image.hidden) return;
    this.setZoomed(!this.zoomed);
    if (!this.zoomed) return this.place(fit(this.view, this.size));
    this.sharpen();
    this.place(zoom(this.view, this.size, this.placement, 1 / window.devicePixelRatio, point));
  }

  /** @param {boolean} zoomed */
  setZoomed(zoomed) {
    this.zoomed = zoomed;
    this.root.classList.toggle("zoomed", zoomed);
    this.on.zoomed(zoomed);
  }

  /** Put the full picture in place of the display copy once it is there. */
  async sharpen() {
    const { full } = this;
    const image = new Image();
    image.src = full;
    await image.decode().catch(() => null);
    if (this.full === full && image.naturalWidth) this.image.src = full;
  }

  fullscreen() {
    if (document.fullscreenElement) document.exitFullscreen();
    else this.root.requestFullscreen?.().catch(() => null);
  }

  /** @param {import("./transform.js").Placement} placement */
  place(placement) {
    this.placement = pan(this.view, this.size, placement, { x: 0, y: 0 });
    const { scale, x, y } = this.placement;
    const { style } = this.image;
    style.width = `${this.size.width * scale}px`;
    style.height = `${this.size.height * scale}px`;
    style.transform = `translate(${x}px, ${y}px)`;
  }

  /** @param {PointerEvent} event */
  at(event) {
    const box = this.root.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  }

  /** @param {PointerEvent} event - a press: a click toggles, a drag moves */
  onDown(event) {
    if (event.button !== 0 || this.image.hidden) return;
    event.preventDefault();
    this.root.focus({ preventScroll: true });
    this.root.setPointerCapture(event.pointerId);
    const start = this.at(event);
    let last = start;
    let strayed = false;
    const done = new AbortController();
    const { signal } = done;
    /** @param {PointerEvent} move */
    const onMove = (move) => {
      const now = this.at(move);
      strayed ||= Math.hypot(now.x - start.x, now.y - start.y) > CLICK;
      if (strayed && this.zoomed) {
        this.place(pan(this.view, this.size, this.placement, { x: now.x - last.x, y: now.y - last.y }));
      }
      last = now;
    };
    const onUp = () => {
      done.abort();
      if (!strayed) this.toggle(start);
    };
    this.root.addEventListener("pointermove", onMove, { signal });
    this.root.addEventListener("pointerup", onUp, { signal });
    // A finger that scrolls the page takes its press back.
    this.root.addEventListener("pointercancel", () => done.abort(), { signal });
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    const by = {
      ArrowLeft: { x: STRIDE, y: 0 },
      ArrowRight: { x: -STRIDE, y: 0 },
      ArrowUp: { x: 0, y: STRIDE },
      ArrowDown: { x: 0, y: -STRIDE },
    }[event.key];
    if (!by || !this.zoomed) return;
    event.preventDefault();
    this.place(pan(this.view, this.size, this.placement, by));
  }
}
