// @ts-check
/**
 * Follow one person's sitting: fetch an image, keep the draft safe, send the annotation, show the reveal, go on.
 *
 * @typedef {import("../models/assignment.js").Assignment} Assignment
 * @typedef {import("../models/api.js").ApiError} ApiError
 */
import { AnnotationForm } from "../controls/annotation-form.js";
import { showFeedback } from "../controls/calibration-feedback.js";
import { CritiquePins } from "../controls/critique-pins.js";
import { askByDialog, chooseVersion } from "../controls/dialogs.js";
import { ImageNote } from "../controls/image-note.js";
import { findAll, readCookie, readJson, findOne, wording } from "../controls/page-elements.js";
import { QuestionDialog } from "../controls/question-dialog.js";
import { RubricChanges } from "../controls/rubric-changes.js";
import { SignInDialog } from "../controls/sign-in-dialog.js";
import { Status } from "../controls/status.js";
import { Api } from "../models/api.js";
import { CurrentAssignment } from "../models/current-assignment.js";
import { ImagePrefetch } from "../models/image-prefetch.js";
import { RestReminder } from "../models/rest-reminder.js";
import { SubmissionKey } from "../models/submission-key.js";
import { loadImage } from "../viewer/load-image.js";
import { Viewer } from "../viewer/viewer.js";

/** A skip can be taken back for so many milliseconds: a little less than the server allows. */
const TAKE_BACK = 9.5 * 60 * 1000;

/** What each form's annotation is sent as. */
const VERBS = /** @type {const} */ ({ own: "commit", prefilled: "commit", reveal: "revise", correction: "correct" });

const findSkipWords = () => findOne(document, "[data-skip-words]", HTMLTextAreaElement);

export class AnnotationSession {
  /** @param {HTMLElement} root */
  constructor(root) {
    const attributes = readJson("rubric-attributes");
    const scale = readJson("rubric-scale");
    const { nextUrl = "", aheadUrl = "", anchorsUrl, assignmentUrl = "", language = "en", person = "" } = root.dataset;
    const subcategories = findAll(root, "[data-subcategories] input").map((input) => input.getAttribute("value") ?? "");
    /** @type {import("../models/assignment.js").Rubric} */
    this.rubric = { version: Number(root.dataset.rubricVersion), attributes, scale, subcategories };
    this.root = root;
    const token = () => readCookie("csrftoken");
    const noticed = (/** @type {import("../models/api.js").News} */ news) => this.onNews(news);
    const addresses = { nextUrl, aheadUrl, anchorsUrl, assignmentUrl };
    this.api = new Api({ fetch: fetch.bind(window), token, person, noticed, ...addresses });
    this.status = new Status(root);
    this.form = new AnnotationForm(root, { attributes, scale, language });
    this.viewer = new Viewer(findOne(root, "[data-viewer]", HTMLElement), {
      shown: () => this.onShown(),
      failed: () => this.imageNote.show("missing"),
      slow: () => this.imageNote.show("slow"),
      coarse: () => this.imageNote.show("coarse"),
      zoomed: (on) => findOne(root, '[data-do="zoom"]', HTMLElement).setAttribute("aria-pressed", String(on)),
    });
    this.imageNote = new ImageNote(root, () => this.reloadImage());
    this.critiquePins = new CritiquePins(this.viewer, this.form, (words, tone) => this.status.say(words, tone));
    this.rubricChanges = new RubricChanges(root);
    this.signInDialog = new SignInDialog(root.dataset.signInUrl ?? "", person, () => this.onReturn());
    this.rest = new RestReminder({
      storage: () => localStorage,
      person,
      now: () => Date.now(),
      today: 1000 * Number(root.dataset.secondsToday),
    });
    const closer = this.viewer.tilesFor.bind(this.viewer);
    this.prefetch = new ImagePrefetch({ ask: () => this.api.upcomingImages(), load: loadImage, closer });
    this.submissionKey = new SubmissionKey();
    this.questionDialog = new QuestionDialog(language);
    this.current = new CurrentAssignment({
      api: this.api,
      rubric: this.rubric,
      person,
      isSeen: () => this.viewer.isShown,
      choose: (mine, theirs) => this.chooseDraft(mine, theirs),
      report: (state, error, pending) => this.onSaved(state, error, pending),
      changed: (annotation) => this.onChange(annotation),
    });
  }

