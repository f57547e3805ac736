// @ts-check
/**
 * Open the judging page: tie keys, buttons and the browser's own events to the sitting, and fetch the first image.
 *
 * Expects: the markup of templates/workspace/annotate/annotate.html.
 */
import { openDialog, prepareDialogs } from "../controls/dialogs.js";
import { foldPanel } from "../controls/fold-panel.js";
import { bindKeysAndButtons } from "../controls/key-bindings.js";
import { findOne, wording } from "../controls/page-elements.js";
import { checkViewing } from "../controls/viewing-check.js";
import { AnnotationSession } from "./annotation-session.js";

/** Judging time is counted this often, in milliseconds. */
const TICK = 15 * 1000;

/** The lease of an image is renewed this often, in milliseconds. */
const HEARTBEAT = 5 * 60 * 1000;

const session = new AnnotationSession(findOne(document, "[data-annotate]", HTMLElement));
/** @type {import("../controls/anchor-comparison.js").AnchorComparison | null} */
let comparison = null;
prepareDialogs();
bindKeysAndButtons(session.root, {
  advance: () => session.advance(),
  submit: () => session.submit(),
  next: () => session.form.step(1),
  previous: () => session.form.step(-1),
  leave: () => session.form.tabs.focus(),
  accept: () => session.form.decideHere("accept"),
  keep: () => session.form.decideHere("keep"),
  edit: () => session.form.decideHere("edit"),
  reject: () => session.form.decideHere("reject"),
  definition: () => session.form.toggleDefinitions(),
  zoom: () => session.viewer.toggle(),
  loupe: () => session.viewer.magnify(),
  fold: () => foldPanel(session.root),
  fullscreen: () => session.viewer.fullscreen(),
  keys: () => openDialog("keys"),
  pin: (byPointer = false) => session.critiquePins.place(byPointer),
  compare: toggleComparison,
  skip: () => session.skip(),
  "take-back": () => session.takeBack(),
  question: () => session.askQuestion(),
  undo: () => session.undo(),
  redo: () => session.redo(),
  "accept-all": () => session.current.annotation?.acceptAll(),
  "ask-again": () => session.askAgain(),
});
/** Lay anchor images beside the image, or put them away; what that needs is loaded the first time. */
async function toggleComparison() {
  const { AnchorComparison } = await import("../controls/anchor-comparison.js");
  comparison ??= new AnchorComparison(session.root, session.viewer, session.form, askForAnchors);
  await comparison.toggle();
}

/** @returns {Promise<{anchors: import("../models/assignment.js").Anchor[]} | null>} null, with a word on it, without any */
async function askForAnchors() {
  const response = await session.attempt(() => session.api.anchorImages());
  if (response && !response.anchors.length) session.status.say(wording("anchors-none"), "warning");
  return response?.anchors.length ? response : null;
}

window.addEventListener("online", () => session.current.drafts.flush());
window.addEventListener("beforeunload", (event) => {
  if (session.current.drafts.isOnlyHere) event.preventDefault();
});
for (const sign of ["pointerdown", "pointermove", "keydown", "wheel", "touchmove", "compositionupdate"]) {
  document.addEventListener(sign, () => session.current.stopwatch.touch(), { capture: true, passive: true });
}
document.addEventListener("visibilitychange", () => {
  if (document.hidden) session.current.stopwatch.pause();
  else if (session.viewer.isShown) session.current.stopwatch.start();
});
setInterval(() => session.renewLease(), HEARTBEAT);
setInterval(() => session.countRest(), TICK);
const { correct, viewingUrl, person = "" } = session.root.dataset;
if (viewingUrl) await checkViewing(viewingUrl, person);
if (correct) session.correct(correct);
else session.showNextImage();
