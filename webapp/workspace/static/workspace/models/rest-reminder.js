// @ts-check
/**
 * Count how long somebody has been judging without a rest, and today in all, and say when a rest or a stop would do
 * good. Clock and storage are handed in.
 *
 * @typedef {{active: number, last: number}} Spell - milliseconds of judging since the last rest; when it was last
 *   counted
 */

const MINUTE = 60_000;

/** A rest is suggested after this long, in milliseconds, and again after as long. */
export const SPELL = 25 * MINUTE;

/** Whoever pauses this long has rested. */
export const REST = 5 * MINUTE;

/** No more than this is counted at once: the computer slept for the rest of it, in milliseconds. */
const MOST_AT_ONCE = MINUTE;

/** A day's work: beyond it the page stops, softly. */
export const DAY = 90 * MINUTE;

export class RestReminder {
  /**
   * @param {object} options
   * @param {() => Storage} options.storage - asked each time, as a browser may refuse it
   * @param {string} options.person - the pseudonym of who is signed in
   * @param {() => number} options.now - the time in milliseconds
   * @param {number} options.today - milliseconds judged today before the page was opened
   */
  constructor({ storage, person, now, today }) {
    this.storage = storage;
    this.key = `connoisseur.spell.${person}`;
    this.now = now;
    this.today = today;
    this.suggested = 0;
    this.goesOn = false;
    /** @type {number | null} since when nobody was there */
    this.awaySince = null;
    this.spell = this.read();
    this.suggested = Math.floor(this.spell.active / SPELL);
  }

  /** Count the time since the last call as judging, unless it was long enough to be a rest. */
  tick() {
    const passed = this.now() - this.spell.last;
    const rested = passed >= REST;
    const counted = rested ? 0 : Math.min(passed, MOST_AT_ONCE);
    this.awaySince = null;
    this.today += counted;
    this.spell = { active: rested ? 0 : this.spell.active + counted, last: this.now() };
    if (rested) this.suggested = 0;
    this.write();
  }

  /** Let time pass without counting it, such as while the page is hidden; a long one is a rest. */
  pause() {
    this.awaySince ??= this.spell.last;
    const rested = this.now() - this.awaySince >= REST;
    this.spell = { active: rested ? 0 : this.spell.active, last: this.now() };
    if (rested) this.suggested = 0;
    this.write();
  }

  /** @returns {number} whole minutes since the last rest */
  get minutes() {
    return Math.floor(this.spell.active / MINUTE);
  }

  /** @returns {boolean} whether to suggest a rest now; once for each spell */
  suggest() {
    const due = Math.floor(this.spell.active / SPELL);
    if (due <= this.suggested) return false;
    this.suggested = due;
    return true;
  }

  /** @returns {boolean} whether the day's work is done and the person has not asked to go on */
  get isEnough() {
    return this.today >= DAY && !this.goesOn;
  }

  /** Let the person go on today. */
  goOn() {
    this.goesOn = true;
  }

  /** @returns {Spell} */
  read() {
    const fresh = { active: 0, last: this.now() };
    try {
      const { active, last } = JSON.parse(this.storage().getItem(this.key) ?? "{}");
      const fits = Number.isFinite(active) && Number.isFinite(last) && this.now() - last < REST && last <= this.now();
      return fits ? { active, last: this.now() } : fresh;
    } catch {
      return fresh;
    }
  }

  write() {
    try {
      this.storage().setItem(this.key, JSON.stringify(this.spell));
    } catch {
      // The browser refuses its storage; the spell is counted on this page only.
    }
  }
}
