// @ts-check
/**
 * Save a draft a moment after the last change, one save at a time, and say honestly where it is. The save,
 * the journal and the clock are handed in.
 *
 * Each change goes to the journal at once and leaves it when the server has it, so that neither a reload nor a lost
 * network loses a word.
 *
 * @typedef {"saved" | "saving" | "kept" | "unkept" | "signed-out" | "conflict" | "refused"} State - kept: only in this
 *   browser; unkept: only on this page, as the browser refuses its storage; refused: in this browser, as the server takes
 *   it no more
 * @typedef {{now: () => number, after: (milliseconds: number, act: () => void) => any, cancel: (timer: any) => void}}
 *   Clock
 * @typedef {import("./journal.js").Journal} Journal
 * @typedef {import("./api.js").ApiError} ApiError
 */
import { countChanges } from "./count-changes.js";
import { deepEqual } from "./deep-equal.js";

/** Milliseconds after the last change. */
export const DELAY = 800;
const FIRST_RETRY = 2_000;
const LAST_RETRY = 30_000;

export class Autosave {
  /**
   * @param {object} options
   * @param {number} options.version - of the draft the page was given
   * @param {string} options.state - of the assignment
   * @param {(version: number, draft: any) => Promise<number>} options.save
   * @param {Pick<Journal, "write" | "clear">} options.journal
   * @param {Clock} options.clock
   * @param {any} options.stored - the draft on the server, or how the form was opened
   * @param {(state: State, error: ApiError | null, pending: number) => void} options.report - pending: how many fields
   *   the server does not have as they are here
   */
  constructor({ version, state, save, journal, clock, stored, report }) {
    this.save = save;
    this.journal = journal;
    this.clock = clock;
    this.stored = stored;
    this.report = report;
    this.version = version;
    this.assignmentState = state;
    /** @type {any} */
    this.draft = null;
    this.dirty = false;
    this.stopped = false;
    /** Whether the journal has the draft as it is now. */
    this.kept = Promise.resolve(true);
    this.failures = 0;
    /** @type {any} */
    this.timer = null;
    /** @type {Promise<void> | null} */
    this.saving = null;
    /** @type {State} */
    this.state = "saved";
  }

  /** @param {any} draft - the whole of it, as it is now */
  change(draft) {
    this.draft = draft;
    this.dirty = true;
    this.keep();
    if (this.state === "signed-out") this.setState("signed-out"); // With how much is kept here by now.
    if (this.stopped || this.state === "conflict" || this.state === "signed-out") return;
    // While the server is out of reach a change does not hurry the next try, and the page goes on saying so.
    if (this.failures === 0) this.setState("saving");
    if (this.failures === 0 || this.timer === null) this.schedule(DELAY);
  }

  /** Save now, such as when the network is back or the person has signed in again. */
  async flush() {
    this.cancel();
    while (this.saving) await this.saving;
    if (this.stopped || !this.dirty || this.state === "conflict") return;
    this.saving = this.push().finally(() => (this.saving = null));
    await this.saving;
  }

  /** Hold back, such as while the annotation itself is sent; resolves when no save is under way. */
  async stop() {
    this.stopped = true;
    this.cancel();
    await this.saving;
  }

  /** Go on after a stop. */
  resume() {
    this.stopped = false;
    if (this.dirty) this.schedule(DELAY);
  }

  /** Forget the draft, as the annotation is stored. */
  finish() {
    this.stopped = true;
    this.cancel();
    this.dirty = false;
    this.journal.clear();
  }

  /**
   * Go on after a conflict from what the server holds.
   *
   * @param {number} version - of the draft on the server
   * @param {any} draft - what to save over it; null when the server's draft is taken
   * @param {any} stored - the draft on the server
   */
  resolveConflict(version, draft, stored) {
    this.version = version;
    this.stored = stored;
    this.state = "saved";
    this.dirty = false;
    this.journal.clear();
    if (draft) this.change(draft);
    else this.setState("saved");
  }

  /** Send what there is and deal with the response. */
  async push() {
    const sent = this.draft;
    this.dirty = false;
    this.setState("saving");
    try {
      this.version = await this.save(this.version, sent);
      this.stored = sent;
      this.succeed();
    } catch (error) {
      this.dirty = true;
      await this.fail(/** @type {ApiError} */ (error), sent);
    }
  }

  succeed() {
    this.failures = 0;
    if (this.dirty) {
      this.keep();
      if (!this.stopped) this.schedule(DELAY);
      return;
    }
    this.journal.clear();
    this.setState("saved");
  }

  /**
   * @param {ApiError} error
   * @param {any} sent
   */
  async fail(error, sent) {
    const theirs = error.assignment;
    if (error.kind === "conflict" && theirs && deepEqual(theirs.draft, sent)) {
      // The save had arrived; only the response was lost.
      this.version = theirs.draft_version;
      this.dirty = !deepEqual(this.draft, sent);
      this.stored = sent;
      this.succeed();
    } else if (error.kind === "signed-out" || (error.kind === "conflict" && theirs)) {
      this.setState(error.kind, error);
    } else if (error.kind !== "unavailable") {
      // Such as in a campaign that was closed. It may be opened again, so that a try now and then is worth while.
      this.failures += 1;
      this.setState("refused", error);
      if (!this.stopped) this.schedule(LAST_RETRY);
    } else {
      this.failures += 1;
      this.setState((await this.kept) ? "kept" : "unkept", error);
      if (!this.stopped) this.schedule(Math.min(FIRST_RETRY * 2 ** (this.failures - 1), LAST_RETRY));
    }
  }

  /** @returns {number} how many changes are not on the server */
  get pending() {
    return this.draft ? countChanges(this.draft, this.stored) : 0;
  }

  keep() {
    const { version, assignmentState: state, draft } = this;
    this.kept = this.journal.write({ version, state, draft, at: this.clock.now() });
    this.kept.then((kept) => {
      if (this.state === "kept" || this.state === "unkept") this.setState(kept ? "kept" : "unkept");
    });
  }

  /** @param {number} milliseconds */
  schedule(milliseconds) {
    this.cancel();
    this.timer = this.clock.after(milliseconds, () => this.flush());
  }

  cancel() {
    if (this.timer !== null) this.clock.cancel(this.timer);
    this.timer = null;
  }

  /**
   * @param {State} state
   * @param {ApiError | null} [error]
   */
  setState(state, error = null) {
    this.state = state;
    this.report(state, error, this.pending);
  }
}
