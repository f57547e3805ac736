// @ts-check
/**
 * Tie keys and buttons to what they do.
 *
 * Expects: <button data-do="action"> anywhere in the root, and <input type="checkbox" data-single-keys>.
 *
 * @typedef {import("../models/keymap.js").KeyAction | "submit" | "accept-all" | "ask-again" | "take-back"} Doing
 */
import { actionFor } from "../models/keymap.js";
import { isDialogOpen } from "./dialogs.js";
import { findAll, findOne } from "./page-elements.js";

/** What can be done while the image is not on screen: nothing that judges it. */
const UNSEEN = new Set(["skip", "question", "keys", "fold", "fullscreen", "ask-again", "take-back"]);

const SETTING = "connoisseur.single-keys";

/**
 * @param {HTMLElement} root
 * @param {Partial<Record<Doing, (byPointer?: boolean) => unknown>>} actions - those of this page
 */
export function bindKeysAndButtons(root, actions) {
  const singleKeys = findOne(document, "[data-single-keys]", HTMLInputElement);
  singleKeys.checked = remembered() !== "off";
  singleKeys.addEventListener("change", () => remember(singleKeys.checked ? "on" : "off"));
  document.addEventListener("keydown", (event) => {
    const place = { inText: isText(event.target), inDialog: isDialogOpen(), singleKeys: singleKeys.checked };
    const action = actionFor(event, place);
    if (!action || !actions[action]) return;
    event.preventDefault();
    act(action);
  });
  for (const button of findAll(root, "[data-do]")) {
    button.addEventListener("click", ({ detail }) => act(/** @type {Doing} */ (button.dataset.do), detail > 0));
  }

  /**
   * @param {Doing} doing - not while an image is fetched or an annotation is sent
   * @param {boolean} [byPointer]
   */
  function act(doing, byPointer) {
    if ("undrawn" in root.dataset && !UNSEEN.has(doing)) return;
    const stages = { "ask-again": ["nothing"], "take-back": ["judging", "nothing"] }[String(doing)] ?? ["judging"];
    if (stages.includes(root.dataset.stage ?? "")) actions[doing]?.(byPointer);
  }
}

/**
 * @param {EventTarget | null} target
 * @returns {boolean} whether letters typed there are text
 */
function isText(target) {
  return target instanceof HTMLElement && target.matches("textarea, select, input:not([type=radio])");
}

function remembered() {
  try {
    return localStorage.getItem(SETTING);
  } catch {
    return null;
  }
}

/** @param {string} setting */
function remember(setting) {
  try {
    localStorage.setItem(SETTING, setting);
  } catch {
    // The browser refuses its storage; the setting holds until the page is left.
  }
}
