// @ts-check
/**
 * Follow one person's sitting: fetch an image, keep the draft safe, send the answer, show the reveal, go on.
 *
 * @typedef {import("../models/assignment.js").Assignment} Assignment
 * @typedef {import("../models/api.js").ApiError} ApiError
 */
import { Form } from "../controls/annotation-form.js";
import { showFeedback } from "../controls/calibration-feedback.js";
import { Pinning } from "../controls/critique-pins.js";
import { ask, chooseVersion } from "../controls/dialogs.js";
import { all, cookie, data, one, text } from "../controls/page-elements.js";
import { Question } from "../controls/question-dialog.js";
import { SignIn } from "../controls/sign-in-dialog.js";
import { Status } from "../controls/status.js";
import { Api } from "../models/api.js";
import { Work } from "../models/current-assignment.js";
import { Ahead } from "../models/image-prefetch.js";
import { Rest } from "../models/rest-reminder.js";
import { Submission } from "../models/submission-key.js";
import { loadImage } from "../viewer/load-image.js";
import { Viewer } from "../viewer/viewer.js";

/** What each form's answer is sent as. */
const VERBS = /** @type {const} */ ({ own: "commit", prefilled: "commit", reveal: "revise", correction: "correct" });

export class Sitting {
  /** @param {HTMLElement} root */
  constructor(root) {
    const attributes = data("rubric-attributes");
    const scale = data("rubric-scale");
    const { nextUrl = "", aheadUrl = "", anchorsUrl, assignmentUrl = "", language = "en", person = "" } = root.dataset;
    const subcategories = all(root, "[data-subcategories] input").map((input) => input.getAttribute("value") ?? "");
    /** @type {import("../models/assignment.js").Rubric} */
    this.rubric = { version: Number(root.dataset.rubricVersion), attributes, scale, subcategories };
    this.root = root;
    const token = () => cookie("csrftoken");
    this.api = new Api({ fetch: fetch.bind(window), token, nextUrl, aheadUrl, anchorsUrl, assignmentUrl });
    this.status = new Status(root);
    this.form = new Form(root, { attributes, scale, language });
    this.viewer = new Viewer(one(root, "[data-viewer]", HTMLElement), {
      shown: () => {
        this.work.watch.start();
        this.pinning.show();
      },
      failed: () => this.status.say(text("image-missing"), "error"),
      zoomed: (on) => one(root, '[data-do="zoom"]', HTMLElement).setAttribute("aria-pressed", String(on)),
    });
    this.pinning = new Pinning(this.viewer, this.form, (words, tone) => this.status.say(words, tone));
    this.signIn = new SignIn(root.dataset.signInUrl ?? "", person);
    this.rest = new Rest({
      storage: () => localStorage,
      person,
      now: () => Date.now(),
      today: 1000 * Number(root.dataset.secondsToday),
    });
    const closer = this.viewer.tilesFor.bind(this.viewer);
    this.ahead = new Ahead({ ask: () => this.api.ahead(), load: loadImage, closer });
    this.submission = new Submission();
    this.asking = new Question(language);
    this.work = new Work({
      api: this.api,
      rubric: this.rubric,
      person,
      isSeen: () => this.viewer.isShown,
      choose: (mine, theirs) => this.choose(mine, theirs),
      report: (state, error, pending) => this.onSaved(state, error, pending),
      changed: (answer) => this.onChange(answer),
    });
  }

  /** @param {string} [said] - what to say when the image is there */
  async next(said = "") {
    if (this.rest.isEnough) return this.status.showNothing("rest");
    this.root.dataset.stage = "loading";
    if (!this.viewer.isPreview) this.viewer.preview(this.ahead.take());
    this.status.say(said || text("fetching"));
    const handed = await this.attempt(() => this.api.next());
    if (!handed) return this.status.showNothing("error", this.status.words);
    this.status.showProgress(handed.progress);
    if (!handed.assignment) return this.status.showNothing(handed.reason ?? "");
    this.status.hideNothing();
    this.status.say(said, said ? "success" : "");
    this.viewer.show(handed.assignment.image);
    await this.begin(handed.assignment);
    await this.ahead.fetch();
    this.viewer.waiting.hold(this.ahead.images[0]);
  }

