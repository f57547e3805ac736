// @ts-check
/**
 * Say what a key means, given where the focus is.
 *
 * Single letters act only outside text fields, and can be switched off; nothing acts while an input method composes,
 * in a dialog, or together with Alt, which belongs to the browser and to screen readers.
 *
 * @typedef {"next" | "previous" | "advance" | "submit" | "leave" | "zoom" | "loupe" | "fold" | "fullscreen"
 *   | "definition" | "keys" | "accept" | "keep" | "edit" | "reject" | "pin" | "compare" | "skip" | "question" | "undo"
 *   | "redo"} KeyAction
 * @typedef {{key: string, ctrlKey?: boolean, shiftKey?: boolean, altKey?: boolean, metaKey?: boolean,
 *   isComposing?: boolean, keyCode?: number, repeat?: boolean}} KeyPress
 * @typedef {{inText: boolean, inDialog: boolean, singleKeys: boolean}} FocusPlace
 */

/** @type {Map<string, KeyAction>} */
const LETTERS = new Map([
  ["n", "next"],
  ["p", "previous"],
  ["z", "zoom"],
  ["l", "loupe"],
  ["h", "fold"],
  ["f", "fullscreen"],
  ["d", "definition"],
  ["a", "accept"],
  ["k", "keep"],
  ["e", "edit"],
  ["r", "reject"],
  ["m", "pin"],
  ["c", "compare"],
  ["s", "skip"],
  ["q", "question"],
  ["?", "keys"],
  ["？", "keys"],
]);

/** @type {Map<string, KeyAction>} together with Ctrl or Command */
const UNDOING = new Map([
  ["z", "undo"],
  ["shift+z", "redo"],
  ["y", "redo"],
]);

/** What an input method reports instead of the key it is still composing with. */
const COMPOSING = 229;

/**
 * @param {KeyPress} press
 * @returns {boolean} whether an input method is composing, so that the key is its own
 */
export function isComposing(press) {
  return Boolean(press.isComposing) || press.keyCode === COMPOSING;
}

/**
 * @param {KeyPress} press
 * @param {FocusPlace} place
 * @returns {KeyAction | null}
 */
export function actionFor(press, { inText, inDialog, singleKeys }) {
  if (isComposing(press) || press.repeat || press.altKey || inDialog) return null;
  if (press.ctrlKey || press.metaKey) {
    if (press.key === "Enter") return press.shiftKey ? "submit" : "advance";
    // In a text the browser undoes and redoes by itself.
    return inText ? null : (UNDOING.get(`${press.shiftKey ? "shift+" : ""}${press.key.toLowerCase()}`) ?? null);
  }
  if (inText) return press.key === "Escape" ? "leave" : null;
  return singleKeys ? (LETTERS.get(press.key.toLowerCase()) ?? null) : null;
}
