// @ts-check
/** Keep what an adjudicator types into a case in this browser, until it is sent. */
import { Journal } from "../models/journal.js";

/** What is never kept: it belongs to one page. */
const TOKEN = "csrfmiddlewaretoken";

export class CaseDraft {
  /**
   * @param {HTMLFormElement} form
   * @param {string} person - the pseudonym of who is signed in
   * @param {string} number - of the case
   */
  constructor(form, person, number) {
    this.form = form;
    this.journal = new Journal(() => indexedDB, person, `case ${number}`);
  }

  /**
   * Put back what was typed before, and keep what is typed from now on.
   *
   * @param {{returned: boolean}} options - returned: the server has sent back what was typed, so that it stands there
   */
  async keep({ returned }) {
    const copy = await this.journal.read();
    if (copy?.state === "open" && !returned) this.putBack(copy.draft);
    this.form.addEventListener("input", () => this.write("open"));
    this.form.addEventListener("submit", () => this.write("sent"));
  }

  /** @param {"open" | "sent"} state */
  write(state) {
    const draft = Object.fromEntries([...new FormData(this.form)].filter(([name]) => name !== TOKEN));
    this.journal.write({ version: 0, state, draft, at: Date.now() });
  }

  /** @param {Record<string, string>} draft */
  putBack(draft) {
    for (const [name, value] of Object.entries(draft)) {
      const field = this.form.elements.namedItem(name);
      if (field && "value" in field) field.value = value;
    }
  }
}
