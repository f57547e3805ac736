import assert from "node:assert/strict";
import { test } from "node:test";

import { newKey, SubmissionKey } from "#workspace/models/submission-key.js";

function begin() {
  let made = 0;
  return new SubmissionKey(() => `key-${++made}`);
}

test("every retry of the same answer carries the same key", () => {
  const submission = begin();
  const key = submission.keyFor({ id: "a1", said: { score: 7 } });
  assert.equal(submission.keyFor({ id: "a1", said: { score: 7 } }), key);
});

test("an answer changed in place is another one", () => {
  const submission = begin();
  const content = { id: "a1", said: { score: 7 } };
  const key = submission.keyFor(content);
  content.said.score = 8;
  assert.notEqual(submission.keyFor(content), key);
});

test("the same words on another image are another answer", () => {
  const submission = begin();
  assert.notEqual(submission.keyFor({ id: "a1", said: {} }), submission.keyFor({ id: "a2", said: {} }));
});

test("keys are random UUIDs", () => {
  const keys = Array.from({ length: 100 }, newKey);
  assert.equal(new Set(keys).size, 100);
  for (const key of keys) assert.match(key, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});
