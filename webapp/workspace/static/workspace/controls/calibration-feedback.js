// @ts-check
/**
 * Show how an answer to an anchor image lies to the reference panel's, attribute by attribute.
 *
 * Expects: <dialog data-dialog="feedback"> with [data-feedback-ranks] and <tbody data-feedback-rows>, and the template
 * part-feedback.
 *
 * @typedef {import("../models/assignment.js").Feedback} Feedback
 * @typedef {import("../models/assignment.js").Compared} Compared
 */
import { shown, signed } from "../models/scale.js";
import { ask } from "./dialogs.js";
import { one, part, text } from "./page-elements.js";

/**
 * Show it, and wait until the person goes on.
 *
 * @param {Feedback} feedback
 * @param {import("../models/scale.js").Scale} scale
 * @param {Map<string, string>} names - of the attributes
 */
export async function showFeedback({ judged, ranks, attributes }, scale, names) {
  const words = text("feedback-ranks", { judged, own: ranks.own, panel: ranks.panel });
  one(document, "[data-feedback-ranks]", HTMLElement).textContent = words;
  const rows = [...names.entries(), ["holistic", text("feedback-holistic")]]
    .filter(([key]) => key in attributes)
    .map(([key, name]) => row(name, attributes[key], scale));
  one(document, "[data-feedback-rows]", HTMLElement).replaceChildren(...rows);
  await ask("feedback", "close");
}

/**
 * @param {string} name
 * @param {Compared} compared
 * @param {import("../models/scale.js").Scale} scale
 */
function row(name, { own, panel, mean, distance }, scale) {
  const line = part("feedback");
  one(line, "th", HTMLElement).textContent = name;
  one(line, "[data-own]", HTMLElement).textContent = shown(own);
  one(line, "[data-mean]", HTMLElement).textContent = shown(mean);
  one(line, "[data-distance]", HTMLElement).textContent = signed(distance);
  const dots = one(line, "[data-dots]", HTMLElement);
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
