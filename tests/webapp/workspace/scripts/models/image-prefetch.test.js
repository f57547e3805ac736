import assert from "node:assert/strict";
import { test } from "node:test";

import { ImagePrefetch } from "#workspace/models/image-prefetch.js";

const IMAGE = { id: 1, full: "", width: 4, height: 3, tiles: null };

/** @param {(string[] | null)[]} answers - null where the server cannot be reached */
function ahead(...answers) {
  /** @type {string[]} */
  const loaded = [];
  const images = new ImagePrefetch({
    ask: async () => {
      const told = answers.shift();
      if (!told) throw new Error("unavailable");
      return { images: told.map((display) => ({ ...IMAGE, display })) };
    },
    load: (url) => ({ number: loaded.push(url) }),
  });
  return { images, loaded };
}

test("what is told is loaded once, what is told no more is let go", async () => {
  const { images, loaded } = ahead(["a", "b"], ["b", "c"]);
  await images.fetch();
  await images.fetch();
  assert.deepEqual(loaded, ["a", "b", "c"]);
  assert.deepEqual([...images.loaded.keys()], ["b", "c"]);
});

test("the next image is told once, and the one after it then", async () => {
  const { images } = ahead(["a", "b"]);
  assert.equal(images.take(), undefined);
  await images.fetch();
  assert.deepEqual([images.take()?.display, images.take()?.display, images.take()], ["a", "b", undefined]);
});

test("a server that cannot be reached disturbs nobody, and what is held stays", async () => {
  const { images } = ahead(["a"], null);
  await images.fetch();
  await images.fetch();
  assert.deepEqual([...images.loaded.keys()], ["a"]);
});

test("the tiles that an image needs to be sharp are loaded with it", async () => {
  /** @type {string[]} */
  const loaded = [];
  const images = new ImagePrefetch({
    ask: async () => ({ images: [{ ...IMAGE, display: "a" }] }),
    load: (url) => ({ number: loaded.push(url) }),
    closer: ({ display }) => [`${display}/tile`],
  });
  await images.fetch();
  assert.deepEqual(loaded, ["a", "a/tile"]);
});
