// @ts-check
/**
 * Show how an annotation to an anchor image lies to the reference panel's, attribute by attribute.
 *
 * Expects: <dialog data-dialog="feedback"> with [data-feedback-ranks] and <tbody data-feedback-rows>, and the template
 * template-feedback.
 *
 * @typedef {import("../models/assignment.js").Feedback} Feedback
 * @typedef {import("../models/assignment.js").PanelComparison} Compared
 */
import { formatScore, formatDifference } from "../models/scale.js";
import { askByDialog } from "./dialogs.js";
import { findOne, copyTemplate, wording } from "./page-elements.js";

/**
 * Show it, and wait until the person goes on.
 *
 * @param {Feedback} feedback
 * @param {import("../models/scale.js").Scale} scale
 * @param {Map<string, string>} names - of the attributes
 */
export async function showFeedback({ judged, ranks, attributes }, scale, names) {
  const words = wording("feedback-ranks", { judged, own: ranks.own, panel: ranks.panel });
  findOne(document, "[data-feedback-ranks]", HTMLElement).textContent = words;
  const rows = [...names.entries(), ["holistic", wording("feedback-holistic")]]
    .filter(([key]) => key in attributes)
    .map(([key, name]) => row(name, attributes[key], scale));
  findOne(document, "[data-feedback-rows]", HTMLElement).replaceChildren(...rows);
  await askByDialog("feedback", "close");
}

/**
 * @param {string} name
 * @param {Compared} compared
 * @param {import("../models/scale.js").Scale} scale
 */
function row(name, { own, panel, mean, distance }, scale) {
  const line = copyTemplate("feedback");
  findOne(line, "th", HTMLElement).textContent = name;
  findOne(line, "[data-own]", HTMLElement).textContent = formatScore(own);
  findOne(line, "[data-mean]", HTMLElement).textContent = formatScore(mean);
  findOne(line, "[data-distance]", HTMLElement).textContent = formatDifference(distance);
  const dots = findOne(line, "[data-dots]", HTMLElement);
  for (const score of panel) dots.append(dot("panel", score, scale));
  dots.append(dot("own", own, scale));
  return line;
}

/**
 * @param {"own" | "panel"} whose
 * @param {number} score
 * @param {import("../models/scale.js").Scale} scale
 */
function dot(whose, score, { minimum, maximum }) {
  const element = document.createElement("span");
  element.className = `dot ${whose}`;
  element.style.setProperty("--at", String((score - minimum) / (maximum - minimum)));
  return element;
}
