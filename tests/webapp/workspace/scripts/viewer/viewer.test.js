import assert from "node:assert/strict";
import { test } from "node:test";

import { detailSource, displaySource, tilesFor } from "#workspace/viewer/image-sources.js";
import {
  boundsOf,
  fit,
  fittedScale,
  MARGIN,
  MOST_ENLARGED,
  sightOf,
  wantsDetail,
} from "#workspace/viewer/transform.js";

const VIEW = { width: 800, height: 600 };
const WIDE = { width: 4000, height: 1000 };
const SMALL = { width: 100, height: 100 };
const SCAN = {
  id: 7,
  display: "/images/7/display/",
  full: "/images/7/full/",
  width: 12000,
  height: 8400,
  tiles: { url: "/images/7/tiles/0/0/0/", size: 512, overlap: 1, levels: 6 },
};

test("a fitted image is whole, in the middle, with some surround on every side", () => {
  const { x, y, width, height } = fit(VIEW, WIDE);
  const unit = VIEW.width / width;
  assert.ok(Math.abs(-x * unit - MARGIN) < 1e-9);
  assert.ok(Math.abs(unit - (VIEW.width - 2 * MARGIN)) < 1e-9);
  assert.ok(Math.abs(width / height - VIEW.width / VIEW.height) < 1e-9);
  assert.ok(Math.abs(y + height / 2 - WIDE.height / WIDE.width / 2) < 1e-9);
});

test("a small image is not blown up beyond measure", () => {
  assert.equal(fittedScale(VIEW, SMALL), MOST_ENLARGED);
  assert.equal(fit(VIEW, SMALL).width, VIEW.width / (SMALL.width * MOST_ENLARGED));
});

test("a window without size breaks nothing", () => {
  const { width, height } = fit({ width: 0, height: 0 }, WIDE);
  assert.ok(width > 0 && height > 0 && Number.isFinite(width + height));
});

test("the full image is asked for only where the copy for the screen is too coarse, or at pixel for pixel", () => {
  assert.equal(wantsDetail(SCAN, 2048 / 12000), false);
  assert.equal(wantsDetail(SCAN, 0.2), true);
  assert.equal(wantsDetail(SMALL, 0.5), false);
  assert.equal(wantsDetail(SMALL, 1), true);
});

test("an image without tiles comes as one file, first for the screen, then at full size", () => {
  const image = { ...SCAN, tiles: null };
  assert.deepEqual(displaySource(image), { type: "image", url: "/images/7/display/" });
  assert.deepEqual(detailSource(image), { type: "image", url: "/images/7/full/" });
});

test("tiles begin above what the copy for the screen shows, and end at full size", () => {
  const source = /** @type {any} */ (detailSource(SCAN));
  assert.equal(source.maxLevel, 5);
  // 12000 is halved to 6000, 3000: the next would be coarser than 2048.
  assert.equal(source.minLevel, 3);
  assert.equal(source.getTileUrl(5, 3, 2), "/images/7/tiles/5/3/2/");
});

test("an image just over the limit has its one useful level", () => {
  const source = /** @type {any} */ (
    detailSource({ ...SCAN, width: 2100, height: 2000, tiles: { ...SCAN.tiles, levels: 4 } })
  );
  assert.deepEqual([source.minLevel, source.maxLevel], [3, 3]);
});

test("two images of other sizes in other windows show the same place, equally enlarged", () => {
  const [view, image] = [{ width: 732, height: 680 }, { width: 6000, height: 4000 }];
  const [other, portrait] = [{ width: 400, height: 600 }, { width: 300, height: 900 }];
  const whole = fit(view, image);
  const seen = sightOf(view, image, { x: 0.1, y: 0.2, width: whole.width / 4, height: whole.height / 4 });
  assert.ok(Math.abs(seen.enlarged - 4) < 1e-9);
  const again = sightOf(other, portrait, boundsOf(other, portrait, seen));
  for (const name of /** @type {const} */ (["enlarged", "x", "y"])) assert.ok(Math.abs(again[name] - seen[name]) < 1e-9);
  assert.deepEqual(boundsOf(other, portrait, sightOf(view, image, whole)).width, fit(other, portrait).width);
});

test("the tiles of the whole image are those from the first useful level to the one a screen can show", () => {
  assert.deepEqual(tilesFor({ ...SCAN, tiles: null }, 1), []);
  const columns = Math.ceil(3000 / SCAN.tiles.size);
  const rows = Math.ceil(Math.ceil(SCAN.height / 4) / SCAN.tiles.size);
  const tiles = tilesFor(SCAN, 0.24);
  assert.equal(tiles.length, columns * rows);
  assert.equal(tiles.at(-1), `/images/7/tiles/3/${columns - 1}/${rows - 1}/`);
  assert.ok(tilesFor(SCAN, 0.3).some((url) => url.startsWith("/images/7/tiles/4/")), "up to twice as many pixels");
  assert.ok(!tilesFor(SCAN, 4).some((url) => url.startsWith("/images/7/tiles/6/")), "there is no further level");
});
