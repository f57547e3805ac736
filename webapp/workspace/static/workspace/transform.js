// @ts-check
/**
 * Place a picture in a window: fitted, or at one picture pixel for each screen pixel. Free of the page.
 *
 * @typedef {{width: number, height: number}} Size
 * @typedef {{x: number, y: number}} Point
 * @typedef {{scale: number, x: number, y: number}} Placement - scale, and where the picture's corner stands
 */

/** Some of the surround is left around a fitted picture, so that its edges can be seen. */
export const MARGIN = 16;

/** A small picture is enlarged at most this much when fitted; more would only show its pixels. */
export const MOST_ENLARGED = 2;

/**
 * @param {Size} view
 * @param {Size} picture
 * @returns {Placement} the whole picture in the middle of the window
 */
export function fit(view, picture) {
  const wide = Math.max(view.width - 2 * MARGIN, 1) / picture.width;
  const high = Math.max(view.height - 2 * MARGIN, 1) / picture.height;
  const scale = Math.min(wide, high, MOST_ENLARGED);
  return held(view, picture, { scale, x: 0, y: 0 });
}

/**
 * Change the scale so that what lies under `point` stays there.
 *
 * @param {Size} view
 * @param {Size} picture
 * @param {Placement} placement
 * @param {number} scale
 * @param {Point} point - in the window
 * @returns {Placement}
 */
export function zoom(view, picture, placement, scale, point) {
  const ratio = scale / placement.scale;
  const x = point.x - (point.x - placement.x) * ratio;
  const y = point.y - (point.y - placement.y) * ratio;
  return held(view, picture, { scale, x, y });
}

/**
 * @param {Size} view
 * @param {Size} picture
 * @param {Placement} placement
 * @param {Point} by
 * @returns {Placement}
 */
export function pan(view, picture, placement, by) {
  return held(view, picture, { ...placement, x: placement.x + by.x, y: placement.y + by.y });
}

/**
 * Keep the picture in its window: in the middle where it is smaller, without a gap at the edge where it is larger.
 *
 * @param {Size} view
 * @param {Size} picture
 * @param {Placement} placement
 * @returns {Placement}
 */
function held(view, picture, { scale, x, y }) {
  return {
    scale,
    x: heldAlong(view.width, picture.width * scale, x),
    y: heldAlong(view.height, picture.height * scale, y),
  };
}

/**
 * @param {number} view
 * @param {number} picture
 * @param {number} start
 * @returns {number}
 */
function heldAlong(view, picture, start) {
  if (picture <= view) return (view - picture) / 2;
  return Math.min(0, Math.max(view - picture, start));
}
