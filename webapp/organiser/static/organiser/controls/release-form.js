// @ts-check
/**
 * Keep a release from being published that is not the one on the page: once a field is changed, look again first.
 *
 * Expects: <form id="release-form">, and [data-publish] and [data-look-first] as in releases/prepare.html. Without this
 * module the server refuses what the page does not show.
 */
const form = /** @type {HTMLFormElement} */ (document.querySelector("#release-form"));
const publish = /** @type {HTMLButtonElement | null} */ (document.querySelector("[data-publish]"));
const note = /** @type {HTMLElement | null} */ (document.querySelector("[data-look-first]"));

/** Switch Publish off while a field says something else than the page was made of. */
function look() {
  const isBehind = [...form.elements].some((field) => field instanceof HTMLInputElement && isTyped(field));
  if (publish) publish.disabled = isBehind;
  if (note) note.hidden = !isBehind;
}

/** @param {HTMLInputElement} field */
function isTyped(field) {
  if (field.type === "hidden") return false;
  if (field.type === "checkbox") return field.checked !== field.defaultChecked;
  return field.value !== field.defaultValue;
}

form.addEventListener("input", look);
form.addEventListener("change", look);
// A browser that goes back fills fields in again as they were typed, not as the page was made.
window.addEventListener("pageshow", look);