  /**
   * @param {"" | "stored" | "surplus" | "corrected" | "skipped"} [done] - what was done with the one before
   * @param {import("../models/api.js").NextAssignment} [handed] - what was handed out already
   */
  async showNextImage(done = "", handed = undefined) {
    const message = done && wording(done);
    const news = done && wording(`${done}-last`);
    if (this.rest.isEnough) return this.status.showNothing("rest", "", news);
    this.root.dataset.stage = "loading";
    if (!this.viewer.isPreview) this.viewer.preview(this.prefetch.take());
    this.status.say(message || wording("fetching"));
    const response = handed ?? (await this.attempt(() => this.api.nextAssignment()));
    if (!response) return this.status.showNothing("error", this.status.words, news);
    this.status.showProgress(response.progress);
    if (!response.assignment) return this.status.showNothing(response.reason ?? "", "", news);
    this.status.hideNothing();
    this.status.say(message, message ? "success" : "");
    this.showImage(response.assignment.image);
    await this.begin(response.assignment);
    await this.prefetch.fetch();
    this.viewer.waiting.hold(this.prefetch.images[0]);
  }

  /** @param {string} id - of an assignment whose final annotation is to be corrected */
  async correct(id) {
    this.status.say(wording("fetching"));
    const response = await this.attempt(() => this.api.showAssignment(id));
    if (!response) return this.status.showNothing("error", this.status.words);
    if (!response.assignment.final_revision) return this.showNextImage();
    this.status.showProgress(response.progress);
    this.status.clear();
    this.showImage(response.assignment.image);
    await this.begin(response.assignment);
  }

  /** @param {Assignment} assignment - whose annotation, or what is made of it after the reveal, is to be given now */
  async begin(assignment) {
    const annotation = await this.current.open(assignment);
    // What is pressed before there is anything to judge would be lost.
    await this.viewer.settled;
    this.root.dataset.stage = "judging";
    this.holdBack();
    this.status.showForm(annotation);
    this.status.showSentBack(assignment.sent_back);
    this.critiquePins.open(annotation);
    this.rubricChanges.open(annotation);
    this.form.begin(annotation);
    if (annotation.toLookAt.size) this.showChanges(annotation);
  }

  /** @param {import("../models/annotation.js").Annotation} annotation - filled in by an earlier version of the rubric */
  showChanges(annotation) {
    const changed = annotation.missing().filter(({ why }) => why === "changed");
    this.form.turnTo(changed[0].part);
    this.status.say(this.form.describeMissing(changed), "warning");
  }

  /** Let nothing be judged whose image is not on this screen, and nothing be changed while it is sent. */
  holdBack() {
    const isDrawn = this.viewer.isShown && !this.viewer.isPreview;
    this.root.toggleAttribute("data-undrawn", !isDrawn);
    findOne(this.root, "[data-body]", HTMLElement).inert = !isDrawn || this.busy;
    findOne(this.root, '[data-do="submit"]', HTMLElement).setAttribute("aria-disabled", String(!isDrawn || this.busy));
  }

  /** Go on now that the image is on screen: from here on time counts. */
  onShown() {
    this.imageNote.arrive();
    this.holdBack();
    this.current.stopwatch.start();
    this.critiquePins.show();
    if (this.root.dataset.stage === "judging" && document.activeElement === document.body) this.form.focusFirst();
  }

  reloadImage() {
    this.imageNote.hide();
    this.viewer.reload();
  }

  /** @param {import("../models/assignment.js").Image} image */
  showImage(image) {
    this.imageNote.hide();
    this.viewer.show(image);
  }

