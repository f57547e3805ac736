import assert from "node:assert/strict";
import { test } from "node:test";

import { actionFor, isComposing } from "#workspace/models/keymap.js";

const OUTSIDE = { inText: false, inDialog: false, singleKeys: true };
const IN_TEXT = { ...OUTSIDE, inText: true };
const IN_DIALOG = { ...OUTSIDE, inDialog: true };
const SINGLE_KEYS_OFF = { ...OUTSIDE, singleKeys: false };

for (const [press, place, action] of /** @type {[any, typeof OUTSIDE, string | null][]} */ ([
  [{ key: "z" }, OUTSIDE, "zoom"],
  [{ key: "Z", shiftKey: true }, OUTSIDE, "zoom"],
  [{ key: "l" }, OUTSIDE, "loupe"],
  [{ key: "h" }, OUTSIDE, "fold"],
  [{ key: "l" }, IN_TEXT, null],
  [{ key: "?", shiftKey: true }, OUTSIDE, "keys"],
  [{ key: "？" }, OUTSIDE, "keys"],
  [{ key: "a" }, OUTSIDE, "accept"],
  [{ key: "k" }, OUTSIDE, "keep"],
  [{ key: "e" }, OUTSIDE, "edit"],
  [{ key: "r" }, OUTSIDE, "reject"],
  [{ key: "x" }, OUTSIDE, null],
  [{ key: "constructor" }, OUTSIDE, null],
  [{ key: "a" }, IN_TEXT, null],
  [{ key: "?" }, IN_TEXT, null],
  [{ key: "Escape" }, IN_TEXT, "leave"],
  [{ key: "Escape" }, OUTSIDE, null],
  [{ key: "a" }, IN_DIALOG, null],
  [{ key: "a" }, SINGLE_KEYS_OFF, null],
  [{ key: "a", ctrlKey: true }, OUTSIDE, null],
  [{ key: "f", metaKey: true }, OUTSIDE, null],
  [{ key: "n", altKey: true }, OUTSIDE, null],
  [{ key: "k", repeat: true }, OUTSIDE, null],
  [{ key: "Enter" }, OUTSIDE, null],
  [{ key: "Enter", ctrlKey: true }, IN_TEXT, "advance"],
  [{ key: "Enter", metaKey: true }, IN_TEXT, "advance"],
  [{ key: "Enter", ctrlKey: true, shiftKey: true }, IN_TEXT, "submit"],
  [{ key: "Enter", ctrlKey: true }, SINGLE_KEYS_OFF, "advance"],
  [{ key: "Enter", ctrlKey: true }, IN_DIALOG, null],
  [{ key: "Enter", ctrlKey: true, repeat: true }, OUTSIDE, null],
])) {
  test(`${JSON.stringify(press)} at ${JSON.stringify(place)} means ${action}`, () => {
    assert.equal(actionFor(press, place), action);
  });
}

test("while an input method composes, every key is its own", () => {
  for (const press of [
    { key: "a", isComposing: true },
    { key: "a", keyCode: 229 },
    { key: "Process", keyCode: 229 },
    { key: "Enter", ctrlKey: true, isComposing: true },
    { key: "Escape", isComposing: true },
  ]) {
    assert.equal(actionFor(press, OUTSIDE), null);
    assert.equal(actionFor(press, IN_TEXT), null);
    assert.ok(isComposing(press));
  }
});

test("undo and redo act outside texts, where the browser has its own", () => {
  const page = { inText: false, inDialog: false, singleKeys: false };
  assert.equal(actionFor({ key: "z", ctrlKey: true }, page), "undo");
  assert.equal(actionFor({ key: "Z", metaKey: true, shiftKey: true }, page), "redo");
  assert.equal(actionFor({ key: "y", ctrlKey: true }, page), "redo");
  assert.equal(actionFor({ key: "z", ctrlKey: true }, { ...page, inText: true }), null);
});
