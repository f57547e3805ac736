/**
 * Close an open menu on Escape or on a click elsewhere; without this script it still opens and closes by its summary.
 *
 * Expects: <details data-menu><summary>…</summary>…</details>
 */

const menus = /** @type {NodeListOf<HTMLDetailsElement>} */ (document.querySelectorAll("details[data-menu]"));

for (const menu of menus) {
  document.addEventListener("click", (event) => {
    if (event.target instanceof Node && !menu.contains(event.target)) menu.open = false;
  });
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    menu.open = false;
    menu.querySelector("summary")?.focus();
  });
}
