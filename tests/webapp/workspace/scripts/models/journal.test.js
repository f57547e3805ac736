import assert from "node:assert/strict";
import { test } from "node:test";

import { IDBFactory } from "fake-indexeddb";

import { Journal, KEPT_FOR } from "#workspace/models/journal.js";

const COPY = { version: 2, state: "open", draft: { text: "a" }, at: 1000 };

/** @param {string} words */
const saying = (words) => ({ ...COPY, draft: { text: words } });

/**
 * @param {string} [person]
 * @param {string} [assignment]
 */
function opener(person = "expert-1", assignment = "a1") {
  const databases = new IDBFactory();
  return (name = person, id = assignment) => new Journal(() => databases, name, id);
}

test("copies are kept apart by person and by assignment", async () => {
  const open = opener();
  assert.equal(await open().write(COPY), true);
  assert.deepEqual(await open().read(), COPY);
  assert.equal(await open("expert-2").read(), null);
  assert.equal(await open("expert-1", "a2").read(), null);
});

test("of several writes in a row the last one stays, though nobody waited for the others", async () => {
  const open = opener();
  const journal = open();
  journal.write(saying("a"));
  journal.write(saying("ab"));
  await journal.write(saying("abc"));
  assert.equal((await open().read())?.draft.text, "abc");
});

test("clearing comes after the writes before it and before those after it", async () => {
  const open = opener();
  const journal = open();
  journal.write(saying("a"));
  journal.clear();
  assert.equal(await open().read(), null);
  journal.clear();
  journal.write(saying("b"));
  assert.equal((await open().read())?.draft.text, "b");
});

test("a tab clears its own copy, never one another tab wrote later", async () => {
  const open = opener();
  const [mine, other] = [open(), open()];
  await mine.write(COPY);
  await other.write(saying("other"));
  await mine.clear();
  assert.equal((await open().read())?.draft.text, "other");
  await other.clear();
  assert.equal(await open().read(), null);
});

test("a copy that was read may be cleared by whoever read it", async () => {
  const open = opener();
  await open().write(COPY);
  const later = open();
  await later.read();
  await later.clear();
  assert.equal(await open().read(), null);
});

test("what is no copy is passed over", async () => {
  const open = opener();
  for (const entry of [{ version: "2", draft: {} }, { version: 2 }, {}]) {
    await open().write(/** @type {any} */ (entry));
    assert.equal(await open().read(), null, JSON.stringify(entry));
  }
});

test("a full or forbidden storage is said so and breaks nothing", async () => {
  const refuse = () => {
    throw new Error("SecurityError");
  };
  const journal = new Journal(refuse, "expert-1", "a1");
  assert.equal(await journal.write(COPY), false);
  assert.equal(await journal.read(), null);
  await journal.clear();
  await journal.prune(0);
});

test("only copies of long ago are dropped", async () => {
  const open = opener();
  await open().write(COPY);
  await open("expert-1", "a2").write({ ...COPY, at: COPY.at + 10 });
  await open("expert-1", "a3").prune(COPY.at + KEPT_FOR + 5);
  assert.equal(await open().read(), null);
  assert.deepEqual(await open("expert-1", "a2").read(), { ...COPY, at: COPY.at + 10 });
});