  /** @param {string} id - of an assignment whose final answer is to be corrected */
  async correct(id) {
    this.status.say(text("fetching"));
    const stored = await this.attempt(() => this.api.show(id));
    if (!stored) return this.status.showNothing("error", this.status.words);
    if (!stored.assignment.final_answer) return this.next();
    this.status.showProgress(stored.progress);
    this.status.clear();
    this.viewer.show(stored.assignment.image);
    await this.begin(stored.assignment);
  }

  /** @param {Assignment} assignment - whose answer, or what is made of it after the reveal, is to be given now */
  async begin(assignment) {
    const answer = await this.work.open(assignment);
    this.root.dataset.stage = "judging";
    this.status.showForm(answer);
    this.pinning.open(answer);
    this.form.begin(answer);
  }

  /** @param {import("../models/annotation.js").Answer} answer */
  onChange(answer) {
    this.status.clear();
    this.status.showForm(answer);
  }

  undo() {
    if (!this.work.go("undo")) this.status.say(text("undone-all"));
  }

  redo() {
    if (!this.work.go("redo")) this.status.say(text("redone-all"));
  }

  /** Ask for an image again, whatever had kept it back. */
  askAgain() {
    this.rest.goOn();
    return this.next();
  }

  /** Count the time, and suggest a rest when it is due. */
  tick() {
    if (document.hidden || this.root.dataset.stage !== "judging") return this.rest.pause();
    this.rest.tick();
    const { minutes } = this.rest;
    one(this.root, "[data-spell]", HTMLElement).textContent = minutes ? text("spell", { minutes }) : "";
    if (this.rest.suggest()) this.status.say(text("rest", { minutes }));
  }

  /** Open the next part that lacks something; when nothing does, submit. After the reveal, walk through the parts. */
  advance() {
    const { form, work } = this;
    const { answer } = work;
    if (!answer) return;
    if (answer.isStored && !form.isAtEnd) return form.step(1);
    const missing = answer.missing();
    if (missing.length === 0) return this.submit();
    const next = form.nextMissing((unit) => unit === form.current);
    if (!next) return;
    if (next.unit === form.current) this.status.say(form.describeMissing(missing), "warning");
    form.go(next.unit, next.name);
  }

  async submit() {
    const { form, work } = this;
    const { answer, assignment, drafts } = work;
    if (!answer || !assignment || this.busy) return;
    const missing = answer.missing();
    if (missing.length > 0) {
      this.status.say(form.describeMissing(missing), "warning");
      return form.go(missing[0].unit, missing[0].name);
    }
    this.setBusy(true);
    this.status.say(text("sending"));
    await drafts.stop();
    const said = answer.said();
    /** @type {import("../models/assignment.js").Sent} */
    const body = {
      ...said,
      ...work.timing(),
      key: this.submission.keyFor({ id: assignment.id, state: assignment.state, said }),
      rubric_version: this.rubric.version,
    };
    const stored = await this.attempt(() => this.api.post(assignment.id, VERBS[answer.form], body));
    const { state = "committed", feedback = null } = stored?.assignment ?? {};
    // The eye goes first: an image that is done with gives way before anything else is seen to.
    if (state !== "committed" && !feedback && !this.rest.isEnough) this.viewer.preview(this.ahead.take());
    this.setBusy(false);
    if (!stored) return drafts.resume();
    drafts.finish();
    this.status.showProgress(stored.progress);
    await this.goOn(stored.assignment);
  }

