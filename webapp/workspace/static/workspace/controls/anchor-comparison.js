// @ts-check
/**
 * Lay an anchor image beside the image: a strip of them with their levels, and the chosen one in a window of its own
 * that moves and enlarges together with the image's. Loaded when it is first called for.
 *
 * Expects: <section data-compare hidden> with [data-anchors] and [data-anchors-words], template-beside, which is a second
 * viewer, and template-anchor.
 *
 * @typedef {import("../models/annotation.js").Annotation} Annotation
 * @typedef {import("../viewer/viewer.js").Viewer} Image
 * @typedef {import("../models/assignment.js").Anchor} Anchor
 */
import { formatScore } from "../models/scale.js";
import { Viewer } from "../viewer/viewer.js";
import { findAll, findOne, copyTemplate, wording } from "./page-elements.js";

export class AnchorComparison {
  /**
   * @param {HTMLElement} root
   * @param {Image} viewer - of the image that is judged
   * @param {import("./annotation-form.js").AnnotationForm} form
   * @param {() => Promise<{anchors: Anchor[]} | null>} ask
   */
  constructor(root, viewer, form, ask) {
    this.root = root;
    this.viewer = viewer;
    this.form = form;
    this.ask = ask;
    this.element = findOne(root, "[data-compare]", HTMLElement);
    /** @type {Anchor[] | null} */
    this.anchors = null;
    /** @type {Anchor | null} */
    this.chosen = null;
    this.element.prepend(copyTemplate("beside"));
    this.beside = new Viewer(findOne(this.element, "[data-beside]", HTMLElement), {
      shown: () => this.follow(viewer, this.beside),
      failed: () => this.say(wording("anchor-missing")),
      zoomed: () => {},
    });
    form.listeners.add(() => this.show());
    this.link(viewer, this.beside);
    this.link(this.beside, viewer);
    this.element.addEventListener("keydown", (event) => this.onKey(event));
  }

  get isOpen() {
    return !this.element.hidden;
  }

  /** Open the strip, or close it. */
  async toggle() {
    if (this.isOpen) return this.close();
    this.anchors = (await this.ask())?.anchors ?? null;
    if (!this.anchors) return;
    this.returnTo = document.activeElement;
    this.element.hidden = false;
    this.root.toggleAttribute("data-comparing", true);
    this.show();
    const [first] = this.ordered();
    if (first) this.choose(first);
    (findAll(this.element, "[data-anchors] button")[0] ?? this.element).focus({ preventScroll: true });
  }

  close() {
    this.element.hidden = true;
    this.root.toggleAttribute("data-comparing", false);
    this.chosen = null;
    if (this.returnTo instanceof HTMLElement) this.returnTo.focus({ preventScroll: true });
  }

  /** @returns {Anchor[]} those of the chosen subcategory first, from the lowest level to the highest */
  ordered() {
    const { anchors, form } = this;
    const current = form.annotation?.subcategory;
    const matches = (anchors ?? []).filter(({ subcategory }) => subcategory === current);
    return [...matches, ...(anchors ?? []).filter((anchor) => !matches.includes(anchor))];
  }

  /** Draw the strip: the levels are those of the open part, of the whole where that is the subcategory. */
  show() {
    if (!this.isOpen) return;
    this.say(this.words());
    const buttons = this.ordered().map((anchor) => this.entry(anchor));
    findOne(this.element, "[data-anchors]", HTMLElement).replaceChildren(...buttons);
  }

  /** @returns {string} what the strip shows, and what it lacks */
  words() {
    const { anchors, form } = this;
    const key = form.annotation?.subcategory ?? "";
    const name = form.names.get(key) ?? "";
    if (key && !anchors?.some(({ subcategory }) => subcategory === key)) return wording("anchors-others", { name });
    return wording("anchors-level", { name: this.key === "holistic" ? wording("anchors-holistic") : this.levelName });
  }

  /** @returns {string} what the levels are of */
  get key() {
    const { current, annotation } = this.form;
    return annotation?.keys.includes(current) ? current : "holistic";
  }

  get levelName() {
    return this.form.names.get(this.key) ?? "";
  }

  /** @param {Anchor} anchor */
  entry(anchor) {
    const item = findOne(copyTemplate("anchor"), "li", HTMLElement);
    const [button, image] = [findOne(item, "button", HTMLElement), findOne(item, "img", HTMLImageElement)];
    const score = anchor.scores[this.key];
    const level = score === undefined ? wording("no-score") : formatScore(score);
    image.src = anchor.image.thumbnail;
    findOne(item, "[data-level]", HTMLElement).textContent = level;
    const name = this.form.names.get(anchor.subcategory) ?? anchor.subcategory;
    button.setAttribute("aria-label", wording("anchor", { name, level, raters: anchor.raters }));
    button.title = button.ariaLabel ?? "";
    button.setAttribute("aria-pressed", String(anchor === this.chosen));
    item.classList.toggle("other", anchor.subcategory !== this.form.annotation?.subcategory);
    button.addEventListener("click", () => this.choose(anchor));
    return item;
  }

  /** @param {Anchor} anchor */
  choose(anchor) {
    this.chosen = anchor;
    const position = this.ordered().indexOf(anchor);
    for (const [index, button] of findAll(this.element, "[data-anchors] button").entries()) {
      button.setAttribute("aria-pressed", String(index === position));
    }
    this.beside.show(anchor.image);
  }

  /**
   * Let one window follow what is done in the other.
   *
   * @param {Image} leader
   * @param {Image} follower
   */
  link(leader, follower) {
    for (const name of /** @type {const} */ (["zoom", "pan"])) {
      leader.osd.addHandler(name, () => this.isOpen && this.follow(leader, follower));
    }
    leader.osd.addHandler("animation", () => this.isOpen && this.follow(leader, follower));
  }

  /**
   * @param {Image} leader
   * @param {Image} follower
   */
  follow(leader, follower) {
    // What a window is made to do must not come back as if somebody had done it.
    if (this.following) return;
    this.following = true;
    const { sight } = leader;
    if (sight) follower.look(sight);
    this.following = false;
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const buttons = findAll(this.element, "[data-anchors] button");
    const position = buttons.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    if (event.key === "Escape") this.close();
    else if (by && position >= 0) {
      const next = buttons[(position + by + buttons.length) % buttons.length];
      next.focus();
      next.click();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** @param {string} words */
  say(words) {
    findOne(this.element, "[data-anchors-words]", HTMLElement).textContent = words;
  }
}
