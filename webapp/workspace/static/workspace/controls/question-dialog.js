// @ts-check
/**
 * Ask the organiser about the image on screen. What was typed and not sent stays in the dialog until it is.
 *
 * Expects: <dialog data-dialog="question"> with [data-thread], textarea[data-question] and [data-send].
 *
 * @typedef {import("../models/assignment.js").Message} Message
 */
import { askByDialog } from "./dialogs.js";
import { findOne, copyTemplate, wording } from "./page-elements.js";

export class QuestionDialog {
  /** @param {string} language - of the page */
  constructor(language) {
    this.field = findOne(document, "[data-question]", HTMLTextAreaElement);
    this.when = new Intl.DateTimeFormat(language, {
      year: "numeric",
      month: "short",
      day: "numeric",
      hour: "2-digit",
      minute: "2-digit",
      timeZoneName: "short",
    });
    this.about = "";
  }

  /**
   * @param {string} id - of the assignment whose image is asked about
   * @param {Message[]} messages - what was said so far
   * @returns {Promise<string>} what is to be sent, "" when nothing is
   */
  async ask(id, messages) {
    if (this.about !== id) this.field.value = "";
    this.about = id;
    findOne(document, "[data-thread]", HTMLElement).replaceChildren(...messages.map((message) => this.item(message)));
    const choice = await askByDialog("question", "send");
    return choice ? this.field.value.trim() : "";
  }

  /** Empty the field, as what stood there is stored. */
  sent() {
    this.field.value = "";
  }

  /** @param {Message} message */
  item({ mine, text: words, at }) {
    const item = copyTemplate("message");
    findOne(item, "li", HTMLElement).className = mine ? "question" : "answer";
    const when = this.when.format(new Date(at));
    findOne(item, "[data-whom]", HTMLElement).textContent = wording(mine ? "message-mine" : "message-organiser", { when });
    findOne(item, "[data-words]", HTMLElement).textContent = words;
    return item;
  }
}
