import assert from "node:assert/strict";
import { test } from "node:test";

import { DAY, REST, RestReminder, SPELL } from "#workspace/models/rest-reminder.js";
import { Clock, Memory } from "../harness.js";

function sitting(today = 0) {
  const clock = new Clock();
  const memory = new Memory();
  const open = () => new RestReminder({ storage: () => /** @type {any} */ (memory), person: "p1", now: clock.now, today });
  return { clock, memory, open, rest: open() };
}

/**
 * @param {RestReminder} rest
 * @param {Clock} clock
 * @param {number} milliseconds
 */
function judge(rest, clock, milliseconds) {
  for (let passed = 0; passed < milliseconds; passed += 60_000) {
    clock.time += 60_000;
    rest.tick();
  }
}

test("a rest is suggested once after each spell", () => {
  const { clock, rest } = sitting();
  judge(rest, clock, SPELL - 60_000);
  assert.equal(rest.suggest(), false);
  judge(rest, clock, 60_000);
  assert.equal(rest.minutes, 25);
  assert.equal(rest.suggest(), true);
  assert.equal(rest.suggest(), false);
  judge(rest, clock, SPELL);
  assert.equal(rest.suggest(), true);
});

test("five minutes away are a rest and not work", () => {
  const { clock, rest } = sitting();
  judge(rest, clock, SPELL);
  clock.time += REST;
  rest.tick();
  assert.equal(rest.minutes, 0);
  assert.equal(rest.today, SPELL);
  judge(rest, clock, SPELL);
  assert.equal(rest.suggest(), true);
});

test("a short while away is neither work nor a rest, whether the page was hidden or the computer slept", () => {
  const { clock, rest } = sitting();
  judge(rest, clock, 10 * 60_000);
  for (let away = 0; away < 4; away += 1) {
    clock.time += 60_000;
    rest.pause();
  }
  judge(rest, clock, 60_000);
  assert.deepEqual([rest.minutes, rest.today], [11, 11 * 60_000]);
  clock.time += 4 * 60_000;
  rest.tick();
  assert.deepEqual([rest.minutes, rest.today], [12, 12 * 60_000]);
  for (let away = 0; away < 5; away += 1) {
    clock.time += 60_000;
    rest.pause();
  }
  assert.equal(rest.minutes, 0);
});

test("a reload goes on with the spell, a rest in between does not", () => {
  const { clock, open, rest } = sitting();
  judge(rest, clock, 10 * 60_000);
  assert.equal(open().minutes, 10);
  clock.time += REST;
  assert.equal(open().minutes, 0);
});

test("a reload does not suggest again what was suggested", () => {
  const { clock, open, rest } = sitting();
  judge(rest, clock, SPELL);
  assert.equal(rest.suggest(), true);
  assert.equal(open().suggest(), false);
});

test("the day's work is enough, until the person goes on", () => {
  const { clock, rest } = sitting(DAY - 60_000);
  assert.equal(rest.isEnough, false);
  judge(rest, clock, 60_000);
  assert.equal(rest.isEnough, true);
  rest.goOn();
  assert.equal(rest.isEnough, false);
});

test("nonsense in the storage is no spell", () => {
  for (const text of ["", "[", "3", '{"active": "x"}', '{"active": 1, "last": 1e300}']) {
    const { memory, open } = sitting();
    memory.setItem("connoisseur.spell.p1", text);
    assert.equal(open().minutes, 0);
  }
});
