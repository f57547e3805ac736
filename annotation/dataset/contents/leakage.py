"""Look for images that show nearly the same in different splits, and in public benchmarks (NumPy).

The two looks are those of the import (`annotation/images/likeness.py`). Lists of benchmarks hold hashes only, so these
are compared by the first look alone, more strictly.
"""

from __future__ import annotations

import tempfile
from base64 import b64decode
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import numpy as np

from annotation.images.likeness import HASH_ALONE, SIDE, Hashes, Verdict, judge, likeness, within_reach

from .splits import SPLITS

PIXELS = SIDE * SIDE


class Fingerprints(ExitStack):
    """The fingerprints of the images of a release: a hundred bytes each in memory, miniatures in a file."""

    def __init__(self) -> None:
        super().__init__()
        self._names: dict[str, list[str]] = {split: [] for split in SPLITS}
        self._hashes: dict[str, list[tuple[int, ...]]] = {split: [] for split in SPLITS}
        self._places: dict[str, list[int]] = {split: [] for split in SPLITS}
        self._miniatures = self.enter_context(tempfile.TemporaryFile())  # noqa: SIM115
        self._count = 0

    def add(self, row: Mapping[str, Any]) -> None:
        """Take one image's row; one without fingerprints is passed over. Raise ValueError for a broken miniature."""
        if not row["perceptual_hashes"]:
            return
        split, hashes = row["split"], tuple(int(digits, 16) for digits in row["perceptual_hashes"])
        self._names[split].append(row["sha256"])
        # An image whose turned views are not known is compared as it stands, in a row of the same length.
        self._hashes[split].append((hashes * 8)[:8] if len(hashes) == 1 else hashes)
        self._places[split].append(self._keep(b64decode(row["miniature"], validate=True)) if row["miniature"] else -1)

    def across_splits(self) -> Leaks:
        """Compare every image with those of the other splits."""
        leaks = Leaks()
        for place, split in enumerate(SPLITS):
            for other_split in SPLITS[place + 1 :]:
                for bits, first, second, correlation in self._second_look(other_split, split):
                    verdict = judge(bits, correlation)
                    leaks.counts[verdict] += 1
                    if verdict != Verdict.OTHER:
                        names = [self._names[split][second], split, self._names[other_split][first], other_split]
                        leaks.pairs.append([*names, bits, correlation, str(verdict)])
        leaks.pairs.sort(key=lambda pair: (pair[0], pair[2]))
        return leaks

    def overlap(self, benchmark: Benchmark) -> list[list[Any]]:
        """Return each image that is in a benchmark: `sha256`, split, the benchmark's name for it, bits."""
        overlaps = []
        for split in SPLITS:
            for bits, place, benchmark_place in within_reach(_matrix(self._hashes[split]), benchmark.hashes):
                if bits <= HASH_ALONE:
                    overlaps.append([self._names[split][place], split, benchmark.names[benchmark_place], bits])
        return sorted(overlaps)

    def _keep(self, miniature: bytes) -> int:
        if len(miniature) != PIXELS:
            raise ValueError(f"a miniature has {PIXELS} grey levels, not {len(miniature)}")
        self._miniatures.seek(self._count * PIXELS)
        self._miniatures.write(miniature)
        self._count += 1
        return self._count - 1

    def _second_look(self, split: str, other_split: str) -> Iterator[tuple[int, int, int, int | None]]:
        """Yield bits, the place in either split, and the likeness of each pair within reach."""
        near_pairs = within_reach(_matrix(self._hashes[split]), _matrix(self._hashes[other_split])[:, 0])
        for first, pairs in groupby(near_pairs, key=lambda pair: pair[1]):
            pairs_of_first = list(pairs)
            places = [self._places[other_split][second] for _bits, _first, second in pairs_of_first]
            correlations = self._likenesses(self._places[split][first], places)
            for (bits, _first, second), value in zip(pairs_of_first, correlations, strict=True):
                yield bits, first, second, value

    def _likenesses(self, reference: int, places: list[int]) -> list[int | None]:
        """Return how alike a miniature is to others by their places in the file; None where one is not known."""
        known_places = [place for place in places if place >= 0]
        if reference < 0 or not known_places:
            return [None] * len(places)
        miniatures = np.frombuffer(b"".join(map(self._read, known_places)), np.uint8).reshape(len(known_places), PIXELS)
        values = iter(likeness(np.frombuffer(self._read(reference), np.uint8), miniatures))
        return [next(values) if place >= 0 else None for place in places]

    def _read(self, place: int) -> bytes:
        self._miniatures.seek(place * PIXELS)
        return self._miniatures.read(PIXELS)


@dataclass
class Leaks:
    """The pairs of different splits that are or may be near duplicates, and how many got a second look."""

    pairs: list[list[Any]] = field(default_factory=list)
    counts: dict[Verdict, int] = field(default_factory=lambda: dict.fromkeys(Verdict, 0))


@dataclass(frozen=True)
class Benchmark:
    """The list of a public benchmark's fingerprints; `sha256` is that of the list."""

    title: str
    sha256: str
    names: list[str]
    hashes: Hashes


def _matrix(rows: list[tuple[int, ...]]) -> Hashes:
    return np.array(rows, np.uint64).reshape(len(rows), 8)
