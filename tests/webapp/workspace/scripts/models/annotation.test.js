import assert from "node:assert/strict";
import { test } from "node:test";

import { Annotation } from "#workspace/models/annotation.js";
import { firstAnswer, OPEN, PREFILLED, PREFILL, REVEALED, RUBRIC } from "../harness.js";

/** @param {Annotation} annotation - to be filled in by hand */
function fill(annotation) {
  annotation.setSubcategory("sketch");
  for (const key of annotation.keys) {
    annotation.set(key, "score", 7.5);
    annotation.set(key, "critique", "Well seen.");
  }
}

/**
 * @param {Annotation} annotation
 * @param {string} key
 */
function origins(annotation, key) {
  return [annotation.field(key, "score").origin, annotation.field(key, "critique").origin];
}

test("a new answer is empty and lacks everything", () => {
  const annotation = new Annotation(RUBRIC, OPEN);
  assert.equal(annotation.form, "own");
  assert.equal(annotation.missing().length, 7);
  assert.deepEqual(annotation.missing()[0], { part: "subcategory", name: "subcategory", why: "missing" });
  assert.equal(annotation.holistic(), null);
});

test("what is said by hand is one's own", () => {
  const annotation = new Annotation(RUBRIC, OPEN);
  fill(annotation);
  assert.deepEqual(annotation.missing(), []);
  assert.deepEqual(annotation.content().judgements.gestalt, {
    score: 7.5,
    critique: "Well seen.",
    language: "en",
    score_origin: "own",
    critique_origin: "own",
    pasted: 0,
    pins: [],
  });
});

test("pins stand in the answer, survive as a draft, and those that are none are left out", () => {
  const annotation = new Annotation(RUBRIC, OPEN);
  const pins = [{ x: 0.5, y: 0.25 }, { x: 0, y: 0, width: 0.5, height: 1 }];
  annotation.setPins("gestalt", pins);
  const again = new Annotation(RUBRIC, OPEN);
  again.restore(annotation.content());
  assert.deepEqual(again.content().judgements.gestalt.pins, pins);
  assert.deepEqual(again.content().judgements.composition.pins, []);
  again.restore({ judgements: { gestalt: { pins: [{ x: "left" }, null, pins[0]] } } });
  assert.deepEqual(again.content().judgements.gestalt.pins, [pins[0]]);
});

test("the pins of the stored answer are there after the reveal", () => {
  const first_revision = firstAnswer();
  first_revision.judgements.gestalt.pins = [{ x: 0.1, y: 0.2 }];
  assert.deepEqual(new Annotation(RUBRIC, { ...REVEALED, first_revision }).pins.get("gestalt"), [{ x: 0.1, y: 0.2 }]);
});

test("pasted characters are counted until the critique is emptied, and survive as a draft", () => {
  const annotation = new Annotation(RUBRIC, OPEN);
  annotation.paste("gestalt", 12);
  annotation.set("gestalt", "critique", "Well seen by somebody.");
  annotation.paste("gestalt", 3);
  assert.equal(annotation.content().judgements.gestalt.pasted, 15);
  const again = new Annotation(RUBRIC, OPEN);
  again.restore(annotation.content());
  assert.equal(again.content().judgements.gestalt.pasted, 15);
  again.set("gestalt", "critique", "");
  assert.equal(again.content().judgements.gestalt.pasted, 0);
});

test("a correction opens one's own final answer, whatever the model had said", () => {
  const final_revision = { ...firstAnswer(), subcategory: "sketch" };
  const annotation = new Annotation(RUBRIC, { ...REVEALED, state: "done", final_revision });
  assert.equal(annotation.form, "correction");
  assert.equal(annotation.subcategory, "sketch");
  assert.deepEqual(origins(annotation, "gestalt"), ["own", "own"]);
  annotation.set("gestalt", "score", 8);
  assert.equal(annotation.content().judgements.gestalt.score, 8);
  assert.deepEqual(annotation.missing(), []);
});

test("a critique of blanks is missing", () => {
  const annotation = new Annotation(RUBRIC, OPEN);
  fill(annotation);
  annotation.set("gestalt", "critique", " \n");
  assert.deepEqual(annotation.missing(), [{ part: "gestalt", name: "critique", why: "missing" }]);
});

test("the holistic score appears with the last weighted one and leaves the overall judgement out", () => {
  const annotation = new Annotation(RUBRIC, OPEN);
  annotation.set("composition", "score", 5);
  assert.equal(annotation.holistic(), null);
  annotation.set("gestalt", "score", 7.5);
  assert.equal(annotation.holistic(), 6.5);
  annotation.set("overall", "score", 0);
  assert.equal(annotation.holistic(), 6.5);
});

test("a prefilled form waits for somebody to look at it", () => {
  const annotation = new Annotation(RUBRIC, PREFILLED);
  assert.equal(annotation.form, "prefilled");
  assert.equal(annotation.score("composition"), 6.5);
  assert.deepEqual(origins(annotation, "composition"), ["model", "model"]);
  const whys = annotation.missing().map(({ why }) => why);
  assert.deepEqual(whys, ["missing", "waiting", "waiting", "waiting", "waiting", "missing", "waiting"]);
});