  /** @param {import("../models/annotation.js").Annotation} annotation */
  onChange(annotation) {
    this.status.clear();
    this.status.showForm(annotation);
    this.rubricChanges.show(annotation);
  }

  undo() {
    if (!this.current.undoOrRedo("undo")) this.status.say(wording("undone-all"));
  }

  redo() {
    if (!this.current.undoOrRedo("redo")) this.status.say(wording("redone-all"));
  }

  /** Ask for an image again, whatever had kept it back. */
  askAgain() {
    this.rest.goOn();
    return this.showNextImage();
  }

  /** Count the time, and suggest a rest when it is due. */
  countRest() {
    const isAway = document.hidden || this.current.stopwatch.isIdle;
    if (isAway || this.root.dataset.stage !== "judging") return this.rest.pause();
    this.rest.tick();
    const { minutes } = this.rest;
    findOne(this.root, "[data-spell]", HTMLElement).textContent = minutes ? wording("spell", { minutes }) : "";
    if (this.rest.suggest()) this.status.say(wording("rest", { minutes }));
  }

  /** Open the next part that lacks something; when nothing does, submit. After the reveal, walk through the parts. */
  advance() {
    const { form, current } = this;
    const { annotation } = current;
    if (!annotation) return;
    if (annotation.isStored && !form.isAtEnd) return form.step(1);
    const missing = annotation.missing();
    if (missing.length === 0) return this.submit();
    const next = form.nextMissing((part) => part === form.current);
    if (!next) return;
    if (next.part === form.current) this.status.say(form.describeMissing(missing), "warning");
    form.go(next.part, next.name);
  }

  async submit() {
    const { form, current } = this;
    const { annotation, assignment, drafts } = current;
    const { drawn } = this.viewer;
    if (!annotation || !assignment || !drawn || this.busy) return;
    const missing = annotation.missing();
    if (missing.length > 0) {
      this.status.say(form.describeMissing(missing), "warning");
      return form.go(missing[0].part, missing[0].name);
    }
    this.setBusy(true);
    this.status.say(wording("sending"));
    await drafts.stop();
    const content = annotation.content();
    /** @type {import("../models/assignment.js").Sent} */
    const body = {
      ...content,
      ...current.timing(),
      drawn,
      key: this.submissionKey.keyFor({ id: assignment.id, state: assignment.state, content }),
      rubric_version: this.rubric.version,
    };
    const verb = VERBS[annotation.form];
    const next = verb !== "correct" && !this.rest.isEnough;
    const response = await this.attempt(() => this.api.store(assignment.id, verb, body, { next }));
    const { state = "committed", feedback = null } = response?.assignment ?? {};
    // The eye goes first: an image that is done with gives way before anything else is seen to.
    if (state !== "committed" && !feedback && !this.rest.isEnough) this.viewer.preview(this.prefetch.take());
    this.setBusy(false);
    if (!response) return drafts.resume();
    drafts.finish();
    this.status.showProgress(response.progress);
    await this.goOn(response.assignment, response.next);
  }

  /**
   * @param {Assignment} assignment - as it is after its answer was stored
   * @param {import("../models/api.js").NextAssignment} [next] - what came with it
   */
  async goOn(assignment, next) {
    if (assignment.feedback) await showFeedback(assignment.feedback, this.rubric.scale, this.form.names);
    const isCorrected = this.current.annotation?.form === "correction";
    const done = isCorrected ? "corrected" : assignment.surplus ? "surplus" : "stored";
    if (assignment.state !== "committed") return this.showNextImage(done, next);
    await this.begin(assignment);
    this.status.say(wording("form-reveal", { model: assignment.prefill?.model ?? "" }), "unseen");
  }

