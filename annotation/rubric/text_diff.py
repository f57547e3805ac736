"""Compare two texts and say which pieces stayed, went and came (plain Python)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

KEPT, GONE, NEW = "kept", "gone", "new"
LEAST_SHARED = 0.5
# Words of languages that write spaces, spaces, and each other character by itself, as Chinese is read.
TOKEN = re.compile(r"[A-Za-z0-9\u00c0-\u024f'’-]+|\s+|.", re.DOTALL)


@dataclass(frozen=True)
class Piece:
    """Hold a stretch of text and its fate: kept, gone or new."""

    kind: str
    text: str


def inline(before: str, after: str) -> list[Piece]:
    """Return the pieces of both texts in reading order, what went before what came in its place.

    All but the new ones make up `before`, all but those gone make up `after`. Texts that share less than half of their
    words stand one after the other as a whole: nobody reads a text through the holes of another.
    """
    old, new = TOKEN.findall(before), TOKEN.findall(after)
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    if matcher.ratio() < LEAST_SHARED:
        return _changed(before, after)
    pieces: list[Piece] = []
    gone = came = ""
    blocks = matcher.get_opcodes()
    for place, (tag, i, j, k, m) in enumerate(blocks):
        kept = "".join(old[i:j])
        if tag != "equal" or (not kept.strip() and 0 < place < len(blocks) - 1):  # A space alone holds no two apart.
            gone, came = gone + kept, came + "".join(new[k:m])
            continue
        pieces += [*_changed(gone, came), Piece(KEPT, kept)]
        gone = came = ""
    return pieces + _changed(gone, came)


def _changed(gone: str, came: str) -> list[Piece]:
    return [Piece(kind, text) for kind, text in ((GONE, gone), (NEW, came)) if text]
