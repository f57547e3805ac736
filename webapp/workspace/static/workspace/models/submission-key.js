// @ts-check
/**
 * Give each submit its key. Every retry of the same annotation carries the same key, so that the server stores it once;
 * an annotation changed meanwhile is another one.
 */
import { deepEqual } from "./deep-equal.js";

/**
 * Make a random UUID, also where a browser keeps its own maker for pages served over HTTPS.
 *
 * @returns {string}
 */
export function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

export class SubmissionKey {
  /** @param {() => string} [make] */
  constructor(make = newKey) {
    this.make = make;
    this.key = "";
    /** @type {any} */
    this.content = null;
  }

  /**
   * @param {object} content - what the annotation says
   * @returns {string}
   */
  keyFor(content) {
    if (!this.key || !deepEqual(content, this.content)) {
      this.key = this.make();
      this.content = structuredClone(content);
    }
    return this.key;
  }
}
