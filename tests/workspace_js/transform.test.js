import assert from "node:assert/strict";
import { test } from "node:test";

import { fit, MARGIN, MOST_ENLARGED, pan, zoom } from "../../webapp/workspace/static/workspace/transform.js";

const VIEW = { width: 800, height: 600 };
const WIDE = { width: 4000, height: 1000 };
const SMALL = { width: 100, height: 100 };

test("a fitted picture is whole, in the middle, with some surround on every side", () => {
  const { scale, x, y } = fit(VIEW, WIDE);
  assert.equal(x, MARGIN);
  assert.equal(WIDE.width * scale, VIEW.width - 2 * MARGIN);
  assert.equal(y, (VIEW.height - WIDE.height * scale) / 2);
});

test("a small picture is not blown up beyond measure", () => {
  assert.deepEqual(fit(VIEW, SMALL), { scale: MOST_ENLARGED, x: 300, y: 200 });
});

test("what lies under the pointer stays there", () => {
  const point = { x: 400, y: 300 };
  const before = fit(VIEW, WIDE);
  const after = zoom(VIEW, WIDE, before, 1, point);
  assert.ok(Math.abs((point.x - before.x) / before.scale - (point.x - after.x)) < 1e-9);
});

test("near the edge the picture follows only as far as it reaches", () => {
  const at = zoom(VIEW, WIDE, fit(VIEW, WIDE), 1, { x: 0, y: 0 });
  assert.deepEqual([at.x, at.y], [0, 0]);
});

test("panning stops at the edges, and a picture smaller than the window stays in the middle", () => {
  const start = { scale: 1, x: 0, y: 0 };
  assert.deepEqual(pan(VIEW, WIDE, start, { x: -9999, y: -9999 }), { scale: 1, x: -3200, y: -400 });
  assert.deepEqual(pan(VIEW, WIDE, start, { x: 9999, y: 9999 }), start);
  assert.deepEqual(pan(VIEW, SMALL, start, { x: 50, y: 50 }), { scale: 1, x: 350, y: 250 });
});

test("a window without size breaks nothing", () => {
  assert.ok(fit({ width: 0, height: 0 }, WIDE).scale > 0);
});
