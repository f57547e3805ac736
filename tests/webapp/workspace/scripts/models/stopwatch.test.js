import assert from "node:assert/strict";
import { test } from "node:test";

import { IDLE, Stopwatch } from "#workspace/models/stopwatch.js";

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

test("who touches nothing for long is away: neither that nor sleep is counted", () => {
  let now = 0;
  const watch = new Stopwatch(() => now);
  watch.start();
  now += 60_000;
  watch.touch();
  now += IDLE - 1;
  assert.equal(watch.isIdle, false, "one may look for long without a touch");
  now += 8 * 60 * 60_000;
  assert.equal(watch.isIdle, true);
  assert.equal(watch.seconds(), 60 + IDLE / 1000);
  watch.touch();
  now += 5_000;
  assert.equal(watch.seconds(), 65 + IDLE / 1000);
});

test("a touch while time stands still does not start it", () => {
  let now = 0;
  const watch = new Stopwatch(() => now);
  watch.touch();
  now += 5_000;
  assert.deepEqual([watch.seconds(), watch.isIdle], [0, false]);
});
