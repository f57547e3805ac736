// @ts-check
/**
 * Propose a short name while a title is typed, until somebody types another one.
 *
 * Expects: <input name="title"> and <input name="slug"> as in campaigns/new.html. Without this module the server makes
 * the name of a field that is left empty.
 */
const title = /** @type {HTMLInputElement} */ (document.querySelector("[name=title]"));
const slug = /** @type {HTMLInputElement} */ (document.querySelector("[name=slug]"));
let proposed = slug.value ? null : "";

title.addEventListener("input", () => {
  if (slug.value !== proposed) return;
  proposed = shortName(title.value);
  slug.value = proposed;
});

/** @param {string} text */
function shortName(text) {
  const letters = text.normalize("NFKD").toLowerCase().replace(/[^\w\s-]|[^\x00-\x7f]/g, "");
  return letters
    .trim()
    .replace(/[\s-]+/g, "-")
    .slice(0, 45)
    .replace(/^[-_]+|[-_]+$/g, "");
}