test("the model's value is accepted as it stands, or edited", () => {
  const annotation = new Annotation(RUBRIC, PREFILLED);
  annotation.decide("composition", "score", "accept");
  annotation.set("composition", "critique", "Balanced, and calm.");
  assert.deepEqual(origins(annotation, "composition"), ["accepted", "edited"]);
  annotation.set("composition", "critique", "Balanced.");
  assert.deepEqual(origins(annotation, "composition"), ["accepted", "accepted"]);
});

test("choosing the score the model had put there accepts it", () => {
  const annotation = new Annotation(RUBRIC, PREFILLED);
  annotation.set("composition", "score", 6.5);
  assert.equal(annotation.field("composition", "score").origin, "accepted");
});

test("what the model left empty is filled in as one's own", () => {
  const annotation = new Annotation(RUBRIC, PREFILLED);
  annotation.set("overall", "score", 5);
  assert.equal(annotation.field("overall", "score").origin, "own");
  annotation.decide("overall", "score", "accept");
  assert.equal(annotation.score("overall"), 5);
});

test("a critique emptied and written anew is one's own", () => {
  const annotation = new Annotation(RUBRIC, PREFILLED);
  annotation.set("composition", "critique", "");
  annotation.set("composition", "critique", "From scratch.");
  assert.equal(annotation.field("composition", "critique").origin, "own");
});

test("accepting an edited field takes the model's value, and editing brings one's own words back", () => {
  const annotation = new Annotation(RUBRIC, PREFILLED);
  annotation.set("composition", "critique", "Balanced, and calm.");
  annotation.decide("composition", "critique", "accept");
  assert.deepEqual([annotation.critique("composition"), origins(annotation, "composition")[1]], ["Balanced.", "accepted"]);
  annotation.decide("composition", "critique", "edit");
  assert.equal(annotation.critique("composition"), "Balanced, and calm.");
  assert.equal(annotation.field("composition", "critique").origin, "edited");
});

test("rejecting empties the field, what is written then is one's own, and neither is lost by accepting after all", () => {
  const annotation = new Annotation(RUBRIC, PREFILLED);
  annotation.decide("composition", "critique", "reject");
  assert.deepEqual([annotation.critique("composition"), annotation.decision("composition", "critique")], ["", "reject"]);
  assert.equal(annotation.missing().filter(({ part }) => part === "composition").at(-1)?.why, "missing");
  annotation.set("composition", "critique", "Crowded.");
  assert.deepEqual([origins(annotation, "composition")[1], annotation.decision("composition", "critique")], ["own", "reject"]);
  annotation.decide("composition", "critique", "accept");
  assert.equal(annotation.critique("composition"), "Balanced.");
  annotation.decide("composition", "critique", "edit");
  assert.equal(annotation.critique("composition"), "Crowded.");
});

test("a score rejected is empty, not nought", () => {
  const annotation = new Annotation(RUBRIC, PREFILLED);
  annotation.decide("composition", "score", "reject");
  assert.equal(annotation.score("composition"), null);
});

test("the model's distribution belongs to the overall judgement, and to a form that shows the model", () => {
  const prefill = { ...PREFILL, distribution: [0.5, 0.5] };
  const annotation = new Annotation(RUBRIC, { ...PREFILLED, prefill });
  assert.deepEqual(annotation.distribution("overall"), [0.5, 0.5]);
  assert.equal(annotation.distribution("gestalt"), null);
  assert.equal(new Annotation(RUBRIC, OPEN).distribution("overall"), null);
});

test("accepting all takes what waits, and leaves alone what was edited or is missing", () => {
  const annotation = new Annotation(RUBRIC, PREFILLED);
  annotation.set("composition", "score", 3);
  annotation.acceptAll();
  assert.deepEqual(origins(annotation, "composition"), ["edited", "bulk"]);
  assert.deepEqual(annotation.missing().map(({ part, name }) => [part, name]), [
    ["subcategory", "subcategory"],
    ["overall", "score"],
  ]);
});

test("after the reveal the first answer is kept unless something is done", () => {
  const annotation = new Annotation(RUBRIC, REVEALED);
  assert.equal(annotation.form, "reveal");
  assert.deepEqual(annotation.missing(), []);
  assert.equal(annotation.decision("composition", "score"), "keep");
  assert.equal(annotation.content().subcategory, "portrait");
  assert.deepEqual(origins(annotation, "composition"), ["own", "own"]);
});

test("after the reveal a field is accepted, edited from there, and kept again", () => {
  const annotation = new Annotation(RUBRIC, REVEALED);
  annotation.decide("composition", "critique", "accept");
  assert.equal(annotation.critique("composition"), "Balanced.");
  assert.equal(annotation.decision("composition", "critique"), "accept");
  annotation.set("composition", "critique", "Balanced, mostly.");
  assert.deepEqual([origins(annotation, "composition")[1], annotation.decision("composition", "critique")], ["edited", "edit"]);
  annotation.decide("composition", "critique", "keep");
  assert.deepEqual([annotation.critique("composition"), origins(annotation, "composition")[1]], ["My own words on 5.", "own"]);
});

