// @ts-check
/**
 * Have the image that is likely to come next loaded and decoded behind the present one, unseen, so that it can take
 * its place within a frame.
 *
 * @typedef {import("../models/assignment.js").Image} Image
 */
import { displaySource } from "./image-sources.js";
import { fetchImage } from "./load-image.js";

export class NextImage {
  /** @param {OpenSeadragon.Viewer} osd */
  constructor(osd) {
    this.osd = osd;
    /** @type {{image: Image, item: OpenSeadragon.TiledImage | null} | null} */
    this.next = null;
  }

  /** @param {Image | undefined} image */
  hold(image) {
    if (!image || !this.osd.isOpen() || this.next) return;
    /** @type {{image: Image, item: OpenSeadragon.TiledImage | null}} */
    const next = { image, item: null };
    this.next = next;
    this.add(next);
  }

  /**
   * Only once it is loaded: until then it would keep all others waiting. What fails is tried again when it is called for.
   *
   * @param {{image: Image, item: OpenSeadragon.TiledImage | null, loaded?: object}} next
   */
  async add(next) {
    next.loaded = (await fetchImage(next.image.display).catch(() => null)) ?? undefined;
    if (!next.loaded || next !== this.next || !this.osd.isOpen()) return;
    // What is not seen has no say in how far one can move.
    this.osd.world.setAutoRefigureSizes(false);
    const success = (/** @type {any} */ { item }) => {
      if (next === this.next) next.item = item;
      else this.osd.world.removeItem(item);
    };
    const tileSource = displaySource(next.image);
    this.osd.addTiledImage({ tileSource, width: 1, opacity: 0, preload: true, success });
  }

  /**
   * Let it take the place of the present image, if it is the one that comes; else it is let go.
   *
   * @param {Image} image
   * @returns {boolean} whether it did
   */
  enter(image) {
    const item = this.next?.image.display === image.display ? this.next.item : null;
    const { world } = this.osd;
    this.next = null;
    if (item) {
      const items = Array.from({ length: world.getItemCount() }, (_, index) => world.getItemAt(index));
      for (const other of items) if (other !== item) world.removeItem(other);
      item.setOpacity(1);
    }
    world.setAutoRefigureSizes(true);
    return item !== null;
  }
}
