// @ts-check
/** Compare what was sent with what came back: the order of names does not matter. */

/**
 * @param {any} one
 * @param {any} other
 * @returns {boolean}
 */
export function deepEqual(one, other) {
  if (one === other) return true;
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null) return false;
  const names = Object.keys(one);
  return names.length === Object.keys(other).length && names.every((name) => deepEqual(one[name], other[name]));
}
