// @ts-check
/**
 * Say where the copies of an image come from, in the words of OpenSeadragon. Free of the page.
 *
 * @typedef {import("../models/assignment.js").Image} Image
 * @typedef {import("../models/assignment.js").Tiles} Tiles
 */
import { DISPLAY_SIZE } from "./transform.js";

/** Ends the address of tile 0, 0 of level 0. */
const FIRST_TILE = "0/0/0/";

/**
 * @param {Image} image
 * @returns the copy for the screen, one file
 */
export function displaySource({ display }) {
  return { type: "image", url: display };
}

/**
 * @param {Image} image
 * @returns the image at full size: in tiles where it has some, else one file
 */
export function detailSource({ full, width, height, tiles }) {
  if (!tiles) return { type: "image", url: full };
  const start = tiles.url.slice(0, -FIRST_TILE.length);
  return {
    width,
    height,
    tileSize: tiles.size,
    tileOverlap: tiles.overlap,
    minLevel: firstUseful({ width, height, tiles }),
    maxLevel: tiles.levels - 1,
    /** @type {(level: number, column: number, row: number) => string} */
    getTileUrl: (level, column, row) => `${start}${level}/${column}/${row}/`,
  };
}

/**
 * Say which tiles are needed to show the whole image sharply.
 *
 * @param {Image} image
 * @param {number} scale - pixels of the screen for each pixel of the image
 * @returns {string[]} their addresses; none for an image without tiles
 */
export function tilesFor({ width, height, tiles }, scale) {
  if (!tiles) return [];
  const { first, last } = { first: firstUseful({ width, height, tiles }), last: tiles.levels - 1 };
  // OpenSeadragon goes down to the level that has up to twice as many pixels as the screen.
  const wanted = Math.min(last, last + Math.floor(Math.log2(scale) + 1));
  const levels = Array.from({ length: Math.max(0, wanted - first + 1) }, (_, index) => first + index);
  const start = tiles.url.slice(0, -FIRST_TILE.length);
  return levels.flatMap((level) => {
    const [columns, rows] = [width, height].map((side) => Math.ceil(Math.ceil(side / 2 ** (last - level)) / tiles.size));
    return Array.from({ length: columns * rows }, (_, index) => {
      return `${start}${level}/${index % columns}/${Math.floor(index / columns)}/`;
    });
  });
}

/**
 * Return the first level that shows more than the copy for the screen, which lies below the tiles anyway.
 *
 * @param {{width: number, height: number, tiles: Tiles}} image
 */
function firstUseful({ width, height, tiles }) {
  const last = tiles.levels - 1;
  const halvings = Math.ceil(Math.log2(Math.max(width, height) / DISPLAY_SIZE)) - 1;
  return Math.max(0, last - Math.max(0, halvings));
}
