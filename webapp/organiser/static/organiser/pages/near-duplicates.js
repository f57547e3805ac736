// @ts-check
/**
 * Decide on a pair of images by one key: S for the same, D for different.
 *
 * Keys act only while the focus is within the pair, where it lies when the page opens.
 *
 * Expects: <section data-pair tabindex="-1" autofocus> with <button aria-keyshortcuts="s"> and another for "d"
 */

/** @param {KeyboardEvent} event */
function press(event) {
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || event.repeat) return;
  const pair = /** @type {HTMLElement} */ (event.currentTarget);
  const key = event.key.toLowerCase();
  for (const button of pair.querySelectorAll("button[aria-keyshortcuts]")) {
    if (button.getAttribute("aria-keyshortcuts") === key) /** @type {HTMLElement} */ (button).click();
  }
}

const pair = /** @type {HTMLElement | null} */ (document.querySelector("[data-pair]"));
pair?.addEventListener("keydown", press);
