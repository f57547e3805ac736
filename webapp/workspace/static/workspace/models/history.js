// @ts-check
/**
 * Remember the states of one annotation, so that changes can be undone and made again.
 *
 * Changes to the same field in quick succession, such as typing, are one step.
 *
 * @typedef {import("./assignment.js").AnnotationContent} AnnotationContent
 */
import { deepEqual } from "./deep-equal.js";

/** Changes to one field within this many milliseconds belong together. */
export const PATIENCE = 1500;

/** Older states than this many steps are forgotten. */
const LONGEST = 200;

export class History {
  /**
   * @param {AnnotationContent} state - as the annotation was opened
   * @param {() => number} now - the time in milliseconds
   */
  constructor(state, now) {
    this.now = now;
    this.present = structuredClone(state);
    /** @type {AnnotationContent[]} */
    this.past = [];
    /** @type {AnnotationContent[]} */
    this.future = [];
    this.field = "";
    this.at = -Infinity;
  }

  /**
   * Take note of a state. The present one, seen again, is no change.
   *
   * @param {AnnotationContent} state
   */
  record(state) {
    if (deepEqual(state, this.present)) return;
    const field = changedField(this.present, state);
    const goesOn = field !== "" && field === this.field && this.now() - this.at <= PATIENCE;
    if (!goesOn) this.past.push(this.present);
    if (this.past.length > LONGEST) this.past.shift();
    this.present = structuredClone(state);
    this.future = [];
    this.field = field;
    this.at = this.now();
  }

  /** @returns {AnnotationContent | null} the state before the last step; null when there is none */
  undo() {
    return this.move(this.past, this.future);
  }

  /** @returns {AnnotationContent | null} the state after the step undone last; null when there is none */
  redo() {
    return this.move(this.future, this.past);
  }

  /**
   * @param {AnnotationContent[]} from
   * @param {AnnotationContent[]} to
   */
  move(from, to) {
    const state = from.pop();
    if (!state) return null;
    to.push(this.present);
    this.present = state;
    this.field = "";
    return structuredClone(state);
  }
}

/**
 * @param {AnnotationContent} before
 * @param {AnnotationContent} after
 * @returns {string} the one field in which they differ; "" when there are several
 */
export function changedField(before, after) {
  const fields = before.subcategory === after.subcategory ? [] : ["subcategory"];
  for (const key of Object.keys(after.judgements)) {
    const [one, other] = [before.judgements[key], after.judgements[key]];
    if (one?.score !== other.score || one?.score_origin !== other.score_origin) fields.push(`${key}.score`);
    if (one?.critique !== other.critique || one?.critique_origin !== other.critique_origin) {
      fields.push(`${key}.critique`);
    }
    // A pin placed or removed is a step of its own; moving it about is one.
    if (!deepEqual(one?.pins ?? [], other.pins ?? [])) fields.push(`${key}.pins.${other.pins?.length}`);
  }
  return fields.length === 1 ? fields[0] : "";
}
