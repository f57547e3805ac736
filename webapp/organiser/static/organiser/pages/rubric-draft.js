/**
 * Add up the weights while they are typed, and ask before a draft that is not saved is left.
 *
 * <form data-draft> … <div data-weight><input></div> … <output data-weights></output> … <span data-unsaved hidden>
 */

const form = /** @type {HTMLFormElement} */ (document.querySelector("[data-draft]"));
const total = document.querySelector("[data-weights]");
const note = /** @type {HTMLElement} */ (document.querySelector("[data-unsaved]"));
let unsaved = document.querySelector(".message.error, .clash") !== null;

/** Show the sum of the weights; anything but 100 is marked. */
function add() {
  if (!total) return;
  const inputs = /** @type {NodeListOf<HTMLInputElement>} */ (form.querySelectorAll("[data-weight] input"));
  const sum = [...inputs].reduce((before, input) => before + Number(input.value), 0);
  total.textContent = String(sum);
  total.toggleAttribute("data-wrong", sum !== 100);
}

/** Say whether something is not saved yet. */
function tell() {
  note.hidden = !unsaved;
}

form.addEventListener("input", () => {
  unsaved = true;
  add();
  tell();
});
form.addEventListener("submit", () => {
  unsaved = false;
});
addEventListener("beforeunload", (event) => {
  if (unsaved) event.preventDefault();
});
add();
tell();
