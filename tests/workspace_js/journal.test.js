import assert from "node:assert/strict";
import { test } from "node:test";

import { Journal, KEPT_FOR } from "../../webapp/workspace/static/workspace/journal.js";
import { Memory } from "./people.js";

const COPY = { version: 2, state: "open", draft: { text: "a" }, at: 1000 };

test("copies are kept apart by person and by assignment", () => {
  const storage = new Memory();
  new Journal(() => storage, "expert-1", "a1").write(COPY);
  assert.deepEqual(new Journal(() => storage, "expert-1", "a1").read(), COPY);
  assert.equal(new Journal(() => storage, "expert-2", "a1").read(), null);
  assert.equal(new Journal(() => storage, "expert-1", "a2").read(), null);
});

test("a tab clears its own copy, never one another tab wrote later", () => {
  const storage = new Memory();
  const mine = new Journal(() => storage, "expert-1", "a1");
  const other = new Journal(() => storage, "expert-1", "a1");
  mine.write(COPY);
  other.write({ ...COPY, draft: { text: "other" } });
  mine.clear();
  assert.equal(other.read()?.draft.text, "other");
  other.clear();
  assert.equal(storage.length, 0);
});

test("what is no copy is passed over", () => {
  const storage = new Memory();
  const journal = new Journal(() => storage, "expert-1", "a1");
  for (const text of ["", "{", "null", "[]", '{"version": "2", "draft": {}}', '{"version": 2}']) {
    storage.setItem(journal.key, text);
    assert.equal(journal.read(), null, text);
  }
});

test("a full or forbidden storage is said so and breaks nothing", () => {
  const journal = new Journal(
    () => {
      throw new Error("QuotaExceededError");
    },
    "expert-1",
    "a1",
  );
  assert.equal(journal.write(COPY), false);
  assert.equal(journal.read(), null);
  journal.clear();
  journal.prune(0);
});

test("only copies of long ago are dropped, and nothing that is not ours", () => {
  const storage = new Memory();
  const old = new Journal(() => storage, "expert-1", "a1");
  const young = new Journal(() => storage, "expert-1", "a2");
  old.write(COPY);
  young.write({ ...COPY, at: COPY.at + 10 });
  storage.setItem("theme", "dark");
  young.prune(COPY.at + KEPT_FOR + 5);
  assert.deepEqual([...storage.items.keys()], [young.key, "theme"]);
});
