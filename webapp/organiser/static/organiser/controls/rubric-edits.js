// @ts-check
/**
 * Mark the words that went and came in an edit of a text. Texts with little in common stay as they are, one after the
 * other, and so do all without this script.
 *
 * Expects: <p data-difference><del>the text before</del><ins>the text after</ins></p>
 */
import { showDifference } from "../../workspace/controls/prefill-field.js";

/** @param {HTMLElement} place */
function markWords(place) {
  const whole = [...place.childNodes];
  const [before, after] = whole.map((node) => node.textContent ?? "");
  showDifference(place, before, after);
  if (!place.querySelector("del, ins")) place.replaceChildren(...whole);
}

/** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-difference]")).forEach(markWords);
