// @ts-check
/**
 * Give the picture its campaign's neutral grey, the same for everybody and in both themes.
 *
 * Expects: <section data-surround="#4a4a4a">.
 */
import { all } from "../dom.js";

for (const element of all(document, "[data-surround]")) {
  element.style.setProperty("--picture-surround", element.dataset.surround ?? "");
}
