// @ts-check
/**
 * Let somebody whose session has ended sign in again without leaving the page.
 *
 * Expects: <dialog data-dialog="signed-out"> with <form data-sign-in> and [data-sign-in-error].
 */
import { readCookie, findOne, wording } from "./page-elements.js";

export class SignInDialog {
  /**
   * @param {string} url
   * @param {string} person - the pseudonym of who was signed in
   */
  constructor(url, person) {
    this.url = url;
    this.person = person;
    this.dialog = findOne(document, '[data-dialog="signed-out"]', HTMLDialogElement);
    this.form = findOne(this.dialog, "[data-sign-in]", HTMLFormElement);
    this.error = findOne(this.dialog, "[data-sign-in-error]", HTMLElement);
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.send();
    });
  }

  /** @returns {Promise<boolean>} whether the person is signed in again; false when the dialog was closed */
  ask() {
    if (!this.dialog.open) {
      // A save that fails while the dialog is open must not take away what a wrong password was told.
      this.error.hidden = true;
      this.dialog.returnValue = "";
      this.dialog.showModal();
    }
    return new Promise((resolve) => {
      this.dialog.addEventListener("close", () => resolve(this.dialog.returnValue === "done"), { once: true });
    });
  }

  async send() {
    const response = await this.request();
    if (response.person === this.person) {
      findOne(this.form, "[name=password]", HTMLInputElement).value = "";
      return this.dialog.close("done");
    }
    this.error.textContent = response.person ? wording("someone-else") : (response.error ?? "");
    this.error.hidden = false;
  }

  /** @returns {Promise<{person?: string, error?: string}>} */
  async request() {
    const unreachable = { error: wording("error-unavailable") };
    const response = await fetch(this.url, {
      method: "POST",
      headers: { accept: "application/json", "x-csrftoken": readCookie("csrftoken") },
      body: new FormData(this.form),
      credentials: "same-origin",
    }).catch(() => null);
    return response ? response.json().catch(() => unreachable) : unreachable;
  }
}
