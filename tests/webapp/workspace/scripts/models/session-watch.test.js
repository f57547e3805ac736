import assert from "node:assert/strict";
import { test } from "node:test";

import { PERIOD, SessionWatch } from "#workspace/models/session-watch.js";
import { Clock, finishPromises } from "../harness.js";

function watch() {
  const clock = new Clock();
  const server = { signedIn: /** @type {string | null} */ (""), asked: 0 };
  /** @type {string[]} */
  const told = [];
  const watch = new SessionWatch({
    person: "expert-1",
    ask: async () => {
      server.asked += 1;
      return server.signedIn;
    },
    clock,
    returned: () => told.push("returned"),
    other: (isOther) => told.push(isOther ? "other" : "nobody else"),
  });
  return { clock, server, told, watch };
}

test("who signs in again in another tab is noticed within moments, once", async () => {
  const { clock, server, told, watch: session } = watch();
  session.start();
  await clock.pass(10 * PERIOD);
  assert.equal(told.includes("returned"), false);
  server.signedIn = "expert-1";
  await clock.pass(PERIOD);
  assert.equal(told.at(-1), "returned");
  const { asked } = server;
  await clock.pass(10 * PERIOD);
  assert.deepEqual([server.asked, told.filter((word) => word === "returned").length], [asked, 1]);
});

test("coming back to the tab asks at once", async () => {
  const { server, told, watch: session } = watch();
  session.start();
  await finishPromises();
  server.signedIn = "expert-1";
  await session.check();
  assert.equal(told.at(-1), "returned");
});

test("somebody else is told as such, for as long as that is so", async () => {
  const { clock, server, told, watch: session } = watch();
  server.signedIn = "expert-2";
  session.start();
  await finishPromises();
  assert.equal(told.at(-1), "other");
  server.signedIn = "";
  await clock.pass(PERIOD);
  assert.equal(told.at(-1), "nobody else");
  server.signedIn = "expert-1";
  await clock.pass(PERIOD);
  assert.equal(told.at(-1), "returned");
});

test("a server out of reach says nothing about the session, and is asked again", async () => {
  const { clock, server, told, watch: session } = watch();
  server.signedIn = null;
  session.start();
  await clock.pass(5 * PERIOD);
  assert.deepEqual(told, []);
  server.signedIn = "expert-1";
  await clock.pass(PERIOD);
  assert.equal(told.at(-1), "returned");
});

test("a session that ends once more is watched once more", async () => {
  const { clock, server, told, watch: session } = watch();
  server.signedIn = "expert-1";
  session.start();
  await finishPromises();
  server.signedIn = "";
  session.start();
  session.start();
  await finishPromises();
  server.signedIn = "expert-1";
  await clock.pass(PERIOD);
  assert.equal(told.filter((word) => word === "returned").length, 2);
});

test("nobody is asked about while the session is good", async () => {
  const { clock, server, watch: session } = watch();
  await session.check();
  await clock.pass(10 * PERIOD);
  assert.equal(server.asked, 0);
});
