// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import {
  MOST_PINS,
  clampPin,
  clearPlace,
  movePin,
  pinBetween,
  pinInPercent,
  readPins,
  resizePin,
} from "#workspace/models/pins.js";

const BOX = { x: 0.2, y: 0.3, width: 0.4, height: 0.5 };

test("a pin stays within the image wherever it is moved", () => {
  assert.deepEqual(movePin({ x: 0.9, y: 0.1 }, { x: 0.2, y: -0.2 }), { x: 1, y: 0 });
  assert.deepEqual(movePin(BOX, { x: 0.9, y: 0.9 }), { ...BOX, x: 0.6, y: 0.5 });
});

test("a point becomes a box, and a box without size a point again", () => {
  const box = resizePin({ x: 0.2, y: 0.3 }, { x: 0.01, y: 0 }, { x: 0.05, y: 0.06 });
  assert.deepEqual(box, { x: 0.2, y: 0.3, width: 0.05, height: 0.06 });
  assert.deepEqual(resizePin(box, { x: -0.05, y: 0 }, { x: 0.05, y: 0.06 }), { x: 0.2, y: 0.3 });
});

test("a box grows as far as the edge of the image", () => {
  assert.deepEqual(resizePin(BOX, { x: 0.9, y: 0.1 }, { x: 0, y: 0 }), { ...BOX, width: 0.8, height: 0.6 });
});

test("a box is drawn between two corners in any direction, and what is no larger than a point is one", () => {
  assert.deepEqual(pinBetween({ x: 0.6, y: 0.8 }, { x: 0.2, y: 0.3 }), BOX);
  assert.deepEqual(pinBetween({ x: -0.5, y: 0.5 }, { x: 0.5, y: 1.5 }), { x: 0, y: 0.5, width: 0.5, height: 0.5 });
  assert.deepEqual(pinBetween({ x: 0.5, y: 0.5 }, { x: 0.501, y: 0.5 }), { x: 0.5, y: 0.5 });
});

test("pins are kept to five decimals, as the server does", () => {
  assert.deepEqual(clampPin({ x: 0.123456789, y: 1 / 3 }), { x: 0.12346, y: 0.33333 });
});

test("of a draft as many pins are taken as the server takes", () => {
  assert.equal(readPins(Array(30).fill({ x: 0, y: 0 })).length, MOST_PINS);
  assert.deepEqual(readPins("none"), []);
});

test("the numbers of a pin are told in whole per cent", () => {
  assert.deepEqual(pinInPercent(BOX), { x: "20 %", y: "30 %", width: "40 %", height: "50 %" });
});

test("a new pin steps aside from those that are there, as often as it takes", () => {
  /** @type {import("#workspace/models/pins.js").Point[]} */
  const placed = [];
  for (let count = 0; count < MOST_PINS; count += 1) placed.push(clearPlace({ x: 300, y: 200 }, placed, 36));
  assert.deepEqual(placed[0], { x: 300, y: 200 });
  for (const [index, one] of placed.entries()) {
    for (const other of placed.slice(index + 1)) assert.ok(Math.hypot(one.x - other.x, one.y - other.y) >= 36);
  }
});
