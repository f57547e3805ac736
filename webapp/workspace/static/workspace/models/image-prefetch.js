// @ts-check
/**
 * Fetch the images that are likely to come next, and hold them so that they are at hand.
 *
 * @typedef {import("./assignment.js").Image} Image
 */

export class ImagePrefetch {
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
    this.loaded = new Map();
    /** @type {Image[]} */
    this.images = [];
  }

  /** Load what comes next and let go of the rest. That it fails costs no more than the wait it would have saved. */
  async fetch() {
    const response = await this.ask().catch(() => null);
    if (!response) return;
    this.images = response.images;
    const urls = response.images.flatMap((image) => [image.display, ...this.closer(image)]);
    this.loaded = new Map(urls.map((url) => [url, this.loaded.get(url) ?? this.load(url)]));
  }

  /** @returns {Image | undefined} what is likely to come next, if it was told; it is told once */
  take() {
    return this.images.shift();
  }
}
