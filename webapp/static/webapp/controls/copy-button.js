// @ts-check
/**
 * Copy a text to the clipboard.
 *
 * Expects: <button data-copies="ID of what holds the text" data-done="Copied" hidden>, with a role="status" beside it.
 */

/** @param {HTMLButtonElement} button */
async function copy(button) {
  const text = document.getElementById(button.dataset.copies ?? "")?.textContent ?? "";
  await navigator.clipboard.writeText(text);
  const status = button.parentElement?.querySelector("[role=status]");
  if (status) status.textContent = button.dataset.done ?? "";
}

// Browsers give pages the clipboard only over HTTPS and on this machine; elsewhere there is the download.
if (navigator.clipboard) {
  for (const button of document.querySelectorAll("button[data-copies]")) {
    if (button instanceof HTMLButtonElement) {
      button.hidden = false;
      button.addEventListener("click", () => copy(button));
    }
  }
}
