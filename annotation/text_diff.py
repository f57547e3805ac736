"""Compare two texts and say which pieces stayed, went and came (plain Python)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

KEPT, GONE, NEW = "kept", "gone", "new"
# Words of languages that write spaces, spaces, and each other character by itself, as Chinese is read.
TOKEN = re.compile(r"[A-Za-z0-9\u00c0-\u024f'’-]+|\s+|.", re.DOTALL)


@dataclass(frozen=True)
class Piece:
    """Hold a stretch of text and its fate: kept, gone or new."""

    kind: str
    text: str


def inline(before: str, after: str) -> list[Piece]:
    """Return the pieces of both texts in reading order, what went before what came in its place.

    All but the new ones make up `before`, all but those gone make up `after`.
    """
    old, new = TOKEN.findall(before), TOKEN.findall(after)
    pieces = []
    for _tag, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if old[i:j] == new[k:m]:
            pieces.append(Piece(KEPT, "".join(old[i:j])))
            continue
        if j > i:
            pieces.append(Piece(GONE, "".join(old[i:j])))
        if m > k:
            pieces.append(Piece(NEW, "".join(new[k:m])))
    return pieces
