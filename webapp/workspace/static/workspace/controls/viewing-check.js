// @ts-check
/**
 * Ask once a day how the screen shows dark and bright, and store it with what the browser says of the screen.
 *
 * Expects: <dialog data-dialog="viewing"> with [data-dark-steps], [data-bright-steps] and buttons [data-choice].
 */
import { askByDialog } from "./dialogs.js";
import { readCookie, findOne } from "./page-elements.js";

/** @type {Api.Screen["gamut"][]} */
const GAMUTS = ["rec2020", "p3"];

/** @returns {Api.Screen} what the browser says of the screen */
export function describeScreen() {
  return {
    width: screen.width,
    height: screen.height,
    pixel_ratio: window.devicePixelRatio,
    colour_depth: screen.colorDepth,
    gamut: GAMUTS.find((gamut) => matchMedia(`(color-gamut: ${gamut})`).matches) ?? "srgb",
  };
}

/**
 * Ask and store. What cannot be stored is asked again with the next page.
 *
 * @param {string} url
 * @param {string} person - the pseudonym of whose screen it is
 */
export async function checkViewing(url, person) {
  const isStored = (await askByDialog("viewing", "choice")) === "store";
  /** @type {Api.ViewingConditions} */
  const body = {
    screen: describeScreen(),
    dark_steps: isStored ? steps("[data-dark-steps]") : null,
    bright_steps: isStored ? steps("[data-bright-steps]") : null,
  };
  const marks = { "x-csrftoken": readCookie("csrftoken"), "x-person": person };
  await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/json", ...marks },
    body: JSON.stringify(body),
    credentials: "same-origin",
  }).catch(() => null);
}

/**
 * @param {string} selector
 * @returns {number | null} what was entered, held to the patches there are
 */
function steps(selector) {
  const { value } = findOne(document, selector, HTMLInputElement);
  return value === "" ? null : Math.min(8, Math.max(0, Math.round(Number(value))));
}
