// @ts-check
/**
 * Open the page's dialogs: keyboard map, skip, signed out, two versions of a draft.
 *
 * Expects: <dialog data-dialog="name"> with buttons marked data-close, data-reason and data-choose.
 *
 * @typedef {import("../models/assignment.js").AnnotationContent} AnnotationContent
 */
import { SUBCATEGORY } from "../models/annotation.js";
import { pinInPercent } from "../models/pins.js";
import { formatScore } from "../models/scale.js";
import { findAll, findOne, copyTemplate, wording } from "./page-elements.js";

/** @param {string} name */
function findDialog(name) {
  return findOne(document, `[data-dialog="${name}"]`, HTMLDialogElement);
}

/** @returns {boolean} whether a dialog is open */
export function isDialogOpen() {
  return document.querySelector("dialog[open]") !== null;
}

/** Let every dialog's closing button close it. */
export function prepareDialogs() {
  for (const button of findAll(document, "dialog [data-close]")) {
    button.addEventListener("click", () => button.closest("dialog")?.close());
  }
}

/** @param {string} name */
export function openDialog(name) {
  if (!isDialogOpen()) findDialog(name).showModal();
}

/**
 * Ask for one of several things by a dialog's buttons.
 *
 * @param {string} name - of the dialog
 * @param {string} attribute - such as "reason"; the buttons carry it as data-reason
 * @returns {Promise<string | null>} the chosen button's value; null when the dialog was closed
 */
export function askByDialog(name, attribute) {
  const element = findDialog(name);
  const listeners = new AbortController();
  return new Promise((resolve) => {
    for (const button of findAll(element, `[data-${attribute}]`)) {
      const value = button.dataset[attribute] || attribute;
      button.addEventListener("click", () => element.close(value), { signal: listeners.signal });
    }
    element.addEventListener(
      "close",
      () => {
        listeners.abort();
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
 * Show two versions of an annotation side by side, where they differ, and let the person choose.
 *
 * @param {AnnotationContent} mine
 * @param {Partial<AnnotationContent> | null} theirs
 * @param {Map<string, string>} names - of attributes and subcategories
 * @returns {Promise<"mine" | "theirs">}
 */
export async function chooseVersion(mine, theirs, names) {
  const subcategories = [mine, theirs].map((content) => names.get(content?.subcategory ?? "") ?? wording("empty"));
  const parts = Object.keys(mine.judgements).map((key) => ({
    name: names.get(key) ?? key,
    sides: [mine, theirs].map((content) => describe(content?.judgements?.[key])),
  }));
  const rows = [{ name: names.get(SUBCATEGORY) ?? "", sides: subcategories }, ...parts]
    .filter(({ sides }) => sides[0] !== sides[1])
    .map(({ name, sides }) => difference(name, sides));
  findOne(document, "[data-differences]", HTMLElement).replaceChildren(...rows);
  // Whichever is chosen, the other is gone: closing the dialog is no choice.
  for (;;) {
    const choice = await askByDialog("conflict", "choose");
    if (choice) return choice === "theirs" ? "theirs" : "mine";
  }
}

/** @param {import("../models/assignment.js").Judgement | undefined} judgement */
function describe(judgement) {
  const score = typeof judgement?.score === "number" ? formatScore(judgement.score) : wording("no-score");
  const pins = (judgement?.pins ?? []).map((pin) => Object.values(pinInPercent(pin)).join(", "));
  return [score, judgement?.critique || wording("no-critique"), ...pins.map((pin) => `⌖ ${pin}`)].join(" · ");
}

/**
 * @param {string} name
 * @param {string[]} sides
 */
function difference(name, [mine, theirs]) {
  const row = copyTemplate("difference");
  findOne(row, "h3", HTMLElement).textContent = name;
  findOne(row, "[data-mine]", HTMLElement).textContent = mine;
  findOne(row, "[data-theirs]", HTMLElement).textContent = theirs;
  return row;
}
