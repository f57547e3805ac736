"""The forest plot: a row for each value, with a bar and a thin line for its two intervals (plain Python)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from .axis import Axis, Tick, axis_around

# Krippendorff (2004), p. 241: lines to orient by, not a verdict.
REFERENCES = (0.667, 0.8)
CHANCE, PERFECT, LOWEST = 0.0, 1.0, -1.0
LEAST_IN_SMALL = -0.5


@dataclass(frozen=True)
class Reading:
    """One value with the ends of its intervals, all None where there are none, and the words beside it.

    `figures` and `wide_figures` write the value and the wide interval out, `counts` says what they rest on, and `note`
    why there is no value.
    """

    name: str
    value: float | None
    low: float | None = None
    high: float | None = None
    wide_low: float | None = None
    wide_high: float | None = None
    figures: str = ""
    wide_figures: str = ""
    counts: str = ""
    note: str = ""

    @property
    def ends(self) -> tuple[float | None, ...]:
        """Return all that must lie on the axis."""
        return (self.value, self.low, self.high, self.wide_low, self.wide_high)


@dataclass(frozen=True)
class Layout:
    """Where things stand, in units of the view box: the axis from `left` to `right`, then the figures."""

    width: int
    left: int
    right: int
    row: int
    top: int
    bottom: int = 26
    counts: int | None = None
    wide: bool = False
    ticks: int = 8


FULL = Layout(width=960, left=320, right=680, row=28, top=44, counts=298, wide=True)
PLAIN = Layout(width=960, left=320, right=790, row=26, top=18, counts=298)
NAMED = replace(PLAIN, bottom=46)  # With the name of the axis below it.
SMALL = Layout(width=560, left=238, right=425, row=22, top=18, counts=222, ticks=4)


@dataclass(frozen=True)
class Span:
    """Both ends of an interval, and whether it goes on beyond the axis."""

    low: float
    high: float
    cut_low: bool
    cut_high: bool


@dataclass(frozen=True)
class Mark:
    """One row of the plot; positions are None where there is nothing to draw."""

    reading: Reading
    y: float
    x: float | None
    span: Span | None
    wide: Span | None


@dataclass(frozen=True)
class Forest:
    """All positions of a plot, in the units of its view box."""

    layout: Layout
    axis: Axis
    ticks: Sequence[Tick]
    references: Sequence[Tick]
    marks: Sequence[Mark]

    @property
    def bottom(self) -> int:
        """Return where the rows end."""
        return self.layout.top + self.layout.row * len(self.marks)

    @property
    def height(self) -> int:
        """Return the height of the view box."""
        return self.bottom + self.layout.bottom


def forest_of_alpha(readings: Sequence[Reading], layout: Layout = FULL) -> Forest:
    """Place coefficients from their lowest end, at most 0 and at least -1, to 1."""
    return _forest(readings, _axis_of_alpha(readings, layout, LOWEST), layout, REFERENCES)


def small_forests(parts: Sequence[Sequence[Reading]], layout: Layout = SMALL) -> list[Forest]:
    """Place coefficients in small plots that share one axis, so that they can be compared."""
    axis = _axis_of_alpha([reading for readings in parts for reading in readings], layout, LEAST_IN_SMALL)
    return [_forest(readings, axis, layout, REFERENCES) for readings in parts]


def forest_around(readings: Sequence[Reading], reach: float, layout: Layout = NAMED) -> Forest:
    """Place values on both sides of 0, at least from -reach to reach."""
    farthest = max([reach, *(abs(end) for reading in readings for end in reading.ends if end is not None)])
    # As far to either side, so that 0 stands in the middle and lengths compare.
    axis = axis_around((), layout.left, layout.right, minimum=-farthest, maximum=farthest)
    return _forest(readings, axis, layout, ())


def forest_of_shares(readings: Sequence[Reading], references: Sequence[float], layout: Layout = PLAIN) -> Forest:
    """Place shares, from 0 to 1 and farther where a value lies there."""
    axis = axis_around(
        (end for reading in readings for end in reading.ends), layout.left, layout.right, minimum=0.0, maximum=1.0
    )
    return _forest(readings, axis, layout, references)


def _axis_of_alpha(readings: Iterable[Reading], layout: Layout, lowest: float) -> Axis:
    ends = [max(end, lowest) for reading in readings for end in reading.ends if end is not None]
    return axis_around(ends, layout.left, layout.right, minimum=CHANCE, maximum=PERFECT)


def _forest(readings: Sequence[Reading], axis: Axis, layout: Layout, references: Sequence[float]) -> Forest:
    marks = [
        Mark(
            reading,
            layout.top + layout.row * (number + 0.5),
            axis.place(reading.value),
            _span(axis, reading.low, reading.high),
            _span(axis, reading.wide_low, reading.wide_high),
        )
        for number, reading in enumerate(readings)
    ]
    return Forest(layout, axis, axis.ticks(layout.ticks), axis.marks(references), marks)


def _span(axis: Axis, low: float | None, high: float | None) -> Span | None:
    if low is None or high is None:
        return None
    return Span(axis.position(low), axis.position(high), low < axis.low, high > axis.high)
