// @ts-check
/**
 * Show, in a round glass that follows the pointer, a part of the image pixel for pixel while the whole stays in view.
 *
 * Expects: <div data-loupe hidden></div> within the viewer.
 *
 * @typedef {import("../models/assignment.js").Image} Image
 * @typedef {{x: number, y: number}} Point
 */
import { detailSource, displaySource } from "./image-sources.js";

export class Loupe {
  /** @param {HTMLElement} element */
  constructor(element) {
    this.element = element;
    /** @type {OpenSeadragon.Viewer | null} */
    this.glass = null;
    /** @type {Image | null} */
    this.image = null;
  }

  get isOpen() {
    return !this.element.hidden;
  }

  /** @param {Image} image */
  open(image) {
    this.element.hidden = false;
    this.image = image;
    this.glass ??= OpenSeadragon({
      element: this.element,
      drawer: "canvas",
      showNavigationControl: false,
      mouseNavEnabled: false,
      keyboardNavEnabled: false,
      tabIndex: -1,
      animationTime: 0,
      visibilityRatio: 0,
      minZoomImageRatio: 0,
      maxZoomPixelRatio: 100,
    });
    // The coarse copy is there at once; what is sharp comes on top of it.
    this.glass.open([displaySource, detailSource].map((source) => ({ tileSource: source(image), width: 1 })));
    this.glass.addOnceHandler("open", () => this.look());
  }

  close() {
    this.element.hidden = true;
    this.glass?.close();
  }

  /**
   * @param {Point} at - where the glass stands in the window
   * @param {Point} on - what it shows, in units of the image's width
   */
  move(at, on) {
    const half = this.element.offsetWidth / 2;
    this.element.style.transform = `translate(${at.x - half}px, ${at.y - half}px)`;
    this.on = on;
    this.look();
  }

  look() {
    const { glass, image, on } = this;
    if (!glass?.isOpen() || !image || !on) return;
    const width = (this.element.clientWidth * window.devicePixelRatio) / image.width;
    const height = (width * this.element.clientHeight) / this.element.clientWidth;
    glass.viewport.fitBounds(new OpenSeadragon.Rect(on.x - width / 2, on.y - height / 2, width, height), true);
  }
}
