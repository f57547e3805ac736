import assert from "node:assert/strict";
import { test } from "node:test";

import { ApiError } from "../../webapp/workspace/static/workspace/api.js";
import { Autosave, DELAY } from "../../webapp/workspace/static/workspace/autosave.js";
import { Journal } from "../../webapp/workspace/static/workspace/journal.js";
import { Clock, Memory, settled } from "./people.js";

/** @param {Partial<{refuse: boolean}>} [options] - refuse: the browser refuses its storage */
function begin({ refuse = false } = {}) {
  const clock = new Clock();
  const storage = new Memory();
  /** @type {{version: number, draft: any}[]} */
  const sent = [];
  /** @type {string[]} */
  const states = [];
  /** @type {{answer: (version: number) => Promise<number>}} */
  const server = { answer: async (version) => version + 1 };
  const open = () => {
    if (refuse) throw new Error("SecurityError");
    return storage;
  };
  const autosave = new Autosave({
    version: 3,
    state: "open",
    save: (version, draft) => {
      sent.push({ version, draft });
      return server.answer(version);
    },
    journal: new Journal(open, "expert-1", "a1"),
    clock,
    report: (state) => states.push(state),
  });
  const kept = () => new Journal(open, "expert-1", "a1").read();
  return { autosave, clock, sent, states, server, kept };
}

/** @param {import("../../webapp/workspace/static/workspace/api.js").Kind} kind */
const failing = (kind) => async () => {
  throw new ApiError(kind);
};

test("a draft is saved once, a moment after the last change", async () => {
  const { autosave, clock, sent, states, kept } = begin();
  autosave.change({ text: "a" });
  await clock.pass(DELAY - 1);
  autosave.change({ text: "ab" });
  await clock.pass(DELAY - 1);
  assert.deepEqual(sent, []);
  assert.equal(kept()?.draft.text, "ab");
  await clock.pass(1);
  assert.deepEqual(sent, [{ version: 3, draft: { text: "ab" } }]);
  assert.equal(states.at(-1), "saved");
  assert.equal(kept(), null);
});

test("what is written while a save is under way is saved after it, with the new version", async () => {
  const { autosave, clock, sent, states, server } = begin();
  /** @type {(version: number) => void} */
  let answer = () => {};
  server.answer = () => new Promise((resolve) => (answer = resolve));
  autosave.change({ text: "a" });
  await clock.pass(DELAY);
  autosave.change({ text: "ab" });
  await clock.pass(DELAY);
  assert.equal(sent.length, 1);
  answer(4);
  await settled();
  assert.equal(states.at(-1), "saving");
  await clock.pass(DELAY);
  assert.deepEqual(sent[1], { version: 4, draft: { text: "ab" } });
});

test("without a network the words stay in this browser until a later try succeeds", async () => {
  const { autosave, clock, sent, states, server, kept } = begin();
  server.answer = failing("unavailable");
  autosave.change({ text: "a" });
  await clock.pass(DELAY);
  assert.equal(states.at(-1), "kept");
  autosave.change({ text: "ab" });
  assert.equal(states.at(-1), "kept");
  assert.deepEqual([kept()?.draft.text, kept()?.version], ["ab", 3]);
  server.answer = async (version) => version + 1;
  await clock.pass(60_000);
  assert.deepEqual(sent.at(-1), { version: 3, draft: { text: "ab" } });
  assert.deepEqual([states.at(-1), kept()], ["saved", null]);
});

test("tries grow rarer, but never stop", async () => {
  const { autosave, clock, sent, server } = begin();
  server.answer = failing("unavailable");
  autosave.change({ text: "a" });
  await clock.pass(60_000);
  const early = sent.length;
  await clock.pass(60_000);
  assert.ok(early <= 7, `${early} tries in the first minute`);
  assert.equal(sent.length - early, 2);
});

test("the network coming back saves at once", async () => {
  const { autosave, clock, states, server } = begin();
  server.answer = failing("unavailable");
  autosave.change({ text: "a" });
  await clock.pass(DELAY);
  server.answer = async (version) => version + 1;
  await autosave.flush();
  assert.equal(states.at(-1), "saved");
});

