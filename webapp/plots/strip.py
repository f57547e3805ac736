"""Each expert's distance from the rest, and the model's, one row a field (plain Python)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .axis import Tick, axis_around
from .forest import NAMED, Layout


@dataclass(frozen=True)
class Band:
    """The experts' distances and the model's in one field, in points; `figures` writes them out."""

    name: str
    experts: Sequence[float]
    model: float | None
    figures: str = ""
    counts: str = ""
    note: str = ""


@dataclass(frozen=True)
class StripRow:
    """The places of one row, the experts' from the nearest to the farthest."""

    band: Band
    y: float
    experts: Sequence[float]
    model: float | None

    @property
    def nearest(self) -> float | None:
        """Return where the experts' band begins."""
        return self.experts[0] if self.experts else None

    @property
    def farthest(self) -> float | None:
        """Return where the experts' band ends."""
        return self.experts[-1] if self.experts else None

    @property
    def diamond(self) -> str:
        """Return the corners of the model's mark."""
        x, y = self.model or 0.0, self.y
        return f"{x:g},{y - 7:g} {x + 7:g},{y:g} {x:g},{y + 7:g} {x - 7:g},{y:g}"


@dataclass(frozen=True)
class Strip:
    """All positions, in the units of the view box."""

    layout: Layout
    bottom: int
    height: int
    ticks: Sequence[Tick]
    rows: Sequence[StripRow]


def strip_of(bands: Sequence[Band], layout: Layout = NAMED) -> Strip:
    """Place the distances on an axis from 0."""
    values = [value for band in bands for value in (*band.experts, band.model) if value is not None]
    axis = axis_around(values, layout.left, layout.right, minimum=0.0, maximum=1.0)
    rows = []
    for number, band in enumerate(bands):
        places = sorted(axis.position(value) for value in band.experts)
        y = layout.top + layout.row * (number + 0.5)
        rows.append(StripRow(band, y, places, axis.place(band.model)))
    bottom = layout.top + layout.row * len(rows)
    return Strip(layout, bottom, bottom + layout.bottom, axis.ticks(), rows)