  async skip() {
    const { assignment, drafts } = this.current;
    if (!assignment || assignment.state !== "open" || this.busy) return;
    const reason = await askByDialog("skip", "reason");
    if (!reason || !(await this.isSureToSkip())) return;
    this.setBusy(true);
    await drafts.flush(); // What is skipped may be taken up again, as it was left.
    await drafts.stop();
    const response = await this.attempt(() => this.api.post(assignment.id, "skip", { reason, words: findSkipWords().value }));
    this.setBusy(false);
    if (!response) return drafts.resume();
    findSkipWords().value = "";
    drafts.finish();
    this.offerTakeBack(assignment.id);
    await this.showNextImage("skipped");
  }

  /** @param {string} [id] - of what was skipped and can be taken back for a while; none when nothing can any more */
  offerTakeBack(id = "") {
    this.skipped = id;
    clearTimeout(this.takeBackTimer);
    for (const button of findAll(this.root, '[data-do="take-back"]')) button.hidden = !id;
    if (id) this.takeBackTimer = setTimeout(() => this.offerTakeBack(), TAKE_BACK);
  }

  /** Go back to the image that was skipped; what is at hand is kept as it is, for when it comes again. */
  async takeBack() {
    const { skipped, current } = this;
    const { stage = "" } = this.root.dataset;
    if (!skipped || this.busy) return;
    this.setBusy(true);
    await current.drafts.flush();
    await current.drafts.stop();
    const response = await this.attempt(() => this.api.post(skipped, "take-back"));
    this.setBusy(false);
    this.root.dataset.stage = stage;
    if (!response) return current.drafts.resume();
    this.offerTakeBack();
    this.status.hideNothing();
    this.showImage(response.assignment.image);
    await this.begin(response.assignment);
    this.status.say(wording("taken-back"), "success");
  }

  /** @returns {Promise<boolean>} whether the person skips although something is filled in */
  async isSureToSkip() {
    const count = this.current.annotation?.given() ?? 0;
    if (!count) return true;
    findOne(document, "[data-skip-draft]", HTMLElement).textContent = wording("skip-draft", { count });
    return (await askByDialog("skip-draft", "sure")) !== null;
  }

  async askQuestion() {
    const { assignment } = this.current;
    if (!assignment || this.busy) return;
    const words = await this.questionDialog.ask(assignment.id, assignment.messages ?? []);
    if (!words) return;
    const response = await this.attempt(() => this.api.post(assignment.id, "question", { text: words }));
    if (!response) return;
    this.questionDialog.sent();
    assignment.messages = response.assignment.messages;
    this.status.say(wording("asked"), "success");
  }

  async renewLease() {
    const { assignment } = this.current;
    if (!assignment || this.root.dataset.stage !== "judging" || document.hidden) return;
    try {
      await this.api.post(assignment.id, "heartbeat");
    } catch (error) {
      const { kind, assignment: theirs } = /** @type {ApiError} */ (error);
      const isHere = this.current.assignment === assignment;
      if (kind === "withdrawn" && isHere) this.takeAway();
      if (kind === "conflict" && isHere && theirs) this.status.say(wording("given-away"), "warning");
      if ((kind === "conflict" && isHere && !theirs) || kind === "gone") this.status.fail(/** @type {ApiError} */ (error));
      if (kind === "signed-out") this.signInDialog.ask();
    }
  }

  /**
   * Ask the server, and say what went wrong; nothing is lost, the person may try again.
   *
   * @template T
   * @param {() => Promise<T>} request
   * @returns {Promise<T | null>}
   */
  async attempt(request) {
    try {
      return await request();
    } catch (caught) {
      const error = /** @type {ApiError} */ (caught);
      if (error.kind === "signed-out") {
        return (await this.signInDialog.ask()) ? this.attempt(request) : this.status.fail(error);
      }
      if (error.kind === "invalid" && error.fields.rubric_version) await this.takeUpRubric();
      else if (error.kind === "withdrawn") this.takeAway();
      else if (this.isAboutThis(error)) await this.takeStoredElsewhere(error);
      else this.status.fail(error);
      return null;
    }
  }

