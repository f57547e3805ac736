import assert from "node:assert/strict";
import { test } from "node:test";

import { Annotation } from "#workspace/models/annotation.js";
import { changedField, History, PATIENCE } from "#workspace/models/history.js";
import { Clock, OPEN, RUBRIC } from "../harness.js";

function begun() {
  const clock = new Clock();
  const annotation = new Annotation(RUBRIC, OPEN);
  const history = new History(annotation.content(), clock.now);
  annotation.listeners.add(() => history.record(annotation.content()));
  return { clock, annotation, history };
}

test("a change is undone and made again", () => {
  const { clock, annotation, history } = begun();
  annotation.set("gestalt", "score", 7);
  clock.time += 5000;
  annotation.set("gestalt", "score", 8);
  annotation.restore(history.undo());
  assert.equal(annotation.score("gestalt"), 7);
  annotation.restore(history.undo());
  assert.equal(annotation.score("gestalt"), null);
  assert.equal(history.undo(), null);
  annotation.restore(history.redo());
  annotation.restore(history.redo());
  assert.equal(annotation.score("gestalt"), 8);
  assert.equal(history.redo(), null);
});

test("typing is one step, a pause begins another", () => {
  const { clock, annotation, history } = begun();
  for (const critique of ["W", "We", "Wel", "Well"]) {
    annotation.set("gestalt", "critique", critique);
    clock.time += 100;
  }
  clock.time += PATIENCE + 1;
  annotation.set("gestalt", "critique", "Well seen");
  annotation.restore(history.undo());
  assert.equal(annotation.critique("gestalt"), "Well");
  annotation.restore(history.undo());
  assert.equal(annotation.critique("gestalt"), "");
});

test("the subcategory is undone too, back to none", () => {
  const { annotation, history } = begun();
  annotation.setSubcategory("sketch");
  annotation.restore(history.undo());
  assert.equal(annotation.subcategory, "");
});

test("a new change forgets what was undone", () => {
  const { annotation, history } = begun();
  annotation.set("gestalt", "score", 7);
  annotation.restore(history.undo());
  annotation.set("overall", "score", 3);
  assert.equal(history.redo(), null);
  assert.equal(annotation.score("overall"), 3);
});

test("the field that changed is named, several are not", () => {
  const before = new Annotation(RUBRIC, OPEN).content();
  const annotation = new Annotation(RUBRIC, OPEN);
  annotation.set("overall", "critique", "Fine.");
  assert.equal(changedField(before, annotation.content()), "overall.critique");
  annotation.set("overall", "score", 3);
  assert.equal(changedField(before, annotation.content()), "");
});

test("placing, moving and removing a pin are undone one by one, however quickly they were done", () => {
  const { annotation, history } = begun();
  const [pin, other] = [{ x: 0.5, y: 0.5 }, { x: 0.1, y: 0.2 }];
  for (const pins of [[pin], [pin, pin], [pin, other], [pin]]) annotation.setPins("gestalt", pins);
  annotation.restore(history.undo());
  assert.deepEqual(annotation.pins.get("gestalt"), [pin, other]);
  annotation.restore(history.undo());
  assert.deepEqual(annotation.pins.get("gestalt"), [pin]);
  annotation.restore(history.redo());
  assert.deepEqual(annotation.pins.get("gestalt"), [pin, other]);
});
