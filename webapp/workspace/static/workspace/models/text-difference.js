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
  const [oldTokens, newTokens] = [before, after].map((text) => text.match(TOKEN) ?? []);
  let head = 0;
  while (head < oldTokens.length && head < newTokens.length && oldTokens[head] === newTokens[head]) head += 1;
  let tail = 0;
  const most = Math.min(oldTokens.length, newTokens.length) - head;
  while (tail < most && oldTokens.at(-1 - tail) === newTokens.at(-1 - tail)) tail += 1;
  /** @type {Piece[]} */
  const pieces = [
    ...oldTokens.slice(0, head).map(piece("both")),
    ...middle(oldTokens.slice(head, oldTokens.length - tail), newTokens.slice(head, newTokens.length - tail)),
    ...oldTokens.slice(oldTokens.length - tail).map(piece("both")),
  ];
  return bridged(mergePieces(pieces));
}

/**
 * @param {Piece[]} pieces
 * @returns {number} the share of the two texts' characters that stand in both, 0 to 1
 */
export function similarity(pieces) {
  const length = (/** @type {Piece} */ { side, text }) => text.trim().length * (side === "both" ? 2 : 1);
  const total = pieces.reduce((sum, part) => sum + length(part), 0);
  const common = pieces.filter(({ side }) => side === "both").reduce((sum, part) => sum + length(part), 0);
  return total ? common / total : 1;
}

/** @param {Side} side */
const piece = (side) => (/** @type {string} */ text) => ({ side, text });

/**
 * @param {string[]} oldTokens
 * @param {string[]} newTokens
 * @returns {Piece[]}
 */
function middle(oldTokens, newTokens) {
  const isLong = oldTokens.length * newTokens.length > MOST_PAIRS;
  if (isLong) return [...oldTokens.map(piece("old")), ...newTokens.map(piece("new"))];
  const width = newTokens.length + 1;
  // Length of the longest common subsequence of what begins at (row, column).
  const lengths = new Uint16Array((oldTokens.length + 1) * width);
  for (let row = oldTokens.length - 1; row >= 0; row -= 1) {
    for (let column = newTokens.length - 1; column >= 0; column -= 1) {
      const cell = row * width + column;
      const same = oldTokens[row] === newTokens[column];
      lengths[cell] = same ? lengths[cell + width + 1] + 1 : Math.max(lengths[cell + width], lengths[cell + 1]);
    }
  }
  /** @type {Piece[]} */
  const pieces = [];
  let [row, column] = [0, 0];
  while (row < oldTokens.length || column < newTokens.length) {
    const cell = row * width + column;
    if (row < oldTokens.length && column < newTokens.length && oldTokens[row] === newTokens[column]) {
      pieces.push(piece("both")(oldTokens[row]));
      row += 1;
      column += 1;
    } else if (column === newTokens.length || (row < oldTokens.length && lengths[cell + width] >= lengths[cell + 1])) {
      pieces.push(piece("old")(oldTokens[row]));
      row += 1;
    } else {
      pieces.push(piece("new")(newTokens[column]));
      column += 1;
    }
  }
  return pieces;
}

/**
 * @param {Piece[]} pieces
 * @returns {Piece[]} those of one side that follow each other made one
 */
function mergePieces(pieces) {
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
