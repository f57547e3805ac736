// @ts-check
/**
 * Draw a scale as one row of points to choose from, without a preset, with its anchors' words under their scores.
 *
 * Expects: <div role="radiogroup" data-scale></div> <ol><li data-anchor="1">…</li>…</ol>, and templates template-point
 * and template-mark.
 *
 * @typedef {import("../models/scale.js").Scale} Scale
 */
import { isComposing } from "../models/keymap.js";
import {
  NOTHING_TYPED,
  anchorSpans,
  applyKey,
  formatScore,
  nearestAnchor,
  pointShares,
  scalePoints,
} from "../models/scale.js";
import { findAll, findOne, copyTemplate } from "./page-elements.js";

export class ScaleView {
  /**
   * @param {HTMLElement} root - the part of the page that holds the scale and its anchors
   * @param {string} name - of the group of points
   * @param {Scale} scale
   * @param {object} on
   * @param {(score: number | null) => void} on.choose
   * @param {() => void} on.enter - when Enter is pressed on the scale
   */
  constructor(root, name, scale, { choose, enter }) {
    this.scale = scale;
    this.choose = choose;
    this.enter = enter;
    this.typed = NOTHING_TYPED;
    /** @type {number | null} */
    this.score = null;
    this.row = findOne(root, "[data-scale]", HTMLElement);
    this.anchors = findAll(root, "[data-anchor]");
    this.anchorScores = this.anchors.map((anchor) => Number(anchor.dataset.anchor));
    /** @type {HTMLInputElement[]} */
    this.inputs = scalePoints(scale).map((score) => this.addPoint(name, score));
    this.row.style.setProperty("--points", String(this.inputs.length));
    this.row.addEventListener("keydown", (event) => this.onKey(event));
    this.placeAnchors();
  }

  /**
   * @param {string} name
   * @param {number} score
   */
  addPoint(name, score) {
    const point = copyTemplate("point");
    const input = findOne(point, "input", HTMLInputElement);
    Object.assign(input, { name: `score-${name}`, value: String(score) });
    input.setAttribute("aria-label", formatScore(score));
    // A click on the chosen point counts too: it accepts what the model had put there.
    input.addEventListener("click", () => this.choose(score));
    const label = findOne(point, "label", HTMLLabelElement);
    label.classList.toggle("half", !Number.isInteger(score));
    label.title = formatScore(score);
    const words = findOne(point, "span", HTMLElement);
    words.textContent = Number.isInteger(score) ? String(score) : "";
    words.dataset.shown = formatScore(score);
    this.row.append(point);
    return input;
  }

  /** Set each anchor's words under its score. */
  placeAnchors() {
    anchorSpans(this.scale, this.anchorScores).forEach(({ from, to }, index) => {
      this.anchors[index].style.gridColumn = `${from + 1} / ${to + 1}`;
    });
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    if (isComposing(event) || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Enter") {
      event.preventDefault();
      this.enter();
      return;
    }
    const after = applyKey(this.scale, event.key, this.score, this.typed, event.timeStamp);
    if (!after) return;
    event.preventDefault();
    this.typed = after.typed;
    this.choose(after.score);
    this.focus();
  }

  /**
   * @param {number | null} score
   * @param {string} origin - where it comes from; decides the outline
   */
  show(score, origin) {
    this.score = score;
    for (const input of this.inputs) input.checked = score !== null && Number(input.value) === score;
    this.row.dataset.origin = origin;
    const nearest = nearestAnchor(this.anchorScores, score);
    this.anchors.forEach((anchor, index) => anchor.classList.toggle("near", index === nearest));
  }

  /**
   * Mark the model's score on the scale.
   *
   * @param {number} score
   * @param {string} words - said by screen readers with the point
   */
  mark(score, words) {
    const input = this.inputs.find((input) => Number(input.value) === score);
    if (!input) return;
    input.setAttribute("aria-label", words);
    input.parentElement?.append(copyTemplate("mark"));
  }

  /**
   * Set letters above a point, such as those of the annotations that gave this score.
   *
   * @param {number} score
   * @param {string} letters
   */
  letter(score, letters) {
    const input = this.inputs.find((input) => Number(input.value) === score);
    if (!input) return;
    input.setAttribute("aria-label", `${formatScore(score)}, ${letters}`);
    const mark = copyTemplate("letters");
    findOne(mark, ".letters", HTMLElement).textContent = letters;
    input.parentElement?.append(mark);
  }

  /**
   * Draw how probable the model finds each point.
   *
   * @param {number[]} distribution
   */
  drawShares(distribution) {
    const share = pointShares(this.scale, distribution);
    const most = Math.max(...share);
    this.inputs.forEach((input, index) => {
      const bar = copyTemplate("share");
      findOne(bar, ".share", HTMLElement).style.setProperty("--share", String(share[index] / most));
      input.parentElement?.append(bar);
    });
  }

  /** Take the model's marks away. */
  unmark() {
    for (const bar of findAll(this.row, ".share")) bar.remove();
    for (const input of this.inputs) {
      input.setAttribute("aria-label", formatScore(Number(input.value)));
      input.parentElement?.querySelector(".mark")?.remove();
    }
  }

  /** Put the focus on the chosen point, or on the first where none is. */
  focus() {
    (this.inputs.find((input) => input.checked) ?? this.inputs[0]).focus({ preventScroll: true });
  }
}
