// @ts-check
/**
 * Weigh the attributes' scores into the holistic score, for display; the server computes the one that counts.
 *
 * @typedef {{key: string, weight: number}} Weighted - weight in whole per cent, 0 for the overall judgement
 */

/**
 * Return the weighted sum with two decimals, halves to the even neighbour as on the server.
 *
 * @param {Weighted[]} attributes
 * @param {(key: string) => number | null} scoreOf
 * @returns {number | null} null until every weighted attribute has a score
 */
export function holisticScore(attributes, scoreOf) {
  let total = 0;
  for (const { key, weight } of attributes) {
    if (!weight) continue;
    const score = scoreOf(key);
    if (score === null) return null;
    total += weight * score;
  }
  return roundHalfEven(total) / 100;
}

/**
 * @param {number} value
 * @returns {number}
 */
function roundHalfEven(value) {
  const below = Math.floor(value);
  const rest = value - below;
  if (rest !== 0.5) return Math.round(value);
  return below % 2 === 0 ? below : below + 1;
}
