// @ts-check
/**
 * Open the judging page: tie keys, buttons and the browser's own events to the sitting, and fetch the first image.
 *
 * Expects: the markup of templates/workspace/judge.html.
 */
import { openDialog, prepareDialogs } from "../controls/dialogs.js";
import { fold } from "../controls/fold-panel.js";
import { listen } from "../controls/key-bindings.js";
import { one, text } from "../controls/page-elements.js";
import { checkViewing } from "../controls/viewing-check.js";
import { Sitting } from "./annotation-session.js";

/** Judging time is counted this often, in milliseconds. */
const TICK = 15 * 1000;

/** The lease of an image is renewed this often, in milliseconds. */
const HEARTBEAT = 5 * 60 * 1000;

const sitting = new Sitting(one(document, "[data-judge]", HTMLElement));
/** @type {import("../controls/anchor-comparison.js").Compare | null} */
let comparing = null;
prepareDialogs();
listen(sitting.root, {
  advance: () => sitting.advance(),
  submit: () => sitting.submit(),
  next: () => sitting.form.step(1),
  previous: () => sitting.form.step(-1),
  leave: () => sitting.form.strip.focus(),
  accept: () => sitting.form.decideHere("accept"),
  keep: () => sitting.form.decideHere("keep"),
  edit: () => sitting.form.decideHere("edit"),
  reject: () => sitting.form.decideHere("reject"),
  definition: () => sitting.form.toggleDefinitions(),
  zoom: () => sitting.viewer.toggle(),
  loupe: () => sitting.viewer.magnify(),
  fold: () => fold(sitting.root),
  fullscreen: () => sitting.viewer.fullscreen(),
  keys: () => openDialog("keys"),
  pin: (byPointer = false) => sitting.pinning.place(byPointer),
  compare,
  skip: () => sitting.skip(),
  question: () => sitting.question(),
  undo: () => sitting.undo(),
  redo: () => sitting.redo(),
  "accept-all": () => sitting.work.answer?.acceptAll(),
  "ask-again": () => sitting.askAgain(),
});
/** Lay anchor images beside the image, or put them away; what that needs is loaded the first time. */
async function compare() {
  const { Compare } = await import("../controls/anchor-comparison.js");
  comparing ??= new Compare(sitting.root, sitting.viewer, sitting.form, askForAnchors);
  await comparing.toggle();
}

/** @returns {Promise<{anchors: import("../models/assignment.js").Anchor[]} | null>} them; null, with a word on it, without any */
async function askForAnchors() {
  const handed = await sitting.attempt(() => sitting.api.anchors());
  if (handed && !handed.anchors.length) sitting.status.say(text("anchors-none"), "warning");
  return handed?.anchors.length ? handed : null;
}

window.addEventListener("online", () => sitting.work.drafts.flush());
window.addEventListener("beforeunload", (event) => {
  if (sitting.work.drafts.isOnlyHere) event.preventDefault();
});
document.addEventListener("visibilitychange", () => {
  if (document.hidden) sitting.work.watch.pause();
  else if (sitting.viewer.isShown) sitting.work.watch.start();
});
setInterval(() => sitting.beat(), HEARTBEAT);
setInterval(() => sitting.tick(), TICK);
const { correct, viewingUrl } = sitting.root.dataset;
if (viewingUrl) await checkViewing(viewingUrl);
if (correct) sitting.correct(correct);
else sitting.next();
