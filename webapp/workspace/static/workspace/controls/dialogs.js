// @ts-check
/**
 * Open the page's dialogs: keyboard map, skip, signed out, two versions of a draft.
 *
 * Expects: <dialog data-dialog="name"> with buttons marked data-close, data-reason and data-choose.
 *
 * @typedef {import("../models/assignment.js").Said} Said
 */
import { SUBCATEGORY } from "../models/annotation.js";
import { inPercent } from "../models/pins.js";
import { shown } from "../models/scale.js";
import { all, one, part, text } from "./page-elements.js";

/** @param {string} name */
function dialog(name) {
  return one(document, `[data-dialog="${name}"]`, HTMLDialogElement);
}

/** @returns {boolean} whether a dialog is open */
export function isDialogOpen() {
  return document.querySelector("dialog[open]") !== null;
}

/** Let every dialog's closing button close it. */
export function prepareDialogs() {
  for (const button of all(document, "dialog [data-close]")) {
    button.addEventListener("click", () => button.closest("dialog")?.close());
  }
}

/** @param {string} name */
export function openDialog(name) {
  if (!isDialogOpen()) dialog(name).showModal();
}

/**
 * Ask for one of several things by a dialog's buttons.
 *
 * @param {string} name - of the dialog
 * @param {string} attribute - such as "reason"; the buttons carry it as data-reason
 * @returns {Promise<string | null>} the chosen button's value; null when the dialog was closed
 */
export function ask(name, attribute) {
  const element = dialog(name);
  const done = new AbortController();
  return new Promise((resolve) => {
    for (const button of all(element, `[data-${attribute}]`)) {
      const value = button.dataset[attribute] || attribute;
      button.addEventListener("click", () => element.close(value), { signal: done.signal });
    }
    element.addEventListener(
      "close",
      () => {
        done.abort();
        resolve(element.returnValue || null);
      },
      { once: true },
    );
    if (element.open) return;
    element.returnValue = "";
    element.showModal();
  });
}

/**
 * Show two versions of an answer side by side, where they differ, and let the person choose.
 *
 * @param {Said} mine
 * @param {Partial<Said> | null} theirs
 * @param {Map<string, string>} names - of attributes and subcategories
 * @returns {Promise<"mine" | "theirs">}
 */
export async function chooseVersion(mine, theirs, names) {
  const kinds = [mine, theirs].map((said) => names.get(said?.subcategory ?? "") ?? text("empty"));
  const parts = Object.keys(mine.judgements).map((key) => ({
    name: names.get(key) ?? key,
    sides: [mine, theirs].map((said) => describe(said?.judgements?.[key])),
  }));
  const rows = [{ name: names.get(SUBCATEGORY) ?? "", sides: kinds }, ...parts]
    .filter(({ sides }) => sides[0] !== sides[1])
    .map(({ name, sides }) => difference(name, sides));
  one(document, "[data-differences]", HTMLElement).replaceChildren(...rows);
  // Whichever is chosen, the other is gone: closing the dialog is no choice.
  for (;;) {
    const choice = await ask("conflict", "choose");
    if (choice) return choice === "theirs" ? "theirs" : "mine";
  }
}

/** @param {import("../models/assignment.js").Judgement | undefined} judged */
function describe(judged) {
  const score = typeof judged?.score === "number" ? shown(judged.score) : text("no-score");
  const pins = (judged?.pins ?? []).map((pin) => Object.values(inPercent(pin)).join(", "));
  return [score, judged?.critique || text("no-critique"), ...pins.map((pin) => `⌖ ${pin}`)].join(" · ");
}

/**
 * @param {string} name
 * @param {string[]} sides
 */
function difference(name, [mine, theirs]) {
  const row = part("difference");
  one(row, "h3", HTMLElement).textContent = name;
  one(row, "[data-mine]", HTMLElement).textContent = mine;
  one(row, "[data-theirs]", HTMLElement).textContent = theirs;
  return row;
}
