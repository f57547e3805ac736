import assert from "node:assert/strict";
import { test } from "node:test";

import { Answer } from "#workspace/models/annotation.js";
import { firstAnswer, OPEN, PREFILLED, PROPOSAL, REVEALED, RUBRIC } from "../harness.js";

/** @param {Answer} answer - to be filled in by hand */
function fill(answer) {
  answer.setSubcategory("sketch");
  for (const key of answer.keys) {
    answer.set(key, "score", 7.5);
    answer.set(key, "critique", "Well seen.");
  }
}

/**
 * @param {Answer} answer
 * @param {string} key
 */
function origins(answer, key) {
  return [answer.field(key, "score").from, answer.field(key, "critique").from];
}

test("a new answer is empty and lacks everything", () => {
  const answer = new Answer(RUBRIC, OPEN);
  assert.equal(answer.form, "own");
  assert.equal(answer.missing().length, 7);
  assert.deepEqual(answer.missing()[0], { unit: "subcategory", name: "subcategory", why: "missing" });
  assert.equal(answer.holistic(), null);
});

test("what is said by hand is one's own", () => {
  const answer = new Answer(RUBRIC, OPEN);
  fill(answer);
  assert.deepEqual(answer.missing(), []);
  assert.deepEqual(answer.said().judgements.gestalt, {
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
  const answer = new Answer(RUBRIC, OPEN);
  const pins = [{ x: 0.5, y: 0.25 }, { x: 0, y: 0, width: 0.5, height: 1 }];
  answer.setPins("gestalt", pins);
  const again = new Answer(RUBRIC, OPEN);
  again.restore(answer.said());
  assert.deepEqual(again.said().judgements.gestalt.pins, pins);
  assert.deepEqual(again.said().judgements.composition.pins, []);
  again.restore({ judgements: { gestalt: { pins: [{ x: "left" }, null, pins[0]] } } });
  assert.deepEqual(again.said().judgements.gestalt.pins, [pins[0]]);
});

test("the pins of the stored answer are there after the reveal", () => {
  const first_answer = firstAnswer();
  first_answer.judgements.gestalt.pins = [{ x: 0.1, y: 0.2 }];
  assert.deepEqual(new Answer(RUBRIC, { ...REVEALED, first_answer }).pins.get("gestalt"), [{ x: 0.1, y: 0.2 }]);
});

test("pasted characters are counted until the critique is emptied, and survive as a draft", () => {
  const answer = new Answer(RUBRIC, OPEN);
  answer.paste("gestalt", 12);
  answer.set("gestalt", "critique", "Well seen by somebody.");
  answer.paste("gestalt", 3);
  assert.equal(answer.said().judgements.gestalt.pasted, 15);
  const again = new Answer(RUBRIC, OPEN);
  again.restore(answer.said());
  assert.equal(again.said().judgements.gestalt.pasted, 15);
  again.set("gestalt", "critique", "");
  assert.equal(again.said().judgements.gestalt.pasted, 0);
});

test("a correction opens one's own final answer, whatever the model had said", () => {
  const final_answer = { ...firstAnswer(), subcategory: "sketch" };
  const answer = new Answer(RUBRIC, { ...REVEALED, state: "done", final_answer });
  assert.equal(answer.form, "correction");
  assert.equal(answer.subcategory, "sketch");
  assert.deepEqual(origins(answer, "gestalt"), ["own", "own"]);
  answer.set("gestalt", "score", 8);
  assert.equal(answer.said().judgements.gestalt.score, 8);
  assert.deepEqual(answer.missing(), []);
});

test("a critique of blanks is missing", () => {
  const answer = new Answer(RUBRIC, OPEN);
  fill(answer);
  answer.set("gestalt", "critique", " \n");
  assert.deepEqual(answer.missing(), [{ unit: "gestalt", name: "critique", why: "missing" }]);
});

test("the holistic score appears with the last weighted one and leaves the overall judgement out", () => {
  const answer = new Answer(RUBRIC, OPEN);
  answer.set("composition", "score", 5);
  assert.equal(answer.holistic(), null);
  answer.set("gestalt", "score", 7.5);
  assert.equal(answer.holistic(), 6.5);
  answer.set("overall", "score", 0);
  assert.equal(answer.holistic(), 6.5);
});

test("a prefilled form waits for somebody to look at it", () => {
  const answer = new Answer(RUBRIC, PREFILLED);
  assert.equal(answer.form, "prefilled");
  assert.equal(answer.score("composition"), 6.5);
  assert.deepEqual(origins(answer, "composition"), ["model", "model"]);
  const whys = answer.missing().map(({ why }) => why);
  assert.deepEqual(whys, ["missing", "waiting", "waiting", "waiting", "waiting", "missing", "waiting"]);
});

test("the model's value is accepted as it stands, or edited", () => {
  const answer = new Answer(RUBRIC, PREFILLED);
  answer.decide("composition", "score", "accept");
  answer.set("composition", "critique", "Balanced, and calm.");
  assert.deepEqual(origins(answer, "composition"), ["accepted", "edited"]);
  answer.set("composition", "critique", "Balanced.");
  assert.deepEqual(origins(answer, "composition"), ["accepted", "accepted"]);
});

test("choosing the score the model had put there accepts it", () => {
  const answer = new Answer(RUBRIC, PREFILLED);
  answer.set("composition", "score", 6.5);
  assert.equal(answer.field("composition", "score").from, "accepted");
});

test("what the model left empty is filled in as one's own", () => {
  const answer = new Answer(RUBRIC, PREFILLED);
  answer.set("overall", "score", 5);
  assert.equal(answer.field("overall", "score").from, "own");
  answer.decide("overall", "score", "accept");
  assert.equal(answer.score("overall"), 5);
});

test("a critique emptied and written anew is one's own", () => {
  const answer = new Answer(RUBRIC, PREFILLED);
  answer.set("composition", "critique", "");
  answer.set("composition", "critique", "From scratch.");
  assert.equal(answer.field("composition", "critique").from, "own");
});

test("accepting an edited field takes the model's value, and editing brings one's own words back", () => {
  const answer = new Answer(RUBRIC, PREFILLED);
  answer.set("composition", "critique", "Balanced, and calm.");
  answer.decide("composition", "critique", "accept");
  assert.deepEqual([answer.critique("composition"), origins(answer, "composition")[1]], ["Balanced.", "accepted"]);
  answer.decide("composition", "critique", "edit");
  assert.equal(answer.critique("composition"), "Balanced, and calm.");
  assert.equal(answer.field("composition", "critique").from, "edited");
});

test("rejecting empties the field, what is written then is one's own, and neither is lost by accepting after all", () => {
  const answer = new Answer(RUBRIC, PREFILLED);
  answer.decide("composition", "critique", "reject");
  assert.deepEqual([answer.critique("composition"), answer.decision("composition", "critique")], ["", "reject"]);
  assert.equal(answer.missing().filter(({ unit }) => unit === "composition").at(-1)?.why, "missing");
  answer.set("composition", "critique", "Crowded.");
  assert.deepEqual([origins(answer, "composition")[1], answer.decision("composition", "critique")], ["own", "reject"]);
  answer.decide("composition", "critique", "accept");
  assert.equal(answer.critique("composition"), "Balanced.");
  answer.decide("composition", "critique", "edit");
  assert.equal(answer.critique("composition"), "Crowded.");
});

test("a score rejected is empty, not nought", () => {
  const answer = new Answer(RUBRIC, PREFILLED);
  answer.decide("composition", "score", "reject");
  assert.equal(answer.score("composition"), null);
});

test("the model's distribution belongs to the overall judgement, and to a form that shows the model", () => {
  const prefill = { ...PROPOSAL, distribution: [0.5, 0.5] };
  const answer = new Answer(RUBRIC, { ...PREFILLED, prefill });
  assert.deepEqual(answer.distribution("overall"), [0.5, 0.5]);
  assert.equal(answer.distribution("gestalt"), null);
  assert.equal(new Answer(RUBRIC, OPEN).distribution("overall"), null);
});

test("accepting all takes what waits, and leaves alone what was edited or is missing", () => {
  const answer = new Answer(RUBRIC, PREFILLED);
  answer.set("composition", "score", 3);
  answer.acceptAll();
  assert.deepEqual(origins(answer, "composition"), ["edited", "bulk"]);
  assert.deepEqual(answer.missing().map(({ unit, name }) => [unit, name]), [
    ["subcategory", "subcategory"],
    ["overall", "score"],
  ]);
});

test("after the reveal the first answer is kept unless something is done", () => {
  const answer = new Answer(RUBRIC, REVEALED);
  assert.equal(answer.form, "reveal");
  assert.deepEqual(answer.missing(), []);
  assert.equal(answer.decision("composition", "score"), "keep");
  assert.equal(answer.said().subcategory, "portrait");
  assert.deepEqual(origins(answer, "composition"), ["own", "own"]);
});

test("after the reveal a field is accepted, edited from there, and kept again", () => {
  const answer = new Answer(RUBRIC, REVEALED);
  answer.decide("composition", "critique", "accept");
  assert.equal(answer.critique("composition"), "Balanced.");
  assert.equal(answer.decision("composition", "critique"), "accept");
  answer.set("composition", "critique", "Balanced, mostly.");
  assert.deepEqual([origins(answer, "composition")[1], answer.decision("composition", "critique")], ["edited", "edit"]);
  answer.decide("composition", "critique", "keep");
  assert.deepEqual([answer.critique("composition"), origins(answer, "composition")[1]], ["My own words on 5.", "own"]);
});

test("keeping by mistake loses no words", () => {
  const answer = new Answer(RUBRIC, REVEALED);
  answer.set("composition", "critique", "My own words, thought over.");
  answer.decide("composition", "critique", "keep");
  answer.decide("composition", "critique", "accept");
  answer.decide("composition", "critique", "edit");
  assert.equal(answer.critique("composition"), "My own words, thought over.");
  assert.equal(answer.field("composition", "critique").from, "own");
});

test("a draft is taken up where it was left", () => {
  const first = new Answer(RUBRIC, PREFILLED);
  first.setSubcategory("sketch");
  first.decide("composition", "score", "accept");
  first.set("gestalt", "critique", "A whole, nearly.");
  first.set("overall", "critique", "");
  const again = new Answer(RUBRIC, PREFILLED);
  again.restore(JSON.parse(JSON.stringify(first.said())));
  assert.deepEqual(again.said(), first.said());
});

test("a draft that does not fit is left out where it does not", () => {
  const answer = new Answer(RUBRIC, OPEN);
  for (const draft of [null, undefined, "text", {}, { note: "mine" }, { judgements: null }]) answer.restore(draft);
  answer.restore({
    subcategory: "unheard-of",
    judgements: {
      composition: { score: 7.3, critique: 5, score_origin: "accepted" },
      gestalt: { score: 7, critique: "Kept.", score_origin: "accepted", critique_origin: "model" },
    },
  });
  assert.equal(answer.subcategory, "");
  assert.deepEqual(origins(answer, "composition"), ["", ""]);
  assert.deepEqual(origins(answer, "gestalt"), ["own", "own"]);
});

test("every change is told to whoever listens", () => {
  const answer = new Answer(RUBRIC, REVEALED);
  let told = 0;
  answer.listeners.add(() => told++);
  answer.setSubcategory("sketch");
  answer.set("gestalt", "score", 1);
  answer.decide("gestalt", "score", "keep");
  answer.acceptAll();
  assert.equal(told, 4);
});

test("an answer without a prefill proposes nothing", () => {
  const answer = new Answer(RUBRIC, { ...REVEALED, prefill: null });
  assert.equal(answer.proposed("composition", "score"), null);
  assert.equal(new Answer(RUBRIC, REVEALED).proposed("composition", "score"), PROPOSAL.scores.composition);
});
