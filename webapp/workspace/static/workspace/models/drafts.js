// @ts-check
/**
 * Keep the draft of the present annotation: on the server when it can be reached, in this browser until then.
 *
 * @typedef {import("./assignment.js").Assignment} Assignment
 * @typedef {import("./autosave.js").State} State
 * @typedef {{draft: any, mine: any, unsaved: boolean, conflict: boolean}} KeptDraft - draft: what to go on from; mine: this
 *   browser's copy, where it differs; conflict: the server holds another one that does not build on it
 */
import { Autosave } from "./autosave.js";
import { CLOCK } from "./clock.js";
import { deepEqual } from "./deep-equal.js";
import { Journal } from "./journal.js";

export class Drafts {
  /**
   * @param {object} options
   * @param {import("./api.js").Api} options.api
   * @param {string} options.person - the pseudonym of who is signed in
   * @param {(state: State, error: import("./api.js").ApiError | null, pending: number) => void} options.report
   */
  constructor({ api, person, report }) {
    this.api = api;
    this.person = person;
    this.report = report;
    /** @type {Autosave | null} */
    this.autosave = null;
    /** @type {() => object} */
    this.present = () => ({});
  }

  /**
   * Begin with an assignment.
   *
   * @param {Assignment} assignment
   * @param {() => object} present - returns the draft as it is now
   */
  open(assignment, present) {
    this.assignment = assignment;
    this.present = present;
    this.journal = new Journal(() => indexedDB, this.person, assignment.id);
    this.journal.prune(Date.now());
    this.autosave = new Autosave({
      version: assignment.draft_version,
      state: assignment.state,
      save: (version, draft) => this.api.saveDraft(assignment.id, version, draft),
      journal: this.journal,
      clock: CLOCK,
      stored: assignment.draft ?? present(),
      report: this.report,
    });
    this.report("saved", null, 0);
  }

  /** @returns {Promise<KeptDraft>} what this browser and the server hold between them */
  async readKept() {
    const { assignment, journal } = this;
    const draft = assignment?.draft ?? null;
    const copy = (await journal?.read()) ?? null;
    const useful = copy !== null && copy.state === assignment?.state && !deepEqual(copy.draft, draft);
    if (!copy || !useful) {
      journal?.clear();
      return { draft, mine: null, unsaved: false, conflict: false };
    }
    const conflict = copy.version !== assignment?.draft_version;
    return { draft: copy.draft, mine: copy.draft, unsaved: true, conflict };
  }

  saveChange() {
    this.autosave?.change(this.present());
  }

  /**
   * @param {number} version
   * @param {any} draft - null when the server's is taken
   * @param {any} stored - the server's
   */
  resolveConflict(version, draft, stored) {
    this.autosave?.resolveConflict(version, draft, stored);
  }

  flush() {
    return this.autosave?.flush();
  }

  stop() {
    return this.autosave?.stop();
  }

  resume() {
    this.autosave?.resume();
  }

  finish() {
    this.autosave?.finish();
  }

  /** @returns {boolean} whether leaving the page would lose words */
  get isOnlyHere() {
    return this.autosave?.state === "unkept";
  }
}
