// @ts-check
/**
 * Do the arithmetic of a scale: which points there are, what a key sets, what stands next to what.
 *
 * @typedef {{minimum: number, maximum: number, step: number}} Scale
 * @typedef {{text: string, at: number}} Typed - what was typed lately (text) and when (at, in milliseconds)
 * @typedef {{score: number | null, typed: Typed}} AfterKey
 */

/** Keys typed within this many milliseconds belong to one number: "1" and "0", or "7", "." and "5". */
export const PATIENCE = 1200;

/** @type {Typed} */
export const NOTHING_TYPED = { text: "", at: -Infinity };

const POINT_KEYS = [".", ",", "。", "·"];

/**
 * @param {Scale} scale
 * @returns {number[]} every score on the scale, the lowest first
 */
export function scalePoints(scale) {
  const count = Math.round((scale.maximum - scale.minimum) / scale.step);
  return Array.from({ length: count + 1 }, (_, index) => scale.minimum + index * scale.step);
}

/**
 * @param {Scale} scale
 * @param {number} score
 * @returns {number} the place of the score nearest to it, counted from 0
 */
export function place(scale, score) {
  const held = Math.min(Math.max(score, scale.minimum), scale.maximum);
  return Math.round((held - scale.minimum) / scale.step);
}

/**
 * @param {Scale} scale
 * @param {unknown} score
 * @returns {score is number} whether this is a score of the scale
 */
export function isOnScale(scale, score) {
  return typeof score === "number" && scalePoints(scale).includes(score);
}

/**
 * Move by steps without running round the ends. From nothing, upwards begins at the lowest score, downwards at the
 * highest, so that no middle is offered.
 *
 * @param {Scale} scale
 * @param {number | null} score
 * @param {number} steps - how many, negative ones downwards
 * @returns {number}
 */
export function stepScore(scale, score, steps) {
  if (score === null) return steps > 0 ? scale.minimum : scale.maximum;
  const all = scalePoints(scale);
  return all[Math.min(Math.max(place(scale, score) + steps, 0), all.length - 1)];
}

/**
 * Read a key pressed while the scale has the focus. Digits set whole points at once; "1" then "0", or "t", sets ten;
 * "." adds half a point or takes it away; "7", ".", "5" is read as typed.
 *
 * @param {Scale} scale
 * @param {string} key - the name of the key, as in KeyboardEvent.key
 * @param {number | null} score - the present score
 * @param {Typed} typed - what was typed before
 * @param {number} now - in milliseconds
 * @returns {AfterKey | null} null when the key means nothing here
 */
export function applyKey(scale, key, score, typed, now) {
  const moved = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[key];
  if (moved) return { score: stepScore(scale, score, moved), typed: NOTHING_TYPED };
  if (key === "Home") return { score: scale.minimum, typed: NOTHING_TYPED };
  if (key === "End") return { score: scale.maximum, typed: NOTHING_TYPED };
  if (key === "Backspace" || key === "Delete") return { score: null, typed: NOTHING_TYPED };
  if (key.toLowerCase() === "t") return isOnScale(scale, 10) ? { score: 10, typed: NOTHING_TYPED } : null;
  const before = now - typed.at <= PATIENCE ? typed.text : "";
  if (POINT_KEYS.includes(key)) return pressPoint(scale, score, before, now);
  return /^[0-9]$/.test(key) ? pressDigit(scale, key, before, now) : null;
}

/**
 * @param {Scale} scale
 * @param {number | null} score
 * @param {string} before - what was typed just before
 * @param {number} now
 * @returns {AfterKey | null}
 */
function pressPoint(scale, score, before, now) {
  if (score === null) return null;
  const half = Number.isInteger(score) ? score + 0.5 : Math.floor(score);
  const typed = /^\d+$/.test(before) ? { text: `${before}.`, at: now } : NOTHING_TYPED;
  return { score: isOnScale(scale, half) ? half : score, typed };
}

/**
 * @param {Scale} scale
 * @param {string} digit
 * @param {string} before - what was typed just before
 * @param {number} now
 * @returns {AfterKey | null}
 */
function pressDigit(scale, digit, before, now) {
  for (const text of [before + digit, digit]) {
    const score = Number(text);
    if (/^(0|[1-9]\d*)(\.\d)?$/.test(text) && isOnScale(scale, score)) return { score, typed: { text, at: now } };
  }
  return null;
}

/**
 * Say where each anchor stands, so that its words can be set under their score.
 *
 * @param {Scale} scale
 * @param {number[]} scores - of the anchors, rising
 * @returns {{from: number, to: number}[]} in half steps from the left edge of the first score's place
 */
export function anchorSpans(scale, scores) {
  const middles = scores.map((score) => 2 * place(scale, score) + 1);
  const width = 2 * scalePoints(scale).length;
  return middles.map((middle, index) => {
    const before = index > 0 ? middle - middles[index - 1] : Infinity;
    const after = index + 1 < middles.length ? middles[index + 1] - middle : Infinity;
    const room = Math.min(Math.floor(Math.min(before, after) / 2), middle, width - middle);
    return { from: middle - room, to: middle + room };
  });
}

/**
 * @param {number[]} scores - of the anchors, rising
 * @param {number | null} score
 * @returns {number} the place of the anchor nearest to the score, the lower of two; -1 without a score
 */
export function nearestAnchor(scores, score) {
  if (score === null) return -1;
  const distances = scores.map((anchor) => Math.abs(anchor - score));
  return distances.indexOf(Math.min(...distances));
}

/**
 * Gather the probabilities of the whole scores 0 to 100 at the points of the scale they are nearest to.
 *
 * @param {Scale} scale
 * @param {number[]} distribution
 * @returns {number[]} the share of each point
 */
export function pointShares(scale, distribution) {
  const result = scalePoints(scale).map(() => 0);
  const top = distribution.length - 1;
  distribution.forEach((share, value) => (result[Math.round((value / top) * (result.length - 1))] += share));
  return result;
}

/**
 * @param {Scale} scale
 * @param {number[]} distribution - as above
 * @returns {number} its standard deviation in points of the scale
 */
export function distributionSpread({ minimum, maximum }, distribution) {
  const total = distribution.reduce((sum, share) => sum + share, 0);
  const mean = distribution.reduce((sum, share, value) => sum + share * value, 0) / total;
  const square = distribution.reduce((sum, share, value) => sum + share * (value - mean) ** 2, 0) / total;
  return (Math.sqrt(square) * (maximum - minimum)) / (distribution.length - 1);
}

/**
 * @param {number} difference
 * @returns {string} as shown: a sign and one decimal
 */
export function formatDifference(difference) {
  const rounded = Math.abs(difference).toFixed(1);
  if (Number(rounded) === 0) return rounded;
  return `${difference > 0 ? "+" : "−"}${rounded}`;
}

/**
 * @param {number} score
 * @returns {string} as shown: one decimal
 */
export function formatScore(score) {
  return score.toFixed(1);
}
