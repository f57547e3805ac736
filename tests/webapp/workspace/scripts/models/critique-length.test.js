import assert from "node:assert/strict";
import { test } from "node:test";

import { countCharacters, countWords, guessLanguage, measureCritique } from "#workspace/models/critique-length.js";

/** @type {import("#workspace/models/critique-length.js").Target} */
const TARGET = { words: [3, 5], characters: [4, 6] };

for (const [text, words, characters] of /** @type {[string, number, number][]} */ ([
  ["", 0, 0],
  ["  \n ", 0, 0],
  ["A quiet image.", 3, 0],
  ["the eye's well-made rest — e.g. here", 6, 0],
  ["构图均衡，疏密有致。", 0, 8],
  ["用 Leica M6 拍摄", 2, 3],
  ["f/2.8", 2, 0],
])) {
  test(`"${text.trim()}" has ${words} words and ${characters} characters`, () => {
    assert.deepEqual([countWords(text), countCharacters(text)], [words, characters]);
  });
}

test("the language is the one most of the text is in", () => {
  assert.equal(guessLanguage("The light falls from the left."), "en");
  assert.equal(guessLanguage("光线从左侧落下。"), "zh-hans");
  assert.equal(guessLanguage("用 Leica 镜头拍摄，光线柔和"), "zh-hans");
  assert.equal(guessLanguage("In the manner of 齐白石, with a light hand"), "en");
  assert.equal(guessLanguage("…!"), "");
});

test("a Chinese critique is held against the target in characters, whatever the page's language", () => {
  assert.deepEqual(measureCritique("构图均衡", TARGET, "en"), { count: 4, unit: "characters", from: 4, to: 6, fit: "within" });
});

test("an empty critique shows the target of the page's language", () => {
  assert.deepEqual(measureCritique("", TARGET, "zh-hans"), { count: 0, unit: "characters", from: 4, to: 6, fit: "empty" });
  assert.equal(measureCritique("", TARGET, "en").unit, "words");
});

test("both ends of the target are within it", () => {
  const fits = [2, 3, 5, 6].map((count) => measureCritique("word ".repeat(count), TARGET, "en").fit);
  assert.deepEqual(fits, ["below", "within", "within", "above"]);
});
