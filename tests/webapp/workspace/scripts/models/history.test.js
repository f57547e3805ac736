import assert from "node:assert/strict";
import { test } from "node:test";

import { Answer } from "#workspace/models/annotation.js";
import { changedField, History, PATIENCE } from "#workspace/models/history.js";
import { Clock, OPEN, RUBRIC } from "../harness.js";

function begun() {
  const clock = new Clock();
  const answer = new Answer(RUBRIC, OPEN);
  const history = new History(answer.said(), clock.now);
  answer.listeners.add(() => history.record(answer.said()));
  return { clock, answer, history };
}

test("a change is undone and made again", () => {
  const { clock, answer, history } = begun();
  answer.set("gestalt", "score", 7);
  clock.time += 5000;
  answer.set("gestalt", "score", 8);
  answer.restore(history.undo());
  assert.equal(answer.score("gestalt"), 7);
  answer.restore(history.undo());
  assert.equal(answer.score("gestalt"), null);
  assert.equal(history.undo(), null);
  answer.restore(history.redo());
  answer.restore(history.redo());
  assert.equal(answer.score("gestalt"), 8);
  assert.equal(history.redo(), null);
});

test("typing is one step, a pause begins another", () => {
  const { clock, answer, history } = begun();
  for (const critique of ["W", "We", "Wel", "Well"]) {
    answer.set("gestalt", "critique", critique);
    clock.time += 100;
  }
  clock.time += PATIENCE + 1;
  answer.set("gestalt", "critique", "Well seen");
  answer.restore(history.undo());
  assert.equal(answer.critique("gestalt"), "Well");
  answer.restore(history.undo());
  assert.equal(answer.critique("gestalt"), "");
});

test("the subcategory is undone too, back to none", () => {
  const { answer, history } = begun();
  answer.setSubcategory("sketch");
  answer.restore(history.undo());
  assert.equal(answer.subcategory, "");
});

test("a new change forgets what was undone", () => {
  const { answer, history } = begun();
  answer.set("gestalt", "score", 7);
  answer.restore(history.undo());
  answer.set("overall", "score", 3);
  assert.equal(history.redo(), null);
  assert.equal(answer.score("overall"), 3);
});

test("the field that changed is named, several are not", () => {
  const before = new Answer(RUBRIC, OPEN).said();
  const answer = new Answer(RUBRIC, OPEN);
  answer.set("overall", "critique", "Fine.");
  assert.equal(changedField(before, answer.said()), "overall.critique");
  answer.set("overall", "score", 3);
  assert.equal(changedField(before, answer.said()), "");
});

test("placing, moving and removing a pin are undone one by one, however quickly they were done", () => {
  const { answer, history } = begun();
  const [pin, other] = [{ x: 0.5, y: 0.5 }, { x: 0.1, y: 0.2 }];
  for (const pins of [[pin], [pin, pin], [pin, other], [pin]]) answer.setPins("gestalt", pins);
  answer.restore(history.undo());
  assert.deepEqual(answer.pins.get("gestalt"), [pin, other]);
  answer.restore(history.undo());
  assert.deepEqual(answer.pins.get("gestalt"), [pin]);
  answer.restore(history.redo());
  assert.deepEqual(answer.pins.get("gestalt"), [pin, other]);
});
