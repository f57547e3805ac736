import assert from "node:assert/strict";
import { test } from "node:test";

import { Api, ApiError, errorKind } from "#workspace/models/api.js";

/** @param {() => Promise<any> | any} respond */
function make(respond) {
  /** @type {{url: string, options: any}[]} */
  const requests = [];
  let token = "first";
  const api = new Api({
    fetch: /** @type {any} */ (
      async (/** @type {string} */ url, /** @type {any} */ options) => {
        requests.push({ url, options });
        return respond();
      }
    ),
    token: () => token,
    person: "expert-1",
    nextUrl: "/api/v1/campaigns/demo/next/",
    assignmentUrl: "/api/v1/assignments/00000000-0000-0000-0000-000000000000/",
  });
  return { api, requests, renew: (/** @type {string} */ next) => (token = next) };
}

/**
 * @param {number} status
 * @param {any} body
 */
const answer = (status, body) => ({ ok: status < 400, status, json: async () => body });

test("a draft goes to its assignment's address, with its version", async () => {
  const { api, requests } = make(() => answer(200, { version: 4 }));
  assert.equal(await api.saveDraft("a1", 3, { text: "a" }), 4);
  const [{ url, options }] = requests;
  assert.deepEqual([url, options.method], ["/api/v1/assignments/a1/draft/", "PUT"]);
  assert.deepEqual(JSON.parse(options.body), { version: 3, draft: { text: "a" } });
});

test("each request carries the token then in force", async () => {
  const { api, requests, renew } = make(() => answer(200, {}));
  await api.nextAssignment();
  renew("second");
  await api.post("a1", "commit", {});
  assert.deepEqual(
    requests.map(({ options }) => options.headers["x-csrftoken"]),
    ["first", "second"],
  );
});

test("each request says whose page it comes from, as another may have signed in since", async () => {
  const { api, requests } = make(() => answer(200, {}));
  await api.post("a1", "commit", {});
  await api.showAssignment("a1");
  assert.deepEqual(
    requests.map(({ options }) => options.headers["x-person"]),
    ["expert-1", "expert-1"],
  );
});

test("a refused answer says which fields are wrong", async () => {
  const { api } = make(() => answer(400, { error: "wrong", fields: { "scores.gestalt": "is missing" } }));
  await assert.rejects(api.post("a1", "commit", {}), (error) => {
    assert.ok(error instanceof ApiError);
    assert.deepEqual([error.kind, error.message, error.fields["scores.gestalt"]], ["invalid", "wrong", "is missing"]);
    return true;
  });
});

test("a conflict brings the present state", async () => {
  const { api } = make(() => answer(409, { error: "another tab", assignment: { state: "done" } }));
  await assert.rejects(api.post("a1", "commit", {}), (error) => {
    assert.ok(error instanceof ApiError);
    assert.deepEqual([error.kind, error.assignment?.state], ["conflict", "done"]);
    return true;
  });
});

test("a lost network and a page instead of JSON are both: not to be had now", async () => {
  const lost = make(() => {
    throw new TypeError("Failed to fetch");
  });
  await assert.rejects(lost.api.nextAssignment(), { kind: "unavailable" });
  const page = make(() => ({
    ok: false,
    status: 502,
    json: async () => {
      throw new SyntaxError("<html>");
    },
  }));
  await assert.rejects(page.api.nextAssignment(), { kind: "unavailable" });
});

for (const [status, body, kind] of /** @type {[number, any, string][]} */ ([
  [403, { signed_out: true }, "signed-out"],
  [401, {}, "signed-out"],
  [403, {}, "refused"],
  [404, {}, "gone"],
  [410, {}, "withdrawn"],
  [409, {}, "conflict"],
  [400, {}, "invalid"],
  [429, {}, "unavailable"],
  [500, {}, "unavailable"],
])) {
  test(`status ${status} with ${JSON.stringify(body)} means ${kind}`, () => assert.equal(errorKind(status, body), kind));
}

test("what the server says has changed since is passed on, and nothing else", async () => {
  const told = /** @type {any[]} */ ([]);
  let news = /** @type {object} */ ({ campaign_state: "paused" });
  const { api } = make(() => answer(200, { version: 4, ...news }));
  api.noticed = ({ campaign_state: state, rubric_version: version }) => told.push(state ?? version);
  await api.saveDraft("a1", 3, {});
  news = {};
  await api.saveDraft("a1", 4, {});
  news = { rubric_version: 2 };
  await api.saveDraft("a1", 5, {});
  assert.deepEqual(told, ["paused", 2]);
});
