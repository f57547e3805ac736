// @ts-check
/**
 * Place an image in a window, and tell when its copy for the screen is too coarse. Free of the page.
 *
 * Bounds are what the window shows, with the image's width as unit and its upper left corner as origin.
 *
 * @typedef {{width: number, height: number}} Size
 * @typedef {{x: number, y: number, width: number, height: number}} Bounds
 * @typedef {{enlarged: number, x: number, y: number}} Sight
 */

/** Some of the surround is left around a fitted image, so that its edges can be seen. */
export const MARGIN = 16;

/** A small image is enlarged at most this much when fitted; more would only show its pixels. */
export const MOST_ENLARGED = 2;

/** The longer side of the copy for the screen, in pixels, at most. */
export const DISPLAY_SIZE = 2048;

/**
 * @param {Size} view
 * @param {Size} image
 * @returns {number} pixels of the window for each pixel of the image when it is fitted
 */
export function fittedScale(view, image) {
  const wide = Math.max(view.width - 2 * MARGIN, 1) / image.width;
  const high = Math.max(view.height - 2 * MARGIN, 1) / image.height;
  return Math.min(wide, high, MOST_ENLARGED);
}

/**
 * @param {Size} view
 * @param {Size} image
 * @returns {Bounds} what the window shows when the whole image stands in its middle
 */
export function fit(view, image) {
  const unit = image.width * fittedScale(view, image);
  const width = Math.max(view.width, 1) / unit;
  const height = Math.max(view.height, 1) / unit;
  return { x: (1 - width) / 2, y: (image.height / image.width - height) / 2, width, height };
}

/**
 * Say what a window shows of one image in words that hold for any other: how far it is enlarged against the fitted
 * image, and which place of it is in the middle, in fractions of its width and height.
 *
 * @param {Size} view
 * @param {Size} image
 * @param {Bounds} bounds
 * @returns {Sight}
 */
export function sightOf(view, image, { x, y, width, height }) {
  const ratio = image.height / image.width;
  return { enlarged: fit(view, image).width / width, x: x + width / 2, y: (y + height / 2) / ratio };
}

/**
 * Say which bounds show as much, and the same place, of another image in another window.
 *
 * @param {Size} view
 * @param {Size} image
 * @param {Sight} seen
 * @returns {Bounds}
 */
export function boundsOf(view, image, { enlarged, x, y }) {
  const whole = fit(view, image);
  const [width, height] = [whole.width / enlarged, whole.height / enlarged];
  return { x: x - width / 2, y: (y * image.height) / image.width - height / 2, width, height };
}

/**
 * Tell whether the image is shown larger than its copy for the screen can show sharply, or pixel for pixel, where
 * what encoding did to the copy could be seen.
 *
 * @param {Size} image
 * @param {number} scale - pixels of the screen for each pixel of the image
 * @returns {boolean}
 */
export function wantsDetail(image, scale) {
  const copied = Math.min(1, DISPLAY_SIZE / Math.max(image.width, image.height));
  return scale > copied * 1.01 || scale > 0.99;
}
