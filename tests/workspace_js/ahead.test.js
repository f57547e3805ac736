import assert from "node:assert/strict";
import { test } from "node:test";

import { Ahead } from "../../webapp/workspace/static/workspace/viewer/ahead.js";

const PICTURE = { full: "", width: 4, height: 3, tiles: null };

/** @param {(string[] | null)[]} answers - null where the server cannot be reached */
function ahead(...answers) {
  /** @type {string[]} */
  const loaded = [];
  const pictures = new Ahead({
    ask: async () => {
      const told = answers.shift();
      if (!told) throw new Error("unavailable");
      return { pictures: told.map((display) => ({ ...PICTURE, display })) };
    },
    load: (url) => ({ number: loaded.push(url) }),
  });
  return { pictures, loaded };
}

test("what is told is loaded once, what is told no more is let go", async () => {
  const { pictures, loaded } = ahead(["a", "b"], ["b", "c"]);
  await pictures.fetch();
  await pictures.fetch();
  assert.deepEqual(loaded, ["a", "b", "c"]);
  assert.deepEqual([...pictures.held.keys()], ["b", "c"]);
});

test("the next picture is told once, and the one after it then", async () => {
  const { pictures } = ahead(["a", "b"]);
  assert.equal(pictures.take(), undefined);
  await pictures.fetch();
  assert.deepEqual([pictures.take()?.display, pictures.take()?.display, pictures.take()], ["a", "b", undefined]);
});

test("a server that cannot be reached disturbs nobody, and what is held stays", async () => {
  const { pictures } = ahead(["a"], null);
  await pictures.fetch();
  await pictures.fetch();
  assert.deepEqual([...pictures.held.keys()], ["a"]);
});

test("the tiles that a picture needs to be sharp are loaded with it", async () => {
  /** @type {string[]} */
  const loaded = [];
  const pictures = new Ahead({
    ask: async () => ({ pictures: [{ ...PICTURE, display: "a" }] }),
    load: (url) => ({ number: loaded.push(url) }),
    closer: ({ display }) => [`${display}/tile`],
  });
  await pictures.fetch();
  assert.deepEqual(loaded, ["a", "a/tile"]);
});
