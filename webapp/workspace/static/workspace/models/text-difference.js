// @ts-check
/**
 * Compare two texts word by word, Chinese character by character.
 *
 * @typedef {"both" | "old" | "new"} Side - which of the two texts a piece stands in
 * @typedef {{side: Side, text: string}} Piece
 */

const TOKEN = /\p{Script=Han}|[\p{L}\p{N}'’]+|\s+|[^\s\p{L}\p{N}]/gu;
/** Beyond this many pairs of tokens the middle parts are taken for different as a whole. */
const MOST_PAIRS = 4_000_000;

/**
 * Return the pieces of both texts in reading order, by a longest common subsequence of their words. Read without
 * "new" they are the old text, without "old" the new one.
 *
 * @param {string} before
 * @param {string} after
 * @returns {Piece[]}
 */
export function diffTexts(before, after) {
  const [old, young] = [before, after].map((text) => text.match(TOKEN) ?? []);
  let head = 0;
  while (head < old.length && head < young.length && old[head] === young[head]) head += 1;
  let tail = 0;
  const most = Math.min(old.length, young.length) - head;
  while (tail < most && old.at(-1 - tail) === young.at(-1 - tail)) tail += 1;
  /** @type {Piece[]} */
  const pieces = [
    ...old.slice(0, head).map(piece("both")),
    ...middle(old.slice(head, old.length - tail), young.slice(head, young.length - tail)),
    ...old.slice(old.length - tail).map(piece("both")),
  ];
  return bridged(joined(pieces));
}

/**
 * @param {Piece[]} pieces
 * @returns {number} the share of the two texts' characters that stand in both, 0 to 1
 */
export function similarity(pieces) {
  const length = (/** @type {Piece} */ { side, text }) => text.trim().length * (side === "both" ? 2 : 1);
  const all = pieces.reduce((sum, one) => sum + length(one), 0);
  const common = pieces.filter(({ side }) => side === "both").reduce((sum, one) => sum + length(one), 0);
  return all ? common / all : 1;
}

/** @param {Side} side */
const piece = (side) => (/** @type {string} */ text) => ({ side, text });

/**
 * @param {string[]} old
 * @param {string[]} young
 * @returns {Piece[]}
 */
function middle(old, young) {
  if (old.length * young.length > MOST_PAIRS) return [...old.map(piece("old")), ...young.map(piece("new"))];
  const width = young.length + 1;
  // Length of the longest common subsequence of what begins at (row, column).
  const lengths = new Uint16Array((old.length + 1) * width);
  for (let row = old.length - 1; row >= 0; row -= 1) {
    for (let column = young.length - 1; column >= 0; column -= 1) {
      const here = row * width + column;
      const same = old[row] === young[column];
      lengths[here] = same ? lengths[here + width + 1] + 1 : Math.max(lengths[here + width], lengths[here + 1]);
    }
  }
  /** @type {Piece[]} */
  const pieces = [];
  let [row, column] = [0, 0];
  while (row < old.length || column < young.length) {
    const here = row * width + column;
    if (row < old.length && column < young.length && old[row] === young[column]) {
      pieces.push(piece("both")(old[row]));
      row += 1;
      column += 1;
    } else if (column === young.length || (row < old.length && lengths[here + width] >= lengths[here + 1])) {
      pieces.push(piece("old")(old[row]));
      row += 1;
    } else {
      pieces.push(piece("new")(young[column]));
      column += 1;
    }
  }
  return pieces;
}

/**
 * @param {Piece[]} pieces
 * @returns {Piece[]} those of one side that follow each other made one
 */
function joined(pieces) {
  /** @type {Piece[]} */
  const result = [];
  for (const { side, text } of pieces) {
    const last = result.at(-1);
    if (last?.side === side) last.text += text;
    else result.push({ side, text });
  }
  return result;
}

/**
 * Read words that changed side by side together: a space alone holds no two changes apart.
 *
 * @param {Piece[]} pieces - of which no two of one side follow each other
 * @returns {Piece[]} what went before what came in its place
 */
function bridged(pieces) {
  /** @type {Piece[]} */
  const result = [];
  let [gone, came] = ["", ""];
  const close = () => {
    if (gone) result.push(piece("old")(gone));
    if (came) result.push(piece("new")(came));
    gone = came = "";
  };
  pieces.forEach(({ side, text }, place) => {
    const between = side === "both" && !text.trim() && 0 < place && place < pieces.length - 1;
    if (side === "both" && !between) {
      close();
      result.push({ side, text });
      return;
    }
    if (side !== "new") gone += text;
    if (side !== "old") came += text;
  });
  close();
  return result;
}
