// @ts-check
/**
 * Place a picture in a window, and tell when its copy for the screen is too coarse. Free of the page.
 *
 * Bounds are what the window shows, with the picture's width as unit and its upper left corner as origin.
 *
 * @typedef {{width: number, height: number}} Size
 * @typedef {{x: number, y: number, width: number, height: number}} Bounds
 * @typedef {{enlarged: number, x: number, y: number}} Sight
 */

/** Some of the surround is left around a fitted picture, so that its edges can be seen. */
export const MARGIN = 16;

/** A small picture is enlarged at most this much when fitted; more would only show its pixels. */
export const MOST_ENLARGED = 2;

/** The longer side of the copy for the screen, in pixels, at most. */
export const DISPLAY_SIZE = 2048;

/**
 * @param {Size} view
 * @param {Size} picture
 * @returns {number} pixels of the window for each pixel of the picture when it is fitted
 */
export function fittedScale(view, picture) {
  const wide = Math.max(view.width - 2 * MARGIN, 1) / picture.width;
  const high = Math.max(view.height - 2 * MARGIN, 1) / picture.height;
  return Math.min(wide, high, MOST_ENLARGED);
}

/**
 * @param {Size} view
 * @param {Size} picture
 * @returns {Bounds} what the window shows when the whole picture stands in its middle
 */
export function fit(view, picture) {
  const unit = picture.width * fittedScale(view, picture);
  const width = Math.max(view.width, 1) / unit;
  const height = Math.max(view.height, 1) / unit;
  return { x: (1 - width) / 2, y: (picture.height / picture.width - height) / 2, width, height };
}

/**
 * Say what a window shows of one picture in words that hold for any other: how far it is enlarged against the fitted
 * picture, and which place of it is in the middle, in fractions of its width and height.
 *
 * @param {Size} view
 * @param {Size} picture
 * @param {Bounds} bounds
 * @returns {Sight}
 */
export function sight(view, picture, { x, y, width, height }) {
  const ratio = picture.height / picture.width;
  return { enlarged: fit(view, picture).width / width, x: x + width / 2, y: (y + height / 2) / ratio };
}

/**
 * Say which bounds show as much, and the same place, of another picture in another window.
 *
 * @param {Size} view
 * @param {Size} picture
 * @param {Sight} seen
 * @returns {Bounds}
 */
export function boundsOf(view, picture, { enlarged, x, y }) {
  const whole = fit(view, picture);
  const [width, height] = [whole.width / enlarged, whole.height / enlarged];
  return { x: x - width / 2, y: (y * picture.height) / picture.width - height / 2, width, height };
}

/**
 * Tell whether the picture is shown larger than its copy for the screen can show sharply, or pixel for pixel, where
 * what encoding did to the copy could be seen.
 *
 * @param {Size} picture
 * @param {number} scale - pixels of the screen for each pixel of the picture
 * @returns {boolean}
 */
export function wantsDetail(picture, scale) {
  const copied = Math.min(1, DISPLAY_SIZE / Math.max(picture.width, picture.height));
  return scale > copied * 1.01 || scale > 0.99;
}
