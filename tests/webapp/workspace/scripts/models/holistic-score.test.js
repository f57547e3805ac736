import assert from "node:assert/strict";
import { test } from "node:test";

import { holisticScore } from "#workspace/models/holistic-score.js";

const WEIGHTS = [7, 7, 8, 15, 15, 10, 38, 0].map((weight, index) => ({ key: String(index), weight }));

test("equal scores weigh what each of them is", () => {
  for (const score of [0, 0.5, 7.5, 10]) assert.equal(holisticScore(WEIGHTS, () => score), score);
});

test("half hundredths go to the even neighbour, as on the server", () => {
  /** @type {Record<string, number>} */
  const scores = { 0: 0.5 };
  assert.equal(holisticScore(WEIGHTS, (key) => scores[key] ?? 0), 0.04);
  scores[1] = 0.5;
  scores[2] = 0.5;
  scores[3] = 0.5;
  assert.equal(holisticScore(WEIGHTS, (key) => scores[key] ?? 0), 0.18);
});

test("one weighted score missing, and there is none", () => {
  assert.equal(holisticScore(WEIGHTS, (key) => (key === "3" ? null : 5)), null);
  assert.equal(holisticScore(WEIGHTS, (key) => (key === "7" ? null : 5)), 5);
});
