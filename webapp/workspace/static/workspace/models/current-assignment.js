// @ts-check
/**
 * The assignment at hand: the annotation that is being made, the steps it came by, the time it took, and its draft.
 *
 * @typedef {import("./assignment.js").Assignment} Assignment
 */
import { Annotation } from "./annotation.js";
import { Drafts } from "./drafts.js";
import { History } from "./history.js";
import { Stopwatch } from "./stopwatch.js";

export class CurrentAssignment {
  /**
   * @param {object} options
   * @param {import("./api.js").Api} options.api
   * @param {import("./assignment.js").Rubric} options.rubric
   * @param {string} options.person - the pseudonym of who is signed in
   * @param {() => boolean} options.isSeen - whether the image is on screen, so that time counts
   * @param {(mine: any, theirs: any) => Promise<any>} options.choose - returns the draft the person chose
   * @param {(state: import("./autosave.js").State, error: import("./api.js").ApiError | null, pending: number) => void}
   *   options.report - how saving goes
   * @param {(annotation: Annotation) => void} options.changed
   */
  constructor({ api, rubric, person, isSeen, choose, report, changed }) {
    this.api = api;
    this.rubric = rubric;
    this.isSeen = isSeen;
    this.choose = choose;
    this.changed = changed;
    this.stopwatch = new Stopwatch(() => performance.now());
    this.drafts = new Drafts({ api, person, report });
    /** @type {Assignment | null} */
    this.assignment = null;
    /** @type {Annotation | null} */
    this.annotation = null;
    /** @type {History | null} */
    this.history = null;
    /** @type {number | null} */
    this.toFirstScore = null;
  }

  /**
   * @param {Assignment} assignment - whose annotation, or what is made of it after the reveal, is to be given now
   * @returns {Promise<Annotation>} it, as far as it was drafted before
   */
  async open(assignment) {
    const annotation = new Annotation(this.rubric, assignment);
    this.assignment = assignment;
    this.annotation = annotation;
    this.stopwatch.reset(0);
    this.toFirstScore = null;
    this.drafts.open(assignment, () => this.draft());
    const keptDraft = await this.drafts.readKept();
    const draft = keptDraft.conflict ? await this.choose(keptDraft.mine, assignment.draft) : keptDraft.draft;
    if (draft) await this.takeUp(draft);
    this.history = new History(annotation.content(), () => Date.now());
    annotation.listeners.add(() => this.onChange(annotation));
    if (keptDraft.unsaved) this.drafts.saveChange();
    if (this.isSeen()) this.stopwatch.start();
    return annotation;
  }

  /** @param {any} draft */
  async takeUp(draft) {
    this.annotation?.restore(draft);
    await this.markChanges(draft);
    this.stopwatch.reset(Number(draft.seconds) || 0);
    this.toFirstScore = draft.seconds_to_first_score ?? null;
    if (this.isSeen()) this.stopwatch.start();
  }

  /** @param {any} draft - which may have been written by an earlier version of the rubric */
  async markChanges({ rubric_version: since, looked_at: lookedAt = [] }) {
    const { annotation, assignment } = this;
    if (!assignment || !Number.isInteger(since) || since === this.rubric.version) return;
    const response = await this.api.showAssignment(assignment.id, since).catch(() => null);
    annotation?.markChanges(since, response?.rubric_changes ?? null, Array.isArray(lookedAt) ? lookedAt : []);
  }

  /** @param {Annotation} annotation */
  onChange(annotation) {
    const isBegun = annotation.keys.some((key) => !["", "model"].includes(annotation.field(key, "score").origin));
    if (!annotation.isStored && isBegun) this.toFirstScore ??= this.stopwatch.seconds();
    this.history?.record(annotation.content());
    this.changed(annotation);
    this.drafts.saveChange();
  }

  /**
   * @param {"undo" | "redo"} direction
   * @returns {boolean} whether there was a step to go
   */
  undoOrRedo(direction) {
    const state = this.history?.[direction]() ?? null;
    if (state) this.annotation?.restore(state);
    return state !== null;
  }

  /** @returns {object} the draft as it is stored */
  draft() {
    return { ...this.annotation?.content(), ...this.annotation?.standing(), ...this.timing() };
  }

  timing() {
    // What was drawn was seen, if for less than half a second.
    return { seconds: Math.max(1, this.stopwatch.seconds()), seconds_to_first_score: this.toFirstScore };
  }

  /**
   * Let the person choose between what is here and what was stored elsewhere, and go on from that.
   *
   * @param {Assignment} theirs
   */
  async resolveConflict(theirs) {
    const choice = await this.choose(this.draft(), theirs.draft);
    const isTheirs = choice === theirs.draft;
    if (isTheirs) await this.takeUp(choice);
    this.drafts.resolveConflict(theirs.draft_version, isTheirs ? null : this.draft(), theirs.draft);
  }
}
