"""Tell whether two images show nearly the same, by two looks (NumPy).

The first look is quick and taken of all images: the distance of perceptual hashes (pHash, 64 bits; Zauner, C. (2010).
Implementation and benchmarking of perceptual image hash functions), of one image as it is and of the other turned and
mirrored in all eight ways. The second tells apart what the hash takes for the same, smooth images above all: the
correlation of the miniatures, the 32 by 32 grey levels from which pHash starts, again in all eight ways. Sums are of
whole numbers, exact whatever the order, so that the same images are judged alike on every machine.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

import numpy as np
import numpy.typing as npt

REACH = 14  # bits of pHash, up to which images get a second look
SURE = 950  # thousandths of correlation, from which they show nearly the same
UNSURE = 850  # thousandths, from which a person decides
HASH_ALONE = 6  # bits, up to which a person decides where there is nothing to look at a second time
SIDE = 32  # pixels of a miniature
AT_A_TIME = 256

Hashes = npt.NDArray[np.uint64]
Miniatures = npt.NDArray[np.uint8]


class Verdict(StrEnum):
    """What two looks can tell."""

    SAME = "same"
    UNSURE = "unsure"
    OTHER = "other"


def judge(bits: int, likeness: int | None) -> Verdict:
    """Say what a distance of hashes and a likeness amount to."""
    if likeness is None:
        return Verdict.UNSURE if bits <= HASH_ALONE else Verdict.OTHER
    if bits > REACH or likeness < UNSURE:
        return Verdict.OTHER
    return Verdict.SAME if likeness >= SURE else Verdict.UNSURE


def within_reach(turned: Hashes, plain: Hashes) -> Iterator[tuple[int, int, int]]:
    """Yield the bits and both places of each pair that deserves a second look, row by row.

    `turned` holds eight hashes a row, `plain` one an image. Some rows are taken at a time, so that memory stays
    bounded.
    """
    for start in range(0, len(turned), AT_A_TIME):
        some = turned[start : start + AT_A_TIME]
        # 64 is as far as hashes can lie apart; a byte each, for there is one for every pair of images.
        least = np.full((len(some), len(plain)), 64, np.uint8)
        for way in range(some.shape[1]):
            np.minimum(least, np.bitwise_count(some[:, way, None] ^ plain[None, :]), out=least)
        for row, column in zip(*np.nonzero(least <= REACH), strict=True):
            yield int(least[row, column]), start + int(row), int(column)


def likeness(one: Miniatures, others: Miniatures) -> list[int | None]:
    """Return how alike a miniature is to each of the others, however turned or mirrored, in thousandths.

    `one` has 1,024 grey levels, `others` as many a row. None stands where an image is plain: it has nothing by which
    to be told apart.
    """
    ways = _ways(one.astype(np.float64))  # Sums of squares of bytes are whole numbers that a double holds exactly.
    rows = others.astype(np.float64)
    size = one.size
    products = size * (ways @ rows.T).max(axis=0) - ways[0].sum() * rows.sum(axis=1)
    own = size * (ways[0] ** 2).sum() - ways[0].sum() ** 2
    theirs = size * (rows**2).sum(axis=1) - rows.sum(axis=1) ** 2
    comparable = (theirs > 0) & (own > 0)
    scale = np.sqrt(own) * np.sqrt(np.where(comparable, theirs, 1))
    thousandths = np.rint(1000 * products / np.where(comparable, scale, 1))
    return [int(value) if known else None for value, known in zip(thousandths, comparable, strict=True)]


def _ways(one: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the eight ways to turn and mirror a miniature, a row each, itself first."""
    square = one.reshape(SIDE, SIDE)
    turned = [np.rot90(way, turns) for way in (square, square.T) for turns in range(4)]
    return np.stack([way.ravel() for way in turned])
