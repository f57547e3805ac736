/** Make what the tests need, in a line each. */

export const SCALE = { minimum: 0, maximum: 10, step: 0.5 };

/** A small rubric: two weighted attributes and the overall judgement. */
export const RUBRIC = {
  version: 1,
  scale: SCALE,
  subcategories: ["portrait", "sketch"],
  attributes: [
    { key: "composition", weight: 40 },
    { key: "gestalt", weight: 60 },
    { key: "overall", weight: 0 },
  ],
};

export const PREFILL = {
  model: "baseline 1",
  scores: { composition: 6.5, gestalt: 4, overall: null },
  critiques: { composition: "Balanced.", gestalt: "Whole.", overall: "Fine." },
};

/** @returns {import("#workspace/models/assignment.js").AnnotationContent} a first answer, all by hand */
export function firstAnswer() {
  const judged = (/** @type {number} */ score) => ({
    score,
    critique: `My own words on ${score}.`,
    score_origin: /** @type {const} */ ("own"),
    critique_origin: /** @type {const} */ ("own"),
  });
  return { subcategory: "portrait", judgements: { composition: judged(5), gestalt: judged(6), overall: judged(7) } };
}

export const OPEN = { state: "open", prefill: null, first_revision: null };
export const PREFILLED = { state: "open", prefill: PREFILL, first_revision: null };
export const REVEALED = { state: "committed", prefill: PREFILL, first_revision: firstAnswer() };

/** A clock that moves only when told to. */
export class Clock {
  time = 0;
  /** @type {{at: number, act: () => void}[]} */
  timers = [];

  now = () => this.time;

  /** @type {(milliseconds: number, act: () => void) => any} */
  after = (milliseconds, act) => {
    const timer = { at: this.time + milliseconds, act };
    this.timers.push(timer);
    return timer;
  };

  /** @type {(timer: any) => void} */
  cancel = (timer) => {
    this.timers = this.timers.filter((other) => other !== timer);
  };

  /** @param {number} milliseconds - let them pass, with all that falls due */
  async pass(milliseconds) {
    const end = this.time + milliseconds;
    for (;;) {
      const due = this.timers.filter((timer) => timer.at <= end).sort((one, other) => one.at - other.at)[0];
      if (!due) break;
      this.time = due.at;
      this.cancel(due);
      due.act();
      await finishPromises();
    }
    this.time = end;
    await finishPromises();
  }
}

/** Let every promise that can end do so, those of a database in memory too. */
export async function finishPromises() {
  for (let turn = 0; turn < 12; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** A browser's storage, in memory. */
export class Memory {
  /** @type {Map<string, string>} */
  items = new Map();

  get length() {
    return this.items.size;
  }

  /** @param {number} index */
  key(index) {
    return [...this.items.keys()][index] ?? null;
  }

  /** @param {string} key */
  getItem(key) {
    return this.items.get(key) ?? null;
  }

  /**
   * @param {string} key
   * @param {string} value
   */
  setItem(key, value) {
    this.items.set(key, value);
  }

  /** @param {string} key */
  removeItem(key) {
    this.items.delete(key);
  }
}
