// @ts-check
/**
 * Show the image: fitted, pixel for pixel, or anything between, moved by pointer, fingers and arrow keys.
 *
 * The copy for the screen is there first; the image at full size, in tiles where it is large, comes on top of it as
 * soon as someone looks closer.
 *
 * Expects: <section data-viewer tabindex="0"><div data-image></div><div data-loupe hidden></div></section>, and
 * OpenSeadragon as a script before this one.
 *
 * @typedef {import("../models/assignment.js").Image} Image
 */
import { findOne } from "../controls/page-elements.js";
import { detailSource, displaySource, tilesFor } from "./image-sources.js";
import { fetchImage } from "./load-image.js";
import { Loupe } from "./loupe.js";
import { NextImage } from "./next-image.js";
import { boundsOf, fit, fittedScale, sightOf, wantsDetail } from "./transform.js";

/** How far an arrow key moves the image or the loupe, in pixels. */
const STRIDE = 80;
const LOUPE_STRIDE = 24;

/** After so many milliseconds without an image something is said of it. */
const PATIENCE = 5_000;

/** How far one can go beyond pixel for pixel. */
const MOST_ZOOMED = 4;

export class Viewer {
  /**
   * @param {HTMLElement} root
   * @param {object} on
   * @param {() => void} on.shown - when an image is on screen
   * @param {() => void} on.failed - when it cannot be loaded, or is no image
   * @param {() => void} [on.slow] - when it has not come after a while
   * @param {() => void} [on.coarse] - when it is on screen, but not at full size where somebody looks closer
   * @param {(zoomed: boolean) => void} on.zoomed
   */
  constructor(root, { shown, failed, zoomed, slow = () => {}, coarse = () => {} }) {
    this.root = root;
    this.on = { shown, failed, zoomed, slow, coarse };
    this.loupe = new Loupe(findOne(root, "[data-loupe]", HTMLElement));
    /** @type {Image | null} */
    this.image = null;
    this.isShown = false;
    /** @type {{image: number, at: string} | null} which image was drawn on this screen, and when */
    this.drawn = null;
    /** Counts what was asked for, so that what comes late is known as such. */
    this.attempt = 0;
    /** @type {Promise<void>} resolved once the image is on screen, or is known not to come, or not soon */
    this.settled = Promise.resolve();
    /** @type {() => void} */
    this.settle = () => {};
    /** Whether the image is a guess at what will be handed out. */
    this.isPreview = false;
    /** @type {OpenSeadragon.TiledImage | "asked for" | null} the image at full size, once it is laid over the other */
    this.detail = null;
    this.zoomed = false;
    /** @type {OpenSeadragon.Point | null} where the pointer is, in pixels of the window */
    this.pointer = null;
    keepOutStyles();
    const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.osd = OpenSeadragon({
      element: findOne(root, "[data-image]", HTMLElement),
      drawer: "canvas",
      showNavigationControl: false,
      tabIndex: -1,
      animationTime: still ? 0 : 0.25,
      blendTime: 0,
      immediateRender: still,
      visibilityRatio: 1,
      constrainDuringPan: true,
      minZoomImageRatio: 0,
      maxZoomPixelRatio: MOST_ZOOMED,
      zoomPerScroll: 1.3,
      imageLoaderLimit: 8,
      gestureSettingsMouse: { clickToZoom: false, flickEnabled: !still },
      gestureSettingsTouch: { clickToZoom: false, dblClickToZoom: false, flickEnabled: !still },
      gestureSettingsPen: { clickToZoom: false, flickEnabled: !still },
    });
    this.waiting = new NextImage(this.osd);
    this.osd.addHandler("canvas-key", (event) => (event.preventDefaultAction = true));
    this.osd.addHandler("canvas-press", () => root.focus({ preventScroll: true }));
    this.osd.addHandler("canvas-click", (event) => event.quick && this.toggle(event.position));
    this.osd.addHandler("zoom", () => this.onZoom());
    this.osd.addHandler("resize", () => this.onResize());
    this.osd.addHandler("open", () => this.isOpen && this.prepare());
    this.osd.addHandler("tile-drawn", ({ tiledImage }) => this.isPresent(tiledImage) && this.onDrawn());
    this.osd.addHandler("open-failed", () => this.onFailed());
    this.osd.addHandler("tile-load-failed", ({ tiledImage }) => this.onTileFailed(tiledImage));
    root.addEventListener("pointermove", (event) => this.onMove(event));
    root.addEventListener("pointerleave", () => (this.pointer = null));
    root.addEventListener("keydown", (event) => this.onKey(event));
  }