test("where the browser refuses its storage the page says so", async () => {
  const { autosave, clock, states, server } = begin({ refuse: true });
  server.answer = failing("unavailable");
  autosave.change({ text: "a" });
  await clock.pass(DELAY);
  assert.equal(states.at(-1), "unkept");
});

test("after an expired login the words wait here, and go out when told to", async () => {
  const { autosave, clock, sent, states, server, kept } = begin();
  server.answer = failing("signed-out");
  autosave.change({ text: "a" });
  await clock.pass(DELAY);
  autosave.change({ text: "ab" });
  await clock.pass(60_000);
  assert.deepEqual([sent.length, states.at(-1), kept()?.draft.text], [1, "signed-out", "ab"]);
  server.answer = async (version) => version + 1;
  await autosave.flush();
  assert.deepEqual([sent.at(-1)?.draft.text, states.at(-1)], ["ab", "saved"]);
});

test("when another tab has saved, nothing goes out until the person has chosen", async () => {
  const { autosave, clock, sent, states, server } = begin();
  server.answer = async () => {
    const assignment = /** @type {any} */ ({ draft: { text: "theirs" }, draft_version: 7 });
    throw new ApiError("conflict", { assignment });
  };
  autosave.change({ text: "mine" });
  await clock.pass(DELAY);
  autosave.change({ text: "mine, longer" });
  await clock.pass(60_000);
  assert.deepEqual([sent.length, states.at(-1)], [1, "conflict"]);
  server.answer = async (version) => version + 1;
  autosave.settle(7, { text: "mine, longer" });
  await clock.pass(DELAY);
  assert.deepEqual(sent.at(-1), { version: 7, draft: { text: "mine, longer" } });
  assert.equal(states.at(-1), "saved");
});

test("taking the other tab's version sends nothing and keeps nothing", async () => {
  const { autosave, clock, sent, states, server, kept } = begin();
  server.answer = failing("conflict");
  autosave.change({ text: "mine" });
  await clock.pass(DELAY);
  autosave.settle(7, null);
  await clock.pass(60_000);
  assert.deepEqual([sent.length, states.at(-1), kept()], [1, "saved", null]);
});

test("a save whose answer was lost is no conflict", async () => {
  const { autosave, clock, sent, states, server } = begin();
  server.answer = async () => {
    const assignment = /** @type {any} */ ({ draft: { b: 1, text: "a" }, draft_version: 4 });
    throw new ApiError("conflict", { assignment });
  };
  autosave.change({ text: "a", b: 1 });
  await clock.pass(DELAY);
  assert.equal(states.at(-1), "saved");
  server.answer = async (version) => version + 1;
  autosave.change({ text: "ab", b: 1 });
  await clock.pass(DELAY);
  assert.equal(sent.at(-1)?.version, 4);
});

test("stopping waits for the save under way, and going on sends what came since", async () => {
  const { autosave, clock, sent, server } = begin();
  /** @type {(version: number) => void} */
  let answer = () => {};
  server.answer = () => new Promise((resolve) => (answer = resolve));
  autosave.change({ text: "a" });
  await clock.pass(DELAY);
  let stopped = false;
  autosave.stop().then(() => (stopped = true));
  await settled();
  assert.equal(stopped, false);
  answer(4);
  await settled();
  assert.equal(stopped, true);
  autosave.change({ text: "ab" });
  await clock.pass(60_000);
  assert.equal(sent.length, 1);
  server.answer = async (version) => version + 1;
  autosave.resume();
  await clock.pass(DELAY);
  assert.deepEqual(sent[1], { version: 4, draft: { text: "ab" } });
});

test("once the answer is stored, the draft is forgotten", async () => {
  const { autosave, clock, sent, kept } = begin();
  autosave.change({ text: "a" });
  autosave.finish();
  await clock.pass(60_000);
  assert.deepEqual([sent.length, kept()], [0, null]);
});
