// @ts-check
/** The browser's own clock, in milliseconds; tests hand in one that moves only when told to. */

/** @type {import("./autosave.js").Clock} */
export const CLOCK = {
  now: () => Date.now(),
  after: (milliseconds, act) => setTimeout(act, milliseconds),
  cancel: (timer) => clearTimeout(timer),
};
