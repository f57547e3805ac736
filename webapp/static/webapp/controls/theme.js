/**
 * Switch between the system's theme, the light and the dark one, and remember the choice in a cookie, which the server
 * reads, so that a page never flashes in the other theme.
 *
 * Expects: <button data-theme-switch hidden> holding one element with data-shows="auto", "light" and "dark" each.
 */

const ORDER = ["", "light", "dark"];
const YEAR = 365 * 24 * 60 * 60;

/**
 * @param {string} theme - the theme in force: "" (the system's), "light" or "dark"
 * @returns {string} the next one
 */
export function nextTheme(theme) {
  return ORDER[(ORDER.indexOf(theme) + 1) % ORDER.length];
}

/** @param {string} theme - the theme to show and to remember */
function choose(theme) {
  document.documentElement.dataset.theme = theme;
  document.cookie = `theme=${theme}; path=/; max-age=${theme ? YEAR : 0}; samesite=lax`;
}

for (const button of document.querySelectorAll("[data-theme-switch]")) {
  button.removeAttribute("hidden");
  button.addEventListener("click", () => choose(nextTheme(document.documentElement.dataset.theme ?? "")));
}