  /** @param {Assignment} assignment - as it is after its answer was stored */
  async goOn(assignment) {
    if (assignment.feedback) await showFeedback(assignment.feedback, this.rubric.scale, this.form.names);
    const isCorrected = this.work.answer?.form === "correction";
    if (assignment.state !== "committed") return this.next(text(isCorrected ? "corrected" : "stored"));
    await this.begin(assignment);
    this.status.say(text("form-reveal", { model: assignment.prefill?.model ?? "" }), "unseen");
  }

  async skip() {
    const { assignment, drafts } = this.work;
    if (!assignment || assignment.state !== "open" || this.busy) return;
    const reason = await ask("skip", "reason");
    if (!reason) return;
    this.setBusy(true);
    await drafts.stop();
    const skipped = await this.attempt(() => this.api.post(assignment.id, "skip", { reason }));
    this.setBusy(false);
    if (!skipped) return drafts.resume();
    drafts.finish();
    await this.next(text("skipped"));
  }

  async question() {
    const { assignment } = this.work;
    if (!assignment || this.busy) return;
    const words = await this.asking.ask(assignment.id, assignment.messages ?? []);
    if (!words) return;
    const stored = await this.attempt(() => this.api.post(assignment.id, "question", { text: words }));
    if (!stored) return;
    this.asking.sent();
    assignment.messages = stored.assignment.messages;
    this.status.say(text("asked"), "success");
  }

  async beat() {
    const { assignment } = this.work;
    if (!assignment || this.root.dataset.stage !== "judging" || document.hidden) return;
    try {
      await this.api.post(assignment.id, "heartbeat");
    } catch (error) {
      const { kind } = /** @type {ApiError} */ (error);
      if (kind === "conflict" && this.work.assignment === assignment) this.status.say(text("given-away"), "warning");
      if (kind === "signed-out") this.signInAgain();
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
        return (await this.signIn.ask()) ? this.attempt(request) : this.status.fail(error);
      }
      if (error.kind === "conflict" && error.assignment) await this.meet(error.assignment);
      else this.status.fail(error);
      return null;
    }
  }

  /** @param {Assignment} theirs - whose answer was stored by another tab meanwhile */
  async meet(theirs) {
    if (theirs.state === "open") return this.status.say(text("error-unavailable"), "error");
    if (this.work.answer?.form === "correction") return this.status.say(text("correction-over"), "error");
    this.work.drafts.finish();
    if (theirs.state === "committed") await this.begin(theirs);
    else await this.next();
    this.status.say(text("stored-elsewhere"), "warning");
  }

  /**
   * @param {import("../models/autosave.js").State} state
   * @param {ApiError | null} error
   * @param {number} pending - how many changes the server lacks
   */
  async onSaved(state, error, pending) {
    this.status.showSaved(state, pending);
    if (state === "signed-out") this.signInAgain();
    if (state !== "conflict" || !error?.assignment || this.busy) return;
    const theirs = error.assignment;
    if (theirs.state !== this.work.assignment?.state) return this.meet(theirs);
    await this.work.resolveConflict(theirs);
  }

  /**
   * @param {any} mine - a draft
   * @param {any} theirs - the one that is stored
   * @returns {Promise<any>} the draft the person chose
   */
  async choose(mine, theirs) {
    const choice = await chooseVersion(mine, theirs, this.form.names);
    return choice === "mine" ? mine : theirs;
  }

  async signInAgain() {
    if (await this.signIn.ask()) await this.work.drafts.flush();
  }

  /** @returns {boolean} whether something is being sent, so that nothing may be changed */
  get busy() {
    return this.root.dataset.stage === "sending";
  }

  /** @param {boolean} busy */
  setBusy(busy) {
    if (busy) this.focused = document.activeElement;
    this.root.dataset.stage = busy ? "sending" : "judging";
    one(this.root, "[data-body]", HTMLElement).inert = busy;
    one(this.root, '[data-do="submit"]', HTMLElement).setAttribute("aria-disabled", String(busy));
    if (!busy && this.focused instanceof HTMLElement) this.focused.focus({ preventScroll: true });
  }
}