  /** Take a withdrawn image from the screen, and what was begun on it: nothing more is stored about it. */
  takeAway() {
    this.current.drafts?.finish();
    this.current.assignment = null;
    this.viewer.takeAway();
    this.status.clear();
    this.status.showNothing("withdrawn");
  }

  /** @param {ApiError} error */
  isAboutThis({ kind, assignment }) {
    return kind === "conflict" && assignment !== null && assignment.id === this.current.assignment?.id;
  }

  /** @param {ApiError} error - on the assignment at hand, which another tab has brought further meanwhile */
  async takeStoredElsewhere(error) {
    const theirs = /** @type {Assignment} */ (error.assignment);
    if (theirs.state === "open") return void this.status.fail(error);
    if (theirs.state === "skipped") return this.leaveSkipped(theirs);
    if (this.current.annotation?.form === "correction") return this.status.say(wording("correction-over"), "error");
    this.current.drafts.finish();
    if (theirs.state === "committed") await this.begin(theirs);
    else await this.showNextImage();
    this.status.say(wording("stored-elsewhere"), "warning");
  }

  /** @param {Assignment} theirs - which another tab has skipped: it can be taken back with what stands here */
  async leaveSkipped(theirs) {
    await this.current.drafts.stop();
    this.offerTakeBack(theirs.id);
    await this.showNextImage();
    this.status.say(wording("skipped-elsewhere"), "warning");
  }

  /**
   * @param {import("../models/autosave.js").State} state
   * @param {ApiError | null} error
   * @param {number} pending - how many changes the server lacks
   */
  async onSaved(state, error, pending) {
    this.status.showSaved(state, pending);
    if (state === "signed-out" && error) this.signInDialog.ask();
    if (state === "refused" && error?.kind === "withdrawn") return this.takeAway();
    if (state === "refused" && error) this.status.fail(error);
    if (state !== "conflict" || !error?.assignment || this.busy) return;
    const theirs = error.assignment;
    if (theirs.state !== this.current.assignment?.state) return this.takeStoredElsewhere(error);
    await this.current.resolveConflict(theirs);
  }

  /** @param {import("../models/api.js").News} news - on what may have changed since the page was opened */
  onNews({ campaign_state: state, rubric_version: version }) {
    if (state === "paused" && this.campaignState !== state) this.status.say(wording("campaign-paused"), "warning");
    this.campaignState = state ?? this.campaignState;
    const isOther = version !== undefined && version !== this.rubric.version && version !== this.newVersion;
    if (isOther) this.status.say(wording("rubric-news"), "warning");
    this.newVersion = version ?? this.newVersion;
  }

  /** Open the page anew by the rubric that is in force: it marks what is different in what is filled in. */
  async takeUpRubric() {
    const { drafts } = this.current;
    this.status.say(wording("rubric-reload"), "warning");
    drafts.resume();
    drafts.saveChange();
    await drafts.flush();
    location.reload();
  }

  /**
   * @param {any} mine - a draft
   * @param {any} theirs - the one that is stored
   * @returns {Promise<any>} the draft the person chose
   */
  async chooseDraft(mine, theirs) {
    const choice = await chooseVersion(mine, theirs, this.form.names);
    return choice === "mine" ? mine : theirs;
  }

  /** Save what waited while nobody was signed in, or somebody else. */
  onReturn() {
    if (this.status.words === wording("error-signed-out")) this.status.clear();
    if (this.imageNote.isMissing) this.reloadImage();
    return this.current.drafts.flush();
  }

  /** @returns {boolean} whether something is being sent, so that nothing may be changed */
  get busy() {
    return this.root.dataset.stage === "sending";
  }

  /** @param {boolean} busy */
  setBusy(busy) {
    if (busy) this.focused = document.activeElement;
    this.root.dataset.stage = busy ? "sending" : "judging";
    this.holdBack();
    if (!busy && this.focused instanceof HTMLElement) this.focused.focus({ preventScroll: true });
  }
}
