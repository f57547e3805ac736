// @ts-check
/** Fetch an image before it is called for. */

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
