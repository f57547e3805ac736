import assert from "node:assert/strict";
import { test } from "node:test";

import { IDBFactory } from "fake-indexeddb";

import { ApiError } from "#workspace/models/api.js";
import { Autosave, DELAY } from "#workspace/models/autosave.js";
import { Journal } from "#workspace/models/journal.js";
import { Clock, finishPromises } from "../harness.js";

/** @param {Partial<{refuse: boolean}>} [options] - refuse: the browser refuses its storage */
function begin(options = {}) {
  const clock = new Clock();
  const databases = new IDBFactory();
  /** @type {{version: number, draft: any}[]} */
  const sent = [];
  /** @type {string[]} */
  const states = [];
  /** @type {number[]} */
  const counts = [];
  /** @type {{answer: (version: number) => Promise<number>}} */
  const server = { answer: async (version) => version + 1 };
  const open = () => {
    if (options.refuse) throw new Error("SecurityError");
    return databases;
  };
  const journal = new Journal(open, "expert-1", "a1");
  const autosave = new Autosave({
    version: 3,
    state: "open",
    save: (version, draft) => {
      sent.push({ version, draft });
      return server.answer(version);
    },
    journal,
    clock,
    stored: null,
    report: (state, _, pending) => {
      states.push(state);
      counts.push(pending);
    },
  });
  const kept = () => new Journal(open, "expert-1", "a1").read();
  return { autosave, clock, counts, journal, sent, states, server, kept };
}

/** @param {import("#workspace/models/api.js").ErrorKind} kind */
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
  assert.equal((await kept())?.draft.text, "ab");
  await clock.pass(1);
  assert.deepEqual(sent, [{ version: 3, draft: { text: "ab" } }]);
  assert.equal(states.at(-1), "saved");
  assert.equal(await kept(), null);
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
  await finishPromises();
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
  await finishPromises();
  assert.equal(states.at(-1), "kept");
  assert.deepEqual([(await kept())?.draft.text, (await kept())?.version], ["ab", 3]);
  server.answer = async (version) => version + 1;
  await clock.pass(60_000);
  assert.deepEqual(sent.at(-1), { version: 3, draft: { text: "ab" } });
  assert.deepEqual([states.at(-1), await kept()], ["saved", null]);
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
  assert.deepEqual([sent.length, states.at(-1), (await kept())?.draft.text], [1, "signed-out", "ab"]);
  server.answer = async (version) => version + 1;
  await autosave.flush();
  assert.deepEqual([sent.at(-1)?.draft.text, states.at(-1)], ["ab", "saved"]);
  autosave.change({ text: "abc" });
  await clock.pass(DELAY);
  assert.deepEqual([sent.at(-1)?.draft.text, states.at(-1)], ["abc", "saved"]);
});

test("what is written while nobody is signed in is counted as it grows", async () => {
  const { autosave, clock, counts, states, server } = begin();
  server.answer = failing("signed-out");
  autosave.change({ subcategory: "portrait" });
  await clock.pass(DELAY);
  autosave.change({ subcategory: "portrait", judgements: { gestalt: { score: 5, critique: "" } } });
  assert.deepEqual([states.at(-1), counts.at(-1)], ["signed-out", 2]);
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
  autosave.resolveConflict(7, { text: "mine, longer" }, { text: "theirs" });
  await clock.pass(DELAY);
  assert.deepEqual(sent.at(-1), { version: 7, draft: { text: "mine, longer" } });
  assert.equal(states.at(-1), "saved");
});

test("taking the other tab's version sends nothing and keeps nothing", async () => {
  const { autosave, clock, sent, states, server, kept } = begin();
  server.answer = failing("conflict");
  autosave.change({ text: "mine" });
  await clock.pass(DELAY);
  autosave.resolveConflict(7, null, { text: "theirs" });
  await clock.pass(60_000);
  assert.deepEqual([sent.length, states.at(-1), await kept()], [1, "saved", null]);
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
  await finishPromises();
  assert.equal(stopped, false);
  answer(4);
  await finishPromises();
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
  assert.deepEqual([sent.length, await kept()], [0, null]);
});

test("what is kept here is counted, field by field", async () => {
  const { autosave, clock, counts, server } = begin();
  const judgements = { composition: { score: 5, critique: "Calm." }, gestalt: { score: null, critique: "" } };
  server.answer = failing("unavailable");
  autosave.change({ subcategory: "portrait", judgements });
  await clock.pass(DELAY);
  assert.equal(counts.at(-1), 3);
  autosave.change({ subcategory: "portrait", judgements: { ...judgements, gestalt: { score: 7, critique: "" } } });
  await finishPromises();
  assert.equal(counts.at(-1), 4);
  server.answer = async (version) => version + 1;
  await autosave.flush();
  assert.equal(counts.at(-1), 0);
});

test("a browser that begins to refuse its storage while the network is gone is said so", async () => {
  const options = { refuse: false };
  const { autosave, clock, journal, states, server } = begin(options);
  server.answer = failing("unavailable");
  autosave.change({ text: "a" });
  await clock.pass(DELAY);
  assert.equal(states.at(-1), "kept");
  options.refuse = true;
  journal.opened = null; // As when the person clears what this site keeps.
  autosave.change({ text: "ab" });
  await finishPromises();
  assert.equal(states.at(-1), "unkept");
});

test("what the server takes no more is kept here, said so, and tried again now and then", async () => {
  for (const kind of /** @type {const} */ (["conflict", "gone", "invalid", "refused"])) {
    const { autosave, clock, sent, states, server, kept } = begin();
    server.answer = failing(kind);
    autosave.change({ text: "a" });
    await clock.pass(DELAY);
    assert.equal(states.at(-1), "refused");
    autosave.change({ text: "ab" });
    await clock.pass(60_000);
    assert.ok(sent.length <= 4, `${sent.length} tries in a minute`);
    assert.equal((await kept())?.draft.text, "ab");
    server.answer = async (version) => version + 1;
    await clock.pass(60_000);
    assert.deepEqual([sent.at(-1)?.draft.text, states.at(-1)], ["ab", "saved"]);
  }
});
