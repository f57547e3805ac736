// @ts-check
/**
 * Count what differs between two states of an annotation, field by field.
 *
 * @typedef {import("./assignment.js").AnnotationContent} AnnotationContent
 */
import { deepEqual } from "./deep-equal.js";

/**
 * @param {AnnotationContent} content
 * @param {AnnotationContent | null} before
 * @returns {number} how many fields differ: the subcategory, each score, each critique with its pins
 */
export function countChanges(content, before) {
  const subcategory = content.subcategory === before?.subcategory ? 0 : 1;
  return Object.entries(content.judgements ?? {}).reduce((count, [key, now]) => {
    const then = before?.judgements?.[key];
    const score = now.score === (then?.score ?? null) ? 0 : 1;
    const text = now.critique === (then?.critique ?? "") && deepEqual(now.pins ?? [], then?.pins ?? []) ? 0 : 1;
    return count + score + text;
  }, subcategory);
}
