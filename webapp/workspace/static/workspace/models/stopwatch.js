// @ts-check
/** Measure how long an image was looked at: time runs only while its page is in view. */

export class Stopwatch {
  /** @param {() => number} now - the time in milliseconds */
  constructor(now) {
    this.now = now;
    this.counted = 0;
    /** @type {number | null} */
    this.since = null;
  }

  /** @param {number} seconds - counted before, such as in an earlier visit to the page */
  reset(seconds) {
    this.counted = seconds * 1000;
    this.since = null;
  }

  start() {
    this.since ??= this.now();
  }

  pause() {
    this.counted += this.since === null ? 0 : this.now() - this.since;
    this.since = null;
  }

  /** @returns {number} whole seconds */
  seconds() {
    const running = this.since === null ? 0 : this.now() - this.since;
    return Math.round((this.counted + running) / 1000);
  }
}
