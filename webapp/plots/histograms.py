"""Histograms of scores, one a group, one below the other on one scale (plain Python)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .axis import Axis, Tick

WIDTH, LEFT, RIGHT, TOP = 960, 210, 720, 8
ROW, TALLEST, BOTTOM = 40, 33, 28


@dataclass(frozen=True)
class Group:
    """How many answers of one group gave each score, from the lowest; `figures` writes mean and spread out."""

    name: str
    counts: Sequence[int]
    mean: float | None
    figures: str = ""

    @property
    def n(self) -> int:
        """Return how many answers there are."""
        return sum(self.counts)


@dataclass(frozen=True)
class Bar:
    """One bar; its width is the same for all."""

    x: float
    y: float
    height: float


@dataclass(frozen=True)
class GroupRow:
    """The bars of one group on its base line, and where its mean stands."""

    group: Group
    base: float
    bars: Sequence[Bar]
    mean: float | None

    @property
    def pointer(self) -> str:
        """Return the corners of the triangle that points at the mean from below the base line."""
        x = self.mean or 0.0
        return f"{x:g},{self.base:g} {x - 4:g},{self.base + 6:g} {x + 4:g},{self.base + 6:g}"


@dataclass(frozen=True)
class Histograms:
    """All positions, in the units of the view box."""

    width: int
    left: int
    right: int
    top: int
    bottom: int
    bar: float
    ticks: Sequence[Tick]
    rows: Sequence[GroupRow]

    @property
    def height(self) -> int:
        """Return the height of the view box."""
        return self.bottom + BOTTOM


def histograms_of(groups: Sequence[Group], minimum: float, step: float) -> Histograms | None:
    """Place a histogram for each group; bars show shares of the group, as tall as the largest share of all groups."""
    bins = max((len(group.counts) for group in groups), default=0)
    if not bins:
        return None
    maximum = minimum + step * (bins - 1)
    # Half a step more at both ends, as bars stand around their scores.
    axis = Axis(minimum - step / 2, maximum + step / 2, LEFT, RIGHT)
    bar = (RIGHT - LEFT) / bins
    # One height for all, or a small group's few answers would tower over a large one's.
    largest = max(max(_shares(group.counts)) for group in groups) or 1.0
    rows = []
    for number, group in enumerate(groups):
        base = TOP + ROW * (number + 1)
        bars = [
            Bar(round(LEFT + bar * place + 1, 1), round(base - tall, 1), round(tall, 1))
            for place, share in enumerate(_shares(group.counts))
            if (tall := TALLEST * share / largest)
        ]
        rows.append(GroupRow(group, base, bars, axis.place(group.mean)))
    whole_points = [minimum + number for number in range(int(maximum - minimum) + 1)]
    bottom = TOP + ROW * len(rows)
    return Histograms(WIDTH, LEFT, RIGHT, TOP, bottom, round(bar - 2, 2), axis.marks(whole_points), rows)


def _shares(counts: Sequence[int]) -> list[float]:
    total = sum(counts) or 1
    return [count / total for count in counts]
