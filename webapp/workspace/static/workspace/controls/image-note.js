// @ts-check
/**
 * Say in the image's place why it is not there, or not whole, until it is, and offer to load it again.
 *
 * Expects: <div data-image-note hidden> with [data-image-words] and <button data-load-again> within the viewer.
 */
import { findOne, wording } from "./page-elements.js";

export class ImageNote {
  /**
   * @param {HTMLElement} root
   * @param {() => void} reload
   */
  constructor(root, reload) {
    this.element = findOne(root, "[data-image-note]", HTMLElement);
    this.words = findOne(this.element, "[data-image-words]", HTMLElement);
    findOne(this.element, "[data-load-again]", HTMLElement).addEventListener("click", () => reload());
    // The network that comes back may bring the image, without anybody having to ask.
    window.addEventListener("online", () => this.isMissing && reload());
  }

  /** @returns {boolean} whether the image is said to be missing */
  get isMissing() {
    return !this.element.hidden && this.element.dataset.why === "missing";
  }

  /** @param {"missing" | "slow" | "coarse"} why */
  show(why) {
    this.element.dataset.why = why;
    this.words.textContent = wording(`image-${why}`);
    this.element.hidden = false;
  }

  /** Take back that the image is late or missing; that it is coarse may have been found out before it was drawn. */
  arrive() {
    if (this.element.dataset.why !== "coarse") this.hide();
  }

  hide() {
    this.element.hidden = true;
  }
}
