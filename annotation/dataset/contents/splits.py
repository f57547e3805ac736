"""Place images in train, validation and test, whole groups of near duplicates at a time, once and for ever.

The strata are the subcategories, and in each the bands of the released score, two points wide. Newcomers are taken
stratum by stratum, in an order drawn from the seed and the images' hashes; each group goes where most is missing, in
its stratum, its subcategory and in all. An image that has a place keeps it.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from annotation.images.components import connected_components

TRAIN, VALIDATION, TEST = "train", "validation", "test"
SPLITS = (TRAIN, VALIDATION, TEST)
TENTHS = {TRAIN: 8, VALIDATION: 1, TEST: 1}
ENOUGH_GROUPS = 10  # From here on neither validation nor test stays empty.

BAND = 2  # points

PLACED_REASON = "placed where its subcategory, its band of scores and the whole lacked most"
JOINED_REASON = "joined its near duplicates"


@dataclass(frozen=True)
class Member:
    """One image, its subcategory, its split ("" while it has none), and the name its group has in releases.

    `score` is the mean holistic score in points when it is placed, None where nobody asks any more. `group` is ""
    while it has no split.
    """

    sha256: str
    subcategory: str
    split: str = ""
    score: float | None = None
    group: str = ""

    @property
    def band(self) -> int:
        """Return the number of its band of scores, -1 without a score."""
        return -1 if self.score is None else int(self.score // BAND)


Stratum = tuple[str, int]
Pair = tuple[str, str]


@dataclass(frozen=True)
class Place:
    """Where a newcomer goes, why, and what its group is called: after the smallest SHA-256 in it at first."""

    split: str
    reason: str
    group: str


@dataclass(frozen=True)
class Placement:
    """Where newcomers go, by SHA-256, and which are held, as they would connect groups of these splits."""

    placed: dict[str, Place] = field(default_factory=dict)
    held: dict[str, tuple[str, ...]] = field(default_factory=dict)


def place(members: Iterable[Member], pairs: Iterable[Pair], seed: int) -> Placement:
    """Place the members that have no split yet. The result does not depend on their order, nor on that of the pairs.

    `pairs` are near duplicates by SHA-256. What is in a pair and no member connects its neighbours, but is not placed.
    Newcomers connected to images of one split join it; those connected to several are held, with these splits.
    """
    by_sha256 = {member.sha256: member for member in sorted(members, key=lambda member: member.sha256)}
    in_order = sorted({(min(pair), max(pair)) for pair in pairs})
    placement, balance = Placement(), _Balance()
    for member in by_sha256.values():
        if member.split:
            balance.add(member.split, (member.subcategory, member.band), 1)
    fresh = []
    for group, neighbours in _newcomers(by_sha256, in_order):
        splits = tuple(split for split in SPLITS if any(near.split == split for near in neighbours))
        if len(splits) > 1:
            placement.held.update((member.sha256, splits) for member in group)
        elif splits:
            balance.add(splits[0], _stratum(group), len(group))
            name = min(near.group or near.sha256 for near in neighbours)
            placement.placed.update((member.sha256, Place(splits[0], JOINED_REASON, name)) for member in group)
        else:
            fresh.append(group)
    fresh.sort(key=lambda group: (_stratum(group), _draw(group, seed)))
    is_large = len(fresh) + len({member.group for member in by_sha256.values() if member.split}) >= ENOUGH_GROUPS
    for n_remaining, group in zip(range(len(fresh), 0, -1), fresh, strict=True):
        empty = balance.empty() if is_large else []
        # When no more groups are left than splits are empty, each of them has to take one.
        split = empty[0] if n_remaining <= len(empty) else balance.neediest(_stratum(group), len(group))
        balance.add(split, _stratum(group), len(group))
        placement.placed.update((member.sha256, Place(split, PLACED_REASON, group[0].sha256)) for member in group)
    return placement


def connected_groups(members: Iterable[Member], pairs: Iterable[Pair]) -> list[tuple[str, ...]]:
    """Return where images placed apart are near duplicates, directly or through others: the smallest of each split."""
    splits = {member.sha256: member.split for member in members if member.split}
    groups = []
    for part in connected_components((), pairs):
        smallest: dict[str, str] = {}
        for sha256 in sorted(splits.keys() & set(part)):
            smallest.setdefault(splits[sha256], sha256)
        if len(smallest) > 1:
            groups.append(tuple(sorted(smallest.values())))
    return sorted(groups)


def _newcomers(by_sha256: Mapping[str, Member], pairs: Sequence[Pair]) -> Iterator[tuple[list[Member], list[Member]]]:
    """Yield the newcomers that are connected but not through placed images, with the placed ones they touch."""
    placed_images = {sha256 for sha256, member in by_sha256.items() if member.split}
    newcomer_pairs = [pair for pair in pairs if not placed_images & {*pair}]
    neighbours: dict[str, list[Member]] = defaultdict(list)
    for first, second in pairs:
        if first in placed_images and second not in placed_images:
            neighbours[second].append(by_sha256[first])
        elif second in placed_images and first not in placed_images:
            neighbours[first].append(by_sha256[second])
    newcomers = [sha256 for sha256 in by_sha256 if sha256 not in placed_images]
    ends = [sha256 for sha256 in neighbours if sha256 not in by_sha256]
    for part in connected_components([*newcomers, *ends], newcomer_pairs):
        group = sorted((by_sha256[sha256] for sha256 in part if sha256 in by_sha256), key=lambda member: member.sha256)
        if group:
            yield group, [near for sha256 in part for near in neighbours[sha256]]


class _Balance:
    """Numbers of images by split; by split and subcategory; by split and stratum."""

    def __init__(self) -> None:
        self.counts: Counter[tuple[str, str | Stratum]] = Counter()
        self.totals: Counter[str] = Counter()

    def add(self, split: str, stratum: Stratum, images: int) -> None:
        self.counts[split, stratum[0]] += images
        self.counts[split, stratum] += images
        self.totals[split] += images

    def empty(self) -> list[str]:
        return [split for split in (TEST, VALIDATION) if not self.totals[split]]

    def neediest(self, stratum: Stratum, size: int) -> str:
        """Return the split that lacks most once `size` images more are in; in whole tenths, so that ties are ties."""
        levels = (stratum, stratum[0])
        present = sum(self.counts[split, level] for split in SPLITS for level in levels) + self.totals.total()

        def shortage(split: str) -> int:
            target = TENTHS[split] * (present + size * (len(levels) + 1))
            return target - 10 * (sum(self.counts[split, level] for level in levels) + self.totals[split])

        # `max` takes the first of equals, so a tie goes to a small split.
        return max((TEST, VALIDATION, TRAIN), key=shortage)


def _stratum(group: list[Member]) -> Stratum:
    """Return the subcategory and band most members have, the first among equals."""
    strata = Counter((member.subcategory, member.band) for member in group)
    return min(strata, key=lambda stratum: (-strata[stratum], stratum))


def _draw(group: list[Member], seed: int) -> str:
    """Return the group's place in the drawing of lots; members are sorted, so the smallest hash speaks for all."""
    # A generator would draw otherwise with every newcomer; a hash gives a group its lot whoever else is there.
    return hashlib.sha256(f"{seed}:{group[0].sha256}".encode()).hexdigest()
