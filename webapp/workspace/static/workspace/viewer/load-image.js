// @ts-check
/** Fetch images: before they are called for, and when they are. */

/**
 * @param {string} url
 * @returns {HTMLImageElement} an image that loads after what is more urgent, decoded already when it is asked for
 */
export function loadImage(url) {
  const image = new Image();
  image.fetchPriority = "low";
  image.src = url;
  image.decode().catch(() => null);
  return image;
}

/**
 * Fetch an image that is to be shown now, and make sure that there is something to show.
 *
 * @param {string} url
 * @param {boolean} [anew] - even where the browser keeps a copy: that may be what is broken
 * @returns {Promise<HTMLImageElement>} decoded; rejected when it does not come, is no image, or has no pixels
 */
export async function fetchImage(url, anew = false) {
  if (anew) await (await fetch(url, { cache: "reload", credentials: "same-origin" })).blob();
  const image = new Image();
  image.src = url;
  await image.decode();
  if (!image.naturalWidth || !image.naturalHeight) throw new Error(`${url} has no pixels`);
  return image;
}