  get view() {
    return { width: this.root.clientWidth, height: this.root.clientHeight };
  }

  /** @returns {string} the size of the window, in words that can be compared */
  get size() {
    return Object.values(this.view).join();
  }

  /** @returns {boolean} whether the image was placed in the window as large as the window is now */
  get isPlaced() {
    return this.limitedTo === this.size;
  }

  /**
   * Show what is likely to come next, its copy for the screen alone: more is not to be had before it is handed out.
   *
   * @param {Image | undefined} image
   */
  preview(image) {
    if (!image) return;
    this.isPreview = true;
    this.open(image);
  }

  /** @param {Image} image */
  show(image) {
    const isThere = this.isPreview && this.image?.display === image.display;
    this.isPreview = false;
    if (!isThere) return this.open(image);
    this.image = image;
    if (this.isShown) this.on.shown();
    this.sharpen();
  }

  /** @param {Image} image */
  open(image) {
    this.clear(image);
    if (this.waiting.enter(image)) return this.prepare();
    this.osd.close();
    this.load(image);
  }

  /** @param {Image} image - take away the one before: it is not to be taken for this one, even for a moment */
  clear(image) {
    this.image = image;
    this.isShown = false;
    this.drawn = null;
    this.attempt += 1;
    this.detail = null;
    this.root.dataset.state = "loading";
    this.setZoomed(false);
    this.loupe.close();
    this.settle();
    this.settled = new Promise((resolve) => (this.settle = resolve));
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.onSlow(), PATIENCE);
  }

  /**
   * Fetch the copy for the screen before it is handed to OpenSeadragon, whose queue one image that never comes would
   * stop, and which would show one that comes late.
   *
   * @param {Image} image
   * @param {boolean} [anew]
   */
  async load(image, anew) {
    const { attempt } = this;
    try {
      const loaded = await fetchImage(image.display, anew);
      if (attempt !== this.attempt) return;
      this.loaded = loaded; // Held, so that it is at hand when OpenSeadragon asks for it.
      this.osd.open({ tileSource: displaySource(image), width: 1 });
    } catch {
      if (attempt === this.attempt) this.onFailed();
    }
  }

  /** Load again what could not be loaded: the image, or its full size alone. */
  reload() {
    const { image } = this;
    if (!image) return;
    if (this.isShown) return this.sharpenAnew();
    this.clear(image);
    this.osd.close();
    this.load(image, true);
  }

  /** @returns {boolean} whether OpenSeadragon holds the present image */
  get isOpen() {
    return this.osd.isOpen() && this.isPresent(this.osd.world.getItemAt(0));
  }

  /** @param {OpenSeadragon.TiledImage} item */
  isPresent(item) {
    return this.image !== null && /** @type {any} */ (item.source).url === this.image.display;
  }

  /** Put the whole image in the middle before it is drawn for the first time. */
  prepare() {
    this.limit();
    this.home(true);
    this.sharpen();
  }

  /** Hold the zoom between the whole image, or pixel for pixel where that is smaller, and a little beyond that. */
  limit() {
    if (!this.image) return;
    this.limitedTo = this.size;
    const fitted = 1 / fit(this.view, this.image).width;
    const limits = { minZoomLevel: Math.min(fitted, this.zoomFor(1)), maxZoomLevel: this.zoomFor(MOST_ZOOMED) };
    Object.assign(this.osd.viewport, limits);
  }

  onSlow() {
    if (this.isShown) return;
    this.settle();
    if (!this.isPreview) this.on.slow();
  }

  /** Take the image from the screen and from memory: it is not to be seen any more. */
  takeAway() {
    this.attempt += 1;
    this.image = null;
    this.isShown = false;
    this.loaded = null;
    clearTimeout(this.timer);
    this.loupe.close();
    this.osd.close();
  }

  onFailed() {
    clearTimeout(this.timer);
    this.settle();
    this.root.dataset.state = "failed";
    if (this.isPreview) this.image = null;
    else this.on.failed();
  }

  /** @param {OpenSeadragon.TiledImage} item */
  onTileFailed(item) {
    if (this.isPresent(item) && !this.isShown) this.onFailed();
    else if (item === this.detail) this.on.coarse();
  }

  onDrawn() {
    if (this.isShown) return;
    this.isShown = true;
    clearTimeout(this.timer);
    this.settle();
    this.drawn = { image: this.image?.id ?? 0, at: new Date().toISOString() };
    this.root.dataset.state = "shown";
    if (!this.isPreview) this.on.shown();
  }

  /**
   * @param {number} scale - pixels of the screen for each pixel of the image
   * @returns {number} OpenSeadragon's word for it: widths of the image in widths of the window, turned over
   */
  zoomFor(scale) {
    const width = this.image?.width ?? 1;
    return (width * scale) / window.devicePixelRatio / Math.max(this.view.width, 1);
  }

  /** @returns {number} pixels of the screen for each pixel of the image */
  get scale() {
    return this.osd.viewport.getZoom() / this.zoomFor(1);
  }

  /** @param {boolean} [immediately] */
  home(immediately = false) {
    if (!this.image) return;
    const { x, y, width, height } = fit(this.view, this.image);
    this.osd.viewport.fitBounds(new OpenSeadragon.Rect(x, y, width, height), immediately);
  }

  /** Go to 1:1 at a point of the window, or back to the whole image. */
  toggle(point = this.pointer ?? new OpenSeadragon.Point(this.view.width / 2, this.view.height / 2)) {
    if (!this.isShown) return;
    if (this.zoomed) return this.home();
    const { viewport } = this.osd;
    viewport.zoomTo(this.zoomFor(1), viewport.pointFromPixel(point, true));
    viewport.applyConstraints();
    this.setZoomed(true);
  }

  onZoom() {
    // A window that became another size is no one's zooming in.
    if (!this.image || !this.isShown || !this.isPlaced) return;
    const fitted = fittedScale(this.view, this.image) * window.devicePixelRatio;
    this.setZoomed(Math.abs(this.scale / fitted - 1) > 0.001);
    this.sharpen();
  }

  /** @param {boolean} zoomed */
  setZoomed(zoomed) {
    this.zoomed = zoomed;
    this.root.classList.toggle("zoomed", zoomed);
    this.on.zoomed(zoomed);
  }

  /** Once OpenSeadragon has done with the new size what it does, which is to enlarge. */
  onResize() {
    queueMicrotask(() => {
      this.limit();
      if (!this.zoomed) this.home(true);
    });
  }

  /** Lay the image at full size over the copy for the screen, once that is too coarse. */
  sharpen() {
    const { image } = this;
    if (!image || this.isPreview || this.detail || !this.isOpen || !wantsDetail(image, this.scale)) return;
    this.detail = "asked for";
    this.addDetail(image);
  }

  /**
   * @param {Image} image
   * @param {boolean} [anew]
   */
  async addDetail(image, anew) {
    const { attempt } = this;
    try {
      if (!image.tiles) this.loadedDetail = await fetchImage(image.full, anew);
    } catch {
      if (attempt === this.attempt) this.on.coarse();
      return;
    }
    if (attempt !== this.attempt) return;
    const success = (/** @type {any} */ { item }) => {
      if (attempt === this.attempt) this.detail = item;
      else this.osd.world.removeItem(item);
    };
    this.osd.addTiledImage({ tileSource: detailSource(image), width: 1, success });
  }

  /** Lay the image at full size over the copy for the screen once more, as some of it did not come. */
  sharpenAnew() {
    const { detail, image } = this;
    if (!image || !detail) return;
    if (typeof detail !== "string") this.osd.world.removeItem(detail);
    this.detail = "asked for";
    this.addDetail(image, true);
  }

  /**
   * @param {{x: number, y: number}} place - on the image, in fractions of its width and height
   * @returns {{x: number, y: number}} where that is in the window, in pixels
   */
  toWindow({ x, y }) {
    return this.osd.viewport.pixelFromPoint(new OpenSeadragon.Point(x, y * this.ratio), true);
  }

  /**
   * @param {{x: number, y: number}} point - in the window
   * @returns {{x: number, y: number}} the place on the image, in fractions of its width and height
   */
  toImage({ x, y }) {
    const point = this.osd.viewport.pointFromPixel(new OpenSeadragon.Point(x, y), true);
    return { x: point.x, y: point.y / this.ratio };
  }

  /** @returns {number} the image's height in widths */
  get ratio() {
    return this.image ? this.image.height / this.image.width : 1;
  }

  /** @returns {{x: number, y: number}} a pixel of the window in fractions of the image's width and height */
  get pixel() {
    const { x } = this.osd.viewport.deltaPointsFromPixels(new OpenSeadragon.Point(1, 1), true);
    return { x, y: x / this.ratio };
  }

  /** @returns {{x: number, y: number}} where the pointer is, else the middle of the window */
  get middle() {
    return this.pointer ?? new OpenSeadragon.Point(this.view.width / 2, this.view.height / 2);
  }

  /** @returns {import("./transform.js").Sight | null} what the window shows; null while there is no image */
  get sight() {
    if (!this.image || !this.isShown || !this.isPlaced) return null;
    return sightOf(this.view, this.image, this.osd.viewport.getBounds(true));
  }

  /** @param {import("./transform.js").Sight} seen - to show as much, and the same place, of this image */
  look(seen) {
    if (!this.image || !this.isShown || !this.isPlaced) return;
    const { x, y, width, height } = boundsOf(this.view, this.image, seen);
    this.osd.viewport.fitBounds(new OpenSeadragon.Rect(x, y, width, height), true);
  }

  /**
   * @param {Image} image
   * @returns {string[]} the tiles it needs to be sharp as it is shown first, where its copy for the screen is too coarse
   */
  tilesFor(image) {
    const scale = fittedScale(this.view, image) * window.devicePixelRatio;
    return wantsDetail(image, scale) ? tilesFor(image, scale) : [];
  }

  /** Open the loupe, or close it. */
  magnify() {
    if (this.loupe.isOpen) return this.loupe.close();
    if (!this.image || !this.isShown) return;
    this.loupe.open(this.image);
    this.moveLoupe(this.pointer ?? new OpenSeadragon.Point(this.view.width / 2, this.view.height / 2));
  }

  /** @param {OpenSeadragon.Point} point - in the window */
  moveLoupe(point) {
    this.held = point;
    this.loupe.move(point, this.osd.viewport.pointFromPixel(point, true));
  }

  /** Fill the screen with the image, or with all that it is compared with; or leave full screen. */
  fullscreen() {
    const room = this.root.closest("[data-comparing]") ?? this.root;
    if (document.fullscreenElement) document.exitFullscreen();
    else room.requestFullscreen?.().catch(() => null);
  }

  /** @param {PointerEvent} event */
  onMove(event) {
    const box = this.root.getBoundingClientRect();
    this.pointer = new OpenSeadragon.Point(event.clientX - box.left, event.clientY - box.top);
    if (this.loupe.isOpen) this.moveLoupe(this.pointer);
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    const by = {
      ArrowLeft: { x: -1, y: 0 },
      ArrowRight: { x: 1, y: 0 },
      ArrowUp: { x: 0, y: -1 },
      ArrowDown: { x: 0, y: 1 },
    }[event.key];
    if (event.key === "+" || event.key === "=") return this.zoomBy(event, 1.5);
    if (event.key === "-") return this.zoomBy(event, 1 / 1.5);
    if (event.key === "Escape" && this.loupe.isOpen) return this.loupe.close();
    if (!by || !this.isShown || !(this.zoomed || this.loupe.isOpen)) return;
    event.preventDefault();
    if (this.loupe.isOpen && this.held) {
      return this.moveLoupe(this.held.plus(new OpenSeadragon.Point(by.x, by.y).times(LOUPE_STRIDE)));
    }
    const { viewport } = this.osd;
    viewport.panBy(viewport.deltaPointsFromPixels(new OpenSeadragon.Point(by.x, by.y).times(STRIDE)));
    viewport.applyConstraints();
  }

  /**
   * @param {KeyboardEvent} event
   * @param {number} factor
   */
  zoomBy(event, factor) {
    if (!this.isShown) return;
    event.preventDefault();
    this.osd.viewport.zoomBy(factor);
    this.osd.viewport.applyConstraints();
  }
}

/**
 * OpenSeadragon writes a style sheet into the page, which our pages do not allow, unless it finds an element that looks
 * like it: one of that name which is no style sheet.
 */
function keepOutStyles() {
  const decoy = document.createElementNS(null, "style");
  decoy.setAttribute("data-openseadragon-mobile-css", "");
  document.head.append(decoy);
}
