// @ts-check
/**
 * Fold the panel away, so that the image has the window to itself, and bring it back with the focus where it was.
 *
 * Expects: <div data-annotate> with [data-panel-inside] and <button data-do="fold" aria-expanded="true">.
 */
import { findAll, findOne } from "./page-elements.js";

/** @type {Element | null} */
let focused = null;

/** @param {HTMLElement} root */
export function foldPanel(root) {
  const folded = root.toggleAttribute("data-folded");
  const button = findOne(root, '[data-do="fold"]', HTMLElement);
  button.setAttribute("aria-expanded", String(!folded));
  if (folded) focused = document.activeElement;
  for (const part of findAll(root, "[data-panel-inside]")) part.hidden = folded;
  if (folded) button.focus({ preventScroll: true });
  else if (focused instanceof HTMLElement) focused.focus({ preventScroll: true });
}
