// @ts-check
/**
 * Fetch the images that are likely to come next, and hold them so that they are at hand.
 *
 * @typedef {import("./assignment.js").Image} Image
 */

export class Ahead {
  /**
   * @param {object} options
   * @param {() => Promise<{images: Image[]}>} options.ask
   * @param {(image: Image) => string[]} [options.closer] - what else the whole image needs to be sharp, its tiles
   * @param {(url: string) => object} options.load - begin to load one; what comes back keeps it in memory
   */
  constructor({ ask, load, closer = () => [] }) {
    this.ask = ask;
    this.load = load;
    this.closer = closer;
    /** @type {Map<string, object>} */
    this.held = new Map();
    /** @type {Image[]} */
    this.images = [];
  }

  /** Load what comes next and let go of the rest. That it fails costs no more than the wait it would have saved. */
  async fetch() {
    const told = await this.ask().catch(() => null);
    if (!told) return;
    this.images = told.images;
    const urls = told.images.flatMap((image) => [image.display, ...this.closer(image)]);
    this.held = new Map(urls.map((url) => [url, this.held.get(url) ?? this.load(url)]));
  }

  /** @returns {Image | undefined} what is likely to come next, if it was told; it is told once */
  take() {
    return this.images.shift();
  }
}
