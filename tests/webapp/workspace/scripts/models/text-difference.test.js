import assert from "node:assert/strict";
import { test } from "node:test";

import { diffTexts, similarity } from "#workspace/models/text-difference.js";

/**
 * @param {string} before
 * @param {string} after
 */
const marked = (before, after) =>
  diffTexts(before, after)
    .map(({ side, text }) => ({ both: text, old: `[-${text}-]`, new: `[+${text}+]` })[side])
    .join("");

test("words that were changed, added and taken away are marked, and no others", () => {
  assert.equal(marked("The light is soft.", "The light is hard."), "The light is [-soft-][+hard+].");
  assert.equal(marked("Soft light.", "Very soft light."), "[-Soft-][+Very soft+] light.");
  assert.equal(marked("a calm, even sky", "a sky"), "a [-calm, even -]sky");
  assert.equal(marked("same", "same"), "same");
  assert.equal(marked("", "new"), "[+new+]");
  assert.equal(marked("old", ""), "[-old-]");
});

test("words that changed side by side are read together", () => {
  assert.equal(
    marked("Judge the whole and each part", "Judge all its parts and each part"),
    "Judge [-the whole-][+all its parts+] and each part",
  );
  assert.equal(marked(" a", " b"), " [-a-][+b+]");
});

test("Chinese is compared character by character", () => {
  assert.equal(marked("构图均衡，色彩沉稳。", "构图严谨，色彩沉稳。"), "构图[-均衡-][+严谨+]，色彩沉稳。");
});

test("either text can be read back from the pieces", () => {
  const texts = ["", "a", "The sky, twice: the sky.", "天空 and the sea…", "a  b\n\nc", "one two three two one"];
  for (const before of texts) {
    for (const after of texts) {
      const pieces = diffTexts(before, after);
      const read = (/** @type {string} */ other) =>
        pieces.filter(({ side }) => side !== other).map(({ text }) => text).join("");
      assert.equal(read("new"), before);
      assert.equal(read("old"), after);
    }
  }
});

test("texts are alike by the share of what stands in both", () => {
  assert.equal(similarity(diffTexts("same words", "same words")), 1);
  assert.equal(similarity(diffTexts("alpha", "beta")), 0);
  assert.equal(similarity(diffTexts("", "")), 1);
  assert.equal(similarity(diffTexts("soft light", "hard light")), 10 / 18);
});

test("texts as long as they may be are compared without a wait", () => {
  const long = (/** @type {number} */ step) =>
    Array.from({ length: 10_000 }, (_, place) => String.fromCodePoint(0x4e00 + ((place * step) % 5000))).join("");
  const begun = performance.now();
  diffTexts(long(7), long(11));
  assert.ok(performance.now() - begun < 2_000);
});
