"""Place images in train, validation and test, whole groups of near duplicates at a time, once and for ever.

The strata are the subcategories, and in each the bands of the released score, two points wide. Newcomers are taken
stratum by stratum, in an order drawn from the seed and the images' hashes; each group goes where most is missing, in
its stratum, its subcategory and in all. An image that has a place
keeps it.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

TRAIN, VALIDATION, TEST = "train", "validation", "test"
SPLITS = (TRAIN, VALIDATION, TEST)
TENTHS = {TRAIN: 8, VALIDATION: 1, TEST: 1}
ENOUGH_GROUPS = 10  # From here on neither validation nor test stays empty.

BAND = 2  # points

PLACED = "placed where its subcategory, its band of scores and the whole lacked most"
JOINED = "joined its near duplicates"


@dataclass(frozen=True)
class Member:
    """Name one image, the group of its near duplicates, its subcategory, its split ("" while it has none).

    `score` is the mean holistic score in points when it is placed, None where nobody asks any more.
    """

    sha256: str
    group: int | str
    subcategory: str
    split: str = ""
    score: float | None = None

    @property
    def band(self) -> int:
        """Return the number of its band of scores, -1 without a score."""
        return -1 if self.score is None else int(self.score // BAND)


Stratum = tuple[str, int]


@dataclass(frozen=True)
class Placement:
    """Say where newcomers go and why, by SHA-256, and which are held back because they would tie splits together."""

    placed: dict[str, tuple[str, str]] = field(default_factory=dict)
    held_back: dict[str, tuple[str, ...]] = field(default_factory=dict)


def place(members: Iterable[Member], seed: int) -> Placement:
    """Place the members that have no split yet. The result does not depend on their order.

    A group whose members already lie in different splits takes nobody in: its newcomers are held back, with the
    splits they would tie together.
    """
    groups: dict[int | str, list[Member]] = defaultdict(list)
    for member in sorted(members, key=lambda member: member.sha256):
        groups[member.group].append(member)
    placement = Placement()
    balance = _Balance()
    fresh = []
    for group in groups.values():
        splits = tuple(split for split in SPLITS if any(member.split == split for member in group))
        if splits:
            _extend(group, splits, placement, balance)
        else:
            fresh.append(group)
    fresh.sort(key=lambda group: (_stratum(group), _draw(group, seed)))
    for left, group in zip(range(len(fresh), 0, -1), fresh, strict=True):
        empty = balance.empty() if len(groups) >= ENOUGH_GROUPS else []
        split = empty[0] if left <= len(empty) else balance.neediest(_stratum(group), len(group))
        balance.add(split, _stratum(group), len(group))
        placement.placed.update((member.sha256, (split, PLACED)) for member in group)
    return placement


def _extend(group: list[Member], splits: tuple[str, ...], placement: Placement, balance: _Balance) -> None:
    """Let the newcomers of a group join its split, or hold them back where its members lie in several."""
    for member in group:
        if member.split:
            balance.add(member.split, _stratum(group), 1)
        elif len(splits) == 1:
            balance.add(splits[0], _stratum(group), 1)
            placement.placed[member.sha256] = (splits[0], JOINED)
        else:
            placement.held_back[member.sha256] = splits


class _Balance:
    """Count images by split; by split and subcategory; by split and stratum."""

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
        there = sum(self.counts[split, level] for split in SPLITS for level in levels) + self.totals.total()

        def lacking(split: str) -> int:
            wanted = TENTHS[split] * (there + size * (len(levels) + 1))
            return wanted - 10 * (sum(self.counts[split, level] for level in levels) + self.totals[split])

        return max((TEST, VALIDATION, TRAIN), key=lacking)


def _stratum(group: list[Member]) -> Stratum:
    """Return the subcategory and band most members have, the first among equals."""
    found = Counter((member.subcategory, member.band) for member in group)
    return min(found, key=lambda stratum: (-found[stratum], stratum))


def _draw(group: list[Member], seed: int) -> str:
    """Return the group's place in the drawing of lots; members are sorted, so the smallest hash speaks for all."""
    return hashlib.sha256(f"{seed}:{group[0].sha256}".encode()).hexdigest()
