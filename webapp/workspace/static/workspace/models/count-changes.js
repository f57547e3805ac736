// @ts-check
/**
 * Count what differs between two states of an answer, field by field.
 *
 * @typedef {import("./assignment.js").Said} Said
 */
import { same } from "./deep-equal.js";

/**
 * @param {Said} said
 * @param {Said | null} before
 * @returns {number} how many fields differ: the subcategory, each score, each critique with its pins
 */
export function countChanges(said, before) {
  const kind = said.subcategory === before?.subcategory ? 0 : 1;
  return Object.entries(said.judgements ?? {}).reduce((count, [key, now]) => {
    const then = before?.judgements?.[key];
    const score = now.score === (then?.score ?? null) ? 0 : 1;
    const text = now.critique === (then?.critique ?? "") && same(now.pins ?? [], then?.pins ?? []) ? 0 : 1;
    return count + score + text;
  }, kind);
}
