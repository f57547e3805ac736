import assert from "node:assert/strict";
import { test } from "node:test";

import {
  NOTHING_TYPED,
  PATIENCE,
  anchorSpans,
  applyKey,
  distributionSpread,
  formatDifference,
  nearestAnchor,
  pointShares,
  scalePoints,
  stepScore,
} from "#workspace/models/scale.js";
import { SCALE } from "../harness.js";

/**
 * Press keys one after the other, a tenth of a second apart.
 *
 * @param {string[]} keys
 * @param {number | null} [score]
 * @param {number} [pause] - milliseconds between the keys
 */
function type(keys, score = null, pause = 100) {
  let typed = NOTHING_TYPED;
  keys.forEach((key, index) => {
    const after = applyKey(SCALE, key, score, typed, index * pause);
    if (after) ({ score, typed } = after);
  });
  return score;
}

test("the scale has 21 scores from 0 to 10", () => {
  assert.deepEqual([scalePoints(SCALE).length, scalePoints(SCALE)[1], scalePoints(SCALE).at(-1)], [21, 0.5, 10]);
});

for (const [keys, expected] of /** @type {[string[], number | null][]} */ ([
  [["7"], 7],
  [["0"], 0],
  [["7", "."], 7.5],
  [["7", ".", "5"], 7.5],
  [["7", ".", "0"], 7],
  [["7", ",", "5"], 7.5],
  [["7", "。"], 7.5],
  [["7", ".", "."], 7],
  [["7", ".", "3"], 3],
  [["1"], 1],
  [["1", "0"], 10],
  [["1", "0", "."], 10],
  [["t"], 10],
  [["T"], 10],
  [["7", "5"], 5],
  [["4", "0"], 0],
  [["1", "0", "0"], 0],
  [["."], null],
  [["x"], null],
  [["7", "Backspace"], null],
  [["7", "Delete", "."], null],
  [["Home"], 0],
  [["End"], 10],
])) {
  test(`the keys ${keys.join(" ")} set ${expected}`, () => assert.equal(type(keys), expected));
}

test("1 and 0 with a pause between them are two scores", () => {
  assert.equal(type(["1", "0"], null, PATIENCE + 1), 0);
});

test("a point typed long after the digit still means half a point", () => {
  assert.equal(type(["7", "."], null, PATIENCE + 1), 7.5);
  assert.equal(type(["7", ".", "5"], null, PATIENCE + 1), 5);
});

for (const [key, from, to] of /** @type {[string, number | null, number][]} */ ([
  ["ArrowRight", 7, 7.5],
  ["ArrowUp", 7, 7.5],
  ["ArrowLeft", 7, 6.5],
  ["ArrowDown", 7, 6.5],
  ["ArrowRight", 10, 10],
  ["ArrowLeft", 0, 0],
  ["ArrowRight", null, 0],
  ["ArrowLeft", null, 10],
])) {
  test(`${key} goes from ${from} to ${to}`, () => assert.equal(type([key], from), to));
}

test("a digit after an arrow begins a new number", () => {
  assert.equal(type(["1", "ArrowRight", "0"]), 0);
});

test("moving never leaves the scale", () => {
  assert.equal(stepScore(SCALE, 9.5, 5), 10);
  assert.equal(stepScore(SCALE, 0.5, -5), 0);
});

test("ten is no key where the scale ends before", () => {
  assert.equal(applyKey({ minimum: 1, maximum: 5, step: 1 }, "t", 3, NOTHING_TYPED, 0), null);
  assert.equal(applyKey({ minimum: 1, maximum: 5, step: 1 }, "9", 3, NOTHING_TYPED, 0), null);
  assert.equal(applyKey({ minimum: 1, maximum: 5, step: 1 }, ".", 3, NOTHING_TYPED, 0)?.score, 3);
});

test("an anchor's words stand under its score", () => {
  const [first, , , , last] = anchorSpans(SCALE, [1, 3, 5, 7, 9]);
  assert.deepEqual(first, { from: 1, to: 9 });
  assert.deepEqual(last, { from: 33, to: 41 });
});

test("anchors at the ends of the scale stay inside it and do not overlap", () => {
  const all = anchorSpans(SCALE, [0, 4, 5, 10]);
  assert.ok(all.every(({ from, to }) => from >= 0 && to <= 42 && from < to));
  assert.ok(all.slice(1).every(({ from }, index) => from >= all[index].to));
});

test("the nearest anchor is the lower one of two", () => {
  assert.deepEqual([null, 0, 1.5, 2, 2.5, 10].map((score) => nearestAnchor([1, 3, 5], score)), [-1, 0, 0, 0, 1, 2]);
});

test("a difference is shown with its sign, and nothing before nought", () => {
  assert.deepEqual([1.25, -0.55, 0.04, -0.04, 0].map(formatDifference), ["+1.3", "−0.6", "0.0", "0.0", "0.0"]);
});

test("a distribution over 0 to 100 is gathered at the points it is nearest to", () => {
  const certain = Array.from({ length: 101 }, (_, value) => (value === 73 ? 1 : 0));
  assert.equal(pointShares(SCALE, certain)[15], 1);
  const even = Array.from({ length: 101 }, () => 1 / 101);
  const gathered = pointShares(SCALE, even);
  assert.equal(gathered.length, 21);
  assert.ok(Math.abs(gathered.reduce((sum, share) => sum + share, 0) - 1) < 1e-12);
});

test("its spread is the standard deviation in points of the scale", () => {
  const certain = Array.from({ length: 101 }, (_, value) => (value === 73 ? 1 : 0));
  assert.equal(distributionSpread(SCALE, certain), 0);
  const halves = Array.from({ length: 101 }, (_, value) => (value === 40 || value === 60 ? 0.5 : 0));
  assert.ok(Math.abs(distributionSpread(SCALE, halves) - 1) < 1e-12);
});
