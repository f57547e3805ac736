// @ts-check
/**
 * Notice that a session that had ended is good again, in whatever tab the person signed in, or that it belongs to
 * somebody else by now. The question to the server and the clock are handed in.
 *
 * @typedef {import("./autosave.js").Clock} Clock
 */

/** The server is asked this often, in milliseconds, until the person is back. */
export const PERIOD = 2_000;

export class SessionWatch {
  /**
   * @param {object} options
   * @param {string} options.person - the pseudonym of whose page this is
   * @param {() => Promise<string | null>} options.ask - who is signed in: "" nobody, null when the server cannot be reached
   * @param {Pick<Clock, "after" | "cancel">} options.clock
   * @param {() => void} options.returned - told once when the person is back
   * @param {(isOther: boolean) => void} options.other - told whether somebody else is signed in
   */
  constructor({ person, ask, clock, returned, other }) {
    this.person = person;
    this.ask = ask;
    this.clock = clock;
    this.returned = returned;
    this.other = other;
    this.isOn = false;
    /** @type {any} */
    this.timer = null;
  }

  start() {
    if (this.isOn) return;
    this.isOn = true;
    this.check();
  }

  /** Ask now, such as when the person comes back to this tab. */
  async check() {
    if (!this.isOn) return;
    this.clock.cancel(this.timer);
    const signedIn = await this.ask();
    if (signedIn !== null) this.tell(signedIn);
    this.clock.cancel(this.timer);
    if (this.isOn) this.timer = this.clock.after(PERIOD, () => this.check());
  }

  /** @param {string} signedIn - who is signed in, "" nobody */
  tell(signedIn) {
    if (!this.isOn) return;
    this.other(Boolean(signedIn) && signedIn !== this.person);
    if (signedIn !== this.person) return;
    this.isOn = false;
    this.clock.cancel(this.timer);
    this.returned();
  }
}
