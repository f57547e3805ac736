// @ts-check
/**
 * Let somebody whose session has ended sign in again without leaving the page, and notice when they did so elsewhere.
 *
 * Closing the dialog by Escape leaves things as they are: the watch goes on, and tells when the session is good again.
 *
 * Expects: <dialog data-dialog="signed-out"> with <form data-sign-in>, [data-sign-in-error] and [data-someone-else].
 */
import { CLOCK } from "../models/clock.js";
import { SessionWatch } from "../models/session-watch.js";
import { readCookie, findOne, wording } from "./page-elements.js";

export class SignInDialog {
  /**
   * @param {string} url
   * @param {string} person - the pseudonym of who was signed in
   * @param {() => void} returned - told whenever the person is signed in again, here or elsewhere
   */
  constructor(url, person, returned) {
    this.url = url;
    this.dialog = findOne(document, '[data-dialog="signed-out"]', HTMLDialogElement);
    this.form = findOne(this.dialog, "[data-sign-in]", HTMLFormElement);
    this.error = findOne(this.dialog, "[data-sign-in-error]", HTMLElement);
    const someoneElse = findOne(this.dialog, "[data-someone-else]", HTMLElement);
    this.watch = new SessionWatch({
      person,
      ask: () => this.request({}).then(({ person }) => person ?? null),
      clock: CLOCK,
      returned: () => {
        if (this.dialog.open) this.dialog.close("done");
        returned();
      },
      other: (isOther) => (someoneElse.hidden = !isOther),
    });
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.send();
    });
    window.addEventListener("focus", () => this.watch.check());
    window.addEventListener("online", () => this.watch.check());
    document.addEventListener("visibilitychange", () => this.watch.check());
  }

  /** @returns {Promise<boolean>} whether the person is signed in again; false when the dialog was closed */
  ask() {
    if (!this.dialog.open) {
      // A save that fails while the dialog is open must not take away what a wrong password was told.
      this.error.hidden = true;
      this.dialog.returnValue = "";
      this.dialog.showModal();
    }
    const answer = new Promise((resolve) => {
      this.dialog.addEventListener("close", () => resolve(this.dialog.returnValue === "done"), { once: true });
    });
    this.watch.start();
    return answer;
  }

  async send() {
    const { person, error = "" } = await this.request({ method: "POST", body: new FormData(this.form) });
    if (person) {
      this.error.hidden = true;
      findOne(this.form, "[name=password]", HTMLInputElement).value = "";
      return this.watch.tell(person);
    }
    this.error.textContent = error;
    this.error.hidden = false;
  }

  /**
   * @param {RequestInit} options
   * @returns {Promise<{person?: string, error?: string}>}
   */
  async request(options) {
    const unreachable = { error: wording("error-unavailable") };
    const response = await fetch(this.url, {
      headers: { accept: "application/json", "x-csrftoken": readCookie("csrftoken") },
      credentials: "same-origin",
      cache: "no-store",
      ...options,
    }).catch(() => null);
    return response ? response.json().catch(() => unreachable) : unreachable;
  }
}