test("keeping by mistake loses no words", () => {
  const annotation = new Annotation(RUBRIC, REVEALED);
  annotation.set("composition", "critique", "My own words, thought over.");
  annotation.decide("composition", "critique", "keep");
  annotation.decide("composition", "critique", "accept");
  annotation.decide("composition", "critique", "edit");
  assert.equal(annotation.critique("composition"), "My own words, thought over.");
  assert.equal(annotation.field("composition", "critique").origin, "own");
});

test("a draft is taken up where it was left", () => {
  const first = new Annotation(RUBRIC, PREFILLED);
  first.setSubcategory("sketch");
  first.decide("composition", "score", "accept");
  first.set("gestalt", "critique", "A whole, nearly.");
  first.set("overall", "critique", "");
  const again = new Annotation(RUBRIC, PREFILLED);
  again.restore(JSON.parse(JSON.stringify(first.content())));
  assert.deepEqual(again.content(), first.content());
});

test("a draft that does not fit is left out where it does not", () => {
  const annotation = new Annotation(RUBRIC, OPEN);
  for (const draft of [null, undefined, "text", {}, { note: "mine" }, { judgements: null }]) annotation.restore(draft);
  annotation.restore({
    subcategory: "unheard-of",
    judgements: {
      composition: { score: 7.3, critique: 5, score_origin: "accepted" },
      gestalt: { score: 7, critique: "Kept.", score_origin: "accepted", critique_origin: "model" },
    },
  });
  assert.equal(annotation.subcategory, "");
  assert.deepEqual(origins(annotation, "composition"), ["", ""]);
  assert.deepEqual(origins(annotation, "gestalt"), ["own", "own"]);
});

test("every change is told to whoever listens", () => {
  const annotation = new Annotation(RUBRIC, REVEALED);
  let told = 0;
  annotation.listeners.add(() => told++);
  annotation.setSubcategory("sketch");
  annotation.set("gestalt", "score", 1);
  annotation.decide("gestalt", "score", "keep");
  annotation.acceptAll();
  assert.equal(told, 4);
});

test("an answer without a prefill proposes nothing", () => {
  const annotation = new Annotation(RUBRIC, { ...REVEALED, prefill: null });
  assert.equal(annotation.prefilled("composition", "score"), null);
  assert.equal(new Annotation(RUBRIC, REVEALED).prefilled("composition", "score"), PREFILL.scores.composition);
});

test("what a person gave is counted, and not what the model put there", () => {
  const annotation = new Annotation(RUBRIC, PREFILLED);
  assert.equal(annotation.given(), 0);
  annotation.setSubcategory("portrait");
  annotation.decide("composition", "score", "accept");
  annotation.set("gestalt", "critique", "Mine.");
  assert.equal(annotation.given(), 3);
});

const EDITS = [
  { part: "composition", label: "Composition · Definition", before: "Balance.", after: "Order." },
  { part: "overall", label: "Overall · Definition", before: "All.", after: "The whole." },
  { part: "", label: "Title", before: "Old", after: "New" },
];

/** @param {string[]} [lookedAt] */
function writtenBefore(lookedAt = []) {
  const annotation = new Annotation({ ...RUBRIC, version: 3 }, OPEN);
  annotation.setSubcategory("portrait");
  annotation.set("composition", "score", 5);
  annotation.set("gestalt", "critique", "Whole.");
  annotation.markChanges(2, EDITS, lookedAt);
  return annotation;
}

/** @param {Annotation} annotation */
const changed = (annotation) => annotation.missing().flatMap(({ part, why }) => (why === "changed" ? [part] : []));

test("what is filled in where the rubric changed is to be looked at before it is sent, and nothing else", () => {
  const annotation = writtenBefore();
  assert.deepEqual(changed(annotation), ["subcategory", "composition"]);
  assert.deepEqual(annotation.toLookAt.get("composition"), [EDITS[0]]);
  assert.deepEqual(annotation.standing(), { rubric_version: 2, looked_at: [] });
  annotation.set("composition", "score", 6);
  assert.deepEqual(changed(annotation), ["subcategory", "composition"], "a key is no look");
});

test("what was looked at stays so, also in the draft, which keeps its rubric until all was", () => {
  const annotation = writtenBefore();
  annotation.lookAt("composition");
  assert.deepEqual(annotation.standing(), { rubric_version: 2, looked_at: ["composition"] });
  const again = writtenBefore(annotation.standing().looked_at);
  assert.deepEqual(changed(again), ["subcategory"]);
  again.lookAt("subcategory");
  assert.deepEqual([changed(again), again.standing()], [[], { rubric_version: 3, looked_at: [] }]);
});

test("where nobody can say what changed, all that is filled in is to be looked at", () => {
  const annotation = new Annotation({ ...RUBRIC, version: 3 }, OPEN);
  annotation.set("gestalt", "score", 5);
  annotation.markChanges(2, null, []);
  assert.deepEqual(changed(annotation), ["gestalt"]);
});
