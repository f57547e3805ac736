import assert from "node:assert/strict";
import { test } from "node:test";

import { Stopwatch } from "#workspace/models/stopwatch.js";

test("time runs only between start and pause, on top of what was counted before", () => {
  let now = 0;
  const watch = new Stopwatch(() => now);
  watch.reset(30);
  now = 5_000;
  watch.start();
  now = 7_000;
  watch.start();
  now = 15_000;
  assert.equal(watch.seconds(), 40);
  watch.pause();
  now = 99_000;
  assert.equal(watch.seconds(), 40);
  watch.start();
  now = 100_000;
  assert.equal(watch.seconds(), 41);
});
