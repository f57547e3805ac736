// @ts-check
/** Measure how long an image was looked at: time runs only while its page is in view and somebody is there. */

/** Whoever touches nothing for so many milliseconds is taken to be away: more of it is not counted, nor is sleep. */
export const IDLE = 2 * 60 * 1000;

export class Stopwatch {
  /** @param {() => number} now - the time in milliseconds */
  constructor(now) {
    this.now = now;
    this.counted = 0;
    /** @type {number | null} when somebody was last known to be there; null while time stands still */
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

  /** Note that somebody is there: something was pressed, moved or typed. */
  touch() {
    if (this.since === null) return;
    this.counted += this.running();
    this.since = this.now();
  }

  pause() {
    this.counted += this.running();
    this.since = null;
  }

  /** @returns {number} milliseconds since somebody was last known to be there, as far as they count */
  running() {
    return this.since === null ? 0 : Math.min(this.now() - this.since, IDLE);
  }

  /** @returns {boolean} whether nobody has been there for a while */
  get isIdle() {
    return this.since !== null && this.now() - this.since >= IDLE;
  }

  /** @returns {number} whole seconds */
  seconds() {
    return Math.round((this.counted + this.running()) / 1000);
  }
}
