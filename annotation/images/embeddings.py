"""Tell by their embeddings whether two images show nearly the same, crops and other scans among them (NumPy).

An embedding is a vector of length one that an embedder of a worker made; the cosine of two says how alike the images
are. Its parts are brought to whole numbers before anything is summed up: sums are exact whatever their order, so that
the same embeddings give the same thousandths on every machine.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from .likeness import Verdict

SURE = 750
"""Thousandths of cosine, from which two images show nearly the same.

The authors of SSCD state that pairs above 0.75 are copies with a precision of 90 %, by `sscd_disc_mixup` on the million
images of DISC (https://github.com/facebookresearch/sscd-copy-detection, "Using SSCD embeddings"). A wrong pair is
the rarer, the fewer images there are: their number grows by the square.
"""
UNSURE = 500
"""Thousandths, from which a person decides.

From here on Somepalli, G., et al. (2023), Diffusion Art or Digital Forgery?, CVPR, count an image as replicated, by
the same embedding.
"""
STEPS = 4000  # to length one: the sum of products of whole numbers stays below 2**24, which a float32 holds exactly
AT_A_TIME = 2000  # embeddings to compare with, so that memory stays bounded

Embeddings = npt.NDArray[np.float32]


def judge(cosine: int) -> Verdict:
    """Say what a cosine in thousandths amounts to."""
    if cosine >= SURE:
        return Verdict.SAME
    return Verdict.UNSURE if cosine >= UNSURE else Verdict.OTHER


def objection(vector: bytes) -> str:
    """Return why these bytes are no embedding, little-endian float32 numbers of length one; empty when they are."""
    # It comes over the queue from a worker of whatever version, so that its length is not taken on trust.
    if not vector or len(vector) % 4:
        return f"an embedding has 4 bytes a number, not {len(vector)} in all"
    length = float(np.linalg.norm(np.frombuffer(vector, "<f4").astype(np.float64)))
    return "" if abs(length - 1) < 0.001 else f"an embedding has length 1, not {length:g}"


def to_whole_numbers(vectors: list[bytes]) -> Embeddings:
    """Return embeddings of one size as rows of whole numbers."""
    rows = np.frombuffer(b"".join(vectors), "<f4").reshape(len(vectors), -1)
    return np.rint(rows * np.float32(STEPS))


def near(block: Embeddings, candidates: Embeddings) -> Iterator[tuple[int, int, int]]:
    """Yield the cosine in thousandths, and the row in either, of each two that are or may be nearly the same."""
    # Measured anew: rounded to whole numbers, the vectors are no longer of exactly one length.
    lengths = [np.sqrt(np.einsum("ij,ij->i", rows, rows).astype(np.float64)) for rows in (block, candidates)]
    cosines = np.rint(1000 * (block @ candidates.T).astype(np.float64) / np.outer(*lengths)).astype(np.int64)
    for row, column in zip(*np.nonzero(cosines >= UNSURE), strict=True):
        yield int(cosines[row, column]), int(row), int(column)
