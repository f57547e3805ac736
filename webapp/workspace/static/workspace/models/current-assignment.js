// @ts-check
/**
 * Hold the answer that is being given: what it says, the steps it came by, the time it took, and its draft.
 *
 * @typedef {import("./assignment.js").Assignment} Assignment
 */
import { Answer } from "./annotation.js";
import { Drafts } from "./drafts.js";
import { History } from "./history.js";
import { Stopwatch } from "./stopwatch.js";

export class Work {
  /**
   * @param {object} options
   * @param {import("./api.js").Api} options.api
   * @param {import("./assignment.js").Rubric} options.rubric
   * @param {string} options.person - the pseudonym of who is signed in
   * @param {() => boolean} options.isSeen - whether the image is on screen, so that time counts
   * @param {(mine: any, theirs: any) => Promise<any>} options.choose - returns the draft the person chose
   * @param {(state: import("./autosave.js").State, error: import("./api.js").ApiError | null, pending: number) => void}
   *   options.report - how saving goes
   * @param {(answer: Answer) => void} options.changed
   */
  constructor({ api, rubric, person, isSeen, choose, report, changed }) {
    this.rubric = rubric;
    this.isSeen = isSeen;
    this.choose = choose;
    this.changed = changed;
    this.watch = new Stopwatch(() => performance.now());
    this.drafts = new Drafts({ api, person, report });
    /** @type {Assignment | null} */
    this.assignment = null;
    /** @type {Answer | null} */
    this.answer = null;
    /** @type {History | null} */
    this.history = null;
    /** @type {number | null} */
    this.toFirstScore = null;
  }

  /**
   * @param {Assignment} assignment - whose answer, or what is made of it after the reveal, is to be given now
   * @returns {Promise<Answer>} it, as far as it was drafted before
   */
  async open(assignment) {
    const answer = new Answer(this.rubric, assignment);
    this.assignment = assignment;
    this.answer = answer;
    this.watch.reset(0);
    this.toFirstScore = null;
    this.drafts.open(assignment, () => this.draft());
    const kept = await this.drafts.kept();
    const draft = kept.conflict ? await this.choose(kept.mine, assignment.draft) : kept.draft;
    if (draft) this.takeUp(draft);
    this.history = new History(answer.said(), () => Date.now());
    answer.listeners.add(() => this.onChange(answer));
    if (kept.unsaved) this.drafts.change();
    if (this.isSeen()) this.watch.start();
    return answer;
  }

  /** @param {any} draft */
  takeUp(draft) {
    this.answer?.restore(draft);
    this.watch.reset(Number(draft.seconds) || 0);
    this.toFirstScore = draft.seconds_to_first_score ?? null;
    if (this.isSeen()) this.watch.start();
  }

  /** @param {Answer} answer */
  onChange(answer) {
    const judged = answer.keys.some((key) => !["", "model"].includes(answer.field(key, "score").from));
    if (!answer.isStored && judged) this.toFirstScore ??= this.watch.seconds();
    this.history?.record(answer.said());
    this.changed(answer);
    this.drafts.change();
  }

  /**
   * @param {"undo" | "redo"} direction
   * @returns {boolean} whether there was a step to go
   */
  go(direction) {
    const state = this.history?.[direction]() ?? null;
    if (state) this.answer?.restore(state);
    return state !== null;
  }

  /** @returns {object} the draft as it is stored */
  draft() {
    return { ...this.answer?.said(), ...this.timing() };
  }

  timing() {
    return { seconds: this.watch.seconds(), seconds_to_first_score: this.toFirstScore };
  }

  /**
   * Let the person choose between what is here and what was stored elsewhere, and go on from that.
   *
   * @param {Assignment} theirs
   */
  async resolveConflict(theirs) {
    const chosen = await this.choose(this.draft(), theirs.draft);
    const isTheirs = chosen === theirs.draft;
    if (isTheirs) this.takeUp(chosen);
    this.drafts.resolveConflict(theirs.draft_version, isTheirs ? null : this.draft(), theirs.draft);
  }
}
