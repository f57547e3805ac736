// @ts-check
/**
 * Move and size the pins that tie a critique to places on the image: points and boxes, in fractions of its width and
 * height.
 *
 * @typedef {{x: number, y: number}} Point
 * @typedef {Point & {width?: number, height?: number}} Pin - a point, or a box by its upper left corner
 */

/** So many the server takes for a critique. */
export const MOST_PINS = 20;

/** A box smaller than this, either way, is a point. */
export const SMALLEST_BOX = 0.004;

/** @param {number} value */
const roundFraction = (value) => Math.round(value * 1e5) / 1e5;

/**
 * @param {number} value
 * @param {number} most
 */
const clamp = (value, most) => Math.min(Math.max(value, 0), most);

/**
 * @param {Pin} pin
 * @returns {Pin} the same within the image, as exact as the server keeps it
 */
export function clampPin({ x, y, width = 0, height = 0 }) {
  if (width < SMALLEST_BOX || height < SMALLEST_BOX) {
    return { x: roundFraction(clamp(x, 1)), y: roundFraction(clamp(y, 1)) };
  }
  const box = { width: roundFraction(Math.min(width, 1)), height: roundFraction(Math.min(height, 1)) };
  return { x: roundFraction(clamp(x, 1 - box.width)), y: roundFraction(clamp(y, 1 - box.height)), ...box };
}

/**
 * @param {Pin} pin
 * @param {Point} by
 * @returns {Pin}
 */
export function movePin(pin, by) {
  return clampPin({ ...pin, x: pin.x + by.x, y: pin.y + by.y });
}

/**
 * Size a box by its lower right corner; a point becomes a small square box, and a box without size a point.
 *
 * @param {Pin} pin
 * @param {Point} by
 * @param {Point} first - the size of the box that a point becomes
 * @returns {Pin}
 */
export function resizePin({ x, y, width, height }, by, first) {
  if (width === undefined || height === undefined) return clampPin({ x, y, width: first.x, height: first.y });
  return clampPin({ x, y, width: Math.min(width + by.x, 1 - x), height: Math.min(height + by.y, 1 - y) });
}

/**
 * @param {Point} one
 * @param {Point} other
 * @returns {Pin} the box between two corners; a point where they all but meet
 */
export function pinBetween(one, other) {
  const [left, right] = [one.x, other.x].map((value) => clamp(value, 1)).sort((a, b) => a - b);
  const [top, bottom] = [one.y, other.y].map((value) => clamp(value, 1)).sort((a, b) => a - b);
  return clampPin({ x: left, y: top, width: right - left, height: bottom - top });
}

/**
 * Step aside, row by row, until no other mark is near: marks one over the other cannot be told apart or pressed.
 *
 * @param {Point} at - in pixels of the window, like the others
 * @param {Point[]} others
 * @param {number} step
 * @returns {Point}
 */
export function clearPlace(at, others, step) {
  const far = (/** @type {Point} */ one) => others.every(({ x, y }) => Math.hypot(one.x - x, one.y - y) >= step);
  for (let tried = 0; ; tried += 1) {
    const place = { x: at.x + (tried % 5) * step, y: at.y + Math.floor(tried / 5) * step };
    if (far(place)) return place;
  }
}

/**
 * @param {unknown} pins - of a draft
 * @returns {Pin[]} those that can be shown
 */
export function readPins(pins) {
  const usable = Array.isArray(pins) ? pins.filter((pin) => Number.isFinite(pin?.x) && Number.isFinite(pin?.y)) : [];
  return usable.slice(0, MOST_PINS).map(clampPin);
}

/**
 * @param {Pin} pin
 * @returns {Record<string, string>} its numbers in whole per cent, to be told
 */
export function pinInPercent(pin) {
  return Object.fromEntries(Object.entries(pin).map(([name, value]) => [name, `${Math.round(value * 100)} %`]));
}
