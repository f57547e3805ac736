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


def within_reach(orientation_hashes: Hashes, image_hashes: Hashes) -> Iterator[tuple[int, int, int]]:
    """Yield the bits and both places of each pair that deserves a second look, row by row.

    `orientation_hashes` holds eight hashes a row, `image_hashes` one an image. Some rows are taken at a time, so that
    memory stays bounded.
    """
    for start in range(0, len(orientation_hashes), AT_A_TIME):
        block = orientation_hashes[start : start + AT_A_TIME]
        # 64 is as far as hashes can lie apart; a byte each, for there is one for every pair of images.
        distances = np.full((len(block), len(image_hashes)), 64, np.uint8)
        for orientation in range(block.shape[1]):
            np.minimum(distances, np.bitwise_count(block[:, orientation, None] ^ image_hashes[None, :]), out=distances)
        for row, column in zip(*np.nonzero(distances <= REACH), strict=True):
            yield int(distances[row, column]), start + int(row), int(column)


def likeness(miniature: Miniatures, miniatures: Miniatures) -> list[int | None]:
    """Return how alike a miniature is to each of the others, however turned or mirrored, in thousandths.

    `miniature` has 1,024 grey levels, `miniatures` as many a row. None stands where an image is plain: it has
    nothing by which to be told apart.
    """
    # Sums of squares of bytes are whole numbers that a double holds exactly.
    orientations = _orientations(miniature.astype(np.float64))
    rows = miniatures.astype(np.float64)
    size = miniature.size
    products = size * (orientations @ rows.T).max(axis=0) - orientations[0].sum() * rows.sum(axis=1)
    own_variance = size * (orientations[0] ** 2).sum() - orientations[0].sum() ** 2
    variances = size * (rows**2).sum(axis=1) - rows.sum(axis=1) ** 2
    comparable = (variances > 0) & (own_variance > 0)
    scale = np.sqrt(own_variance) * np.sqrt(np.where(comparable, variances, 1))
    thousandths = np.rint(1000 * products / np.where(comparable, scale, 1))
    return [int(value) if is_comparable else None for value, is_comparable in zip(thousandths, comparable, strict=True)]


def _orientations(miniature: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the eight ways to turn and mirror a miniature, a row each, itself first."""
    square = miniature.reshape(SIDE, SIDE)
    orientations = [np.rot90(orientation, turns) for orientation in (square, square.T) for turns in range(4)]
    return np.stack([orientation.ravel() for orientation in orientations])
