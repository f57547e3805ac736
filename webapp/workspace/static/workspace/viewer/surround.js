// @ts-check
/**
 * Give the image its campaign's neutral grey, the same for everybody and in both themes.
 *
 * Expects: <section data-surround="#4a4a4a">.
 */
import { findAll } from "../controls/page-elements.js";

for (const element of findAll(document, "[data-surround]")) {
  element.style.setProperty("--image-surround", element.dataset.surround ?? "");
}
