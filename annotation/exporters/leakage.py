"""Look for pictures that show nearly the same in different splits, and in public benchmarks (NumPy).

Pictures are compared by pHash (64 bits; Zauner, C. (2010). Implementation and benchmarking of perceptual image hash
functions), each as shown against the other turned and mirrored in all eight ways.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from .splits import SPLITS

MOST_BITS = 6  # Pictures whose hashes differ in no more bits show nearly the same.
SHOWN_BITS = 12
AT_A_TIME = 256

Hashes = npt.NDArray[np.uint64]


@dataclass
class Fingerprints:
    """Collect the fingerprints of the pictures of a release, a hundred bytes each."""

    names: dict[str, list[str]] = field(default_factory=lambda: {split: [] for split in SPLITS})
    hashes: dict[str, list[tuple[int, ...]]] = field(default_factory=lambda: {split: [] for split in SPLITS})

    def add(self, row: Mapping[str, Any]) -> None:
        """Take one image's row; one without fingerprints is passed over."""
        if row["perceptual_hashes"]:
            self.names[row["split"]].append(row["sha256"])
            own = tuple(int(digits, 16) for digits in row["perceptual_hashes"])
            self.hashes[row["split"]].append((own * 8)[:8] if len(own) == 1 else own)

    def across_splits(self) -> Leaks:
        """Compare every picture with those of the other splits."""
        found = Leaks()
        for place, split in enumerate(SPLITS):
            for other in SPLITS[place + 1 :]:
                for bits, one, two in _near(_matrix(self.hashes[other]), _matrix(self.hashes[split])[:, 0]):
                    found.histogram[bits] = found.histogram.get(bits, 0) + 1
                    if bits <= MOST_BITS:
                        found.pairs.append([self.names[split][two], split, self.names[other][one], other, bits])
        found.pairs.sort()
        return found

    def overlap(self, benchmark: Benchmark) -> list[list[Any]]:
        """Return each picture that is in a benchmark: `sha256`, split, the benchmark's name for it, bits."""
        found = []
        for split in SPLITS:
            for bits, own, theirs in _near(_matrix(self.hashes[split]), benchmark.hashes):
                if bits <= MOST_BITS:
                    found.append([self.names[split][own], split, benchmark.names[theirs], bits])
        return sorted(found)


@dataclass
class Leaks:
    """Hold the pairs within reach, and how many pairs of different splits differ in so many bits (up to 12)."""

    pairs: list[list[Any]] = field(default_factory=list)
    histogram: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Benchmark:
    """Hold the list of a public benchmark's fingerprints; `sha256` is that of the list."""

    title: str
    sha256: str
    names: list[str]
    hashes: Hashes


def _matrix(rows: list[tuple[int, ...]]) -> Hashes:
    return np.array(rows, np.uint64).reshape(len(rows), 8)


def _near(turned: Hashes, plain: Hashes) -> Iterator[tuple[int, int, int]]:
    """Yield bits and the places of each pair, some rows at a time, so that memory stays bounded."""
    for start in range(0, len(turned), AT_A_TIME):
        some = turned[start : start + AT_A_TIME]
        least = np.full((len(some), len(plain)), 64, np.uint8)
        for way in range(some.shape[1]):
            np.minimum(least, np.bitwise_count(some[:, way, None] ^ plain[None, :]), out=least)
        for row, column in zip(*np.nonzero(least <= SHOWN_BITS), strict=True):
            yield int(least[row, column]), start + int(row), int(column)
