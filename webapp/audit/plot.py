"""Lay out a forest plot of coefficients with their intervals, to be drawn as SVG by a template (plain Python)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .figures import Row

WIDTH = 960
LEFT = 300  # left of it stand the names
RIGHT = 770  # right of it the figures
ROW = 34
TOP = 40
BOTTOM = 44
TICK = 0.2
# Krippendorff (2004), p. 241: lines to orient by, not a verdict.
REFERENCES = (0.667, 0.8)


@dataclass(frozen=True)
class Line:
    """Hold a vertical line at `x` with the value it stands for."""

    x: float
    value: float


@dataclass(frozen=True)
class Mark:
    """Hold one row of the plot; positions are None where there is nothing to draw."""

    row: Row
    y: float
    x: float | None
    low: float | None
    high: float | None
    wide_low: float | None
    wide_high: float | None


@dataclass(frozen=True)
class Plot:
    """Hold all positions of a plot, in the units of its view box."""

    width: int
    height: int
    top: int
    bottom: int
    left: int
    right: int
    ticks: Sequence[Line]
    references: Sequence[Line]
    marks: Sequence[Mark]


def forest_plot(rows: Sequence[Row]) -> Plot:
    """Place the rows from top to bottom, on an axis that reaches from the lowest value (at most 0) to 1."""
    lowest = _lowest(rows)

    def place(value: float | None) -> float | None:
        return None if value is None else round(LEFT + (value - lowest) / (1 - lowest) * (RIGHT - LEFT), 1)

    def lines(values: Iterable[float]) -> list[Line]:
        return [Line(x, value) for value in values if (x := place(value)) is not None]

    marks = [
        Mark(row, TOP + ROW * (number + 0.5), *map(place, (row.alpha, row.low, row.high, row.wide_low, row.wide_high)))
        for number, row in enumerate(rows)
    ]
    bottom = TOP + ROW * len(rows)
    steps = round((1 - lowest) / TICK)
    return Plot(
        width=WIDTH,
        height=bottom + BOTTOM,
        top=TOP,
        bottom=bottom,
        left=LEFT,
        right=RIGHT,
        ticks=lines(round(lowest + TICK * step, 1) for step in range(steps + 1)),
        references=lines(REFERENCES),
        marks=marks,
    )


def _lowest(rows: Iterable[Row]) -> float:
    values = [value for row in rows for value in (row.alpha, row.low, row.wide_low) if value is not None]
    return round(math.floor(min([0.0, *values]) / TICK + 1e-9) * TICK, 1)
