"""Lay out the decision study: reliability against answers per image, with its interval as a band (plain Python)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .axis import Axis, Tick

WIDTH, HEIGHT = 960, 330
LEFT, RIGHT, TOP, BOTTOM = 56, 930, 12, 270
TARGETS = (0.8, 0.9)


@dataclass(frozen=True)
class Dot:
    """Hold one number of answers with the reliability it gives."""

    k: int
    x: float
    y: float


@dataclass(frozen=True)
class Curve:
    """Hold all positions of the curve; `band` is empty without an interval, `now` None off the axis."""

    width: int
    height: int
    left: int
    right: int
    top: int
    bottom: int
    rows: Sequence[Tick]
    targets: Sequence[Tick]
    columns: Sequence[Tick]
    dots: Sequence[Dot]
    points: str
    band: str
    now: float | None


def curve_of(steps: Sequence[Mapping[str, Any]], answers_now: float | None) -> Curve | None:
    """Place the steps of a decision study and the number of answers an image has now; None without steps."""
    if not steps:
        return None
    across = Axis(1, max(2, *(step["k"] for step in steps)), LEFT + 24, RIGHT - 10)
    up = Axis(0, 1, BOTTOM, TOP)
    dots = [Dot(step["k"], across.at(step["k"]), up.at(step["absolute"])) for step in steps]
    ends = [(dot.x, up.at(step["low"]), up.at(step["high"])) for dot, step in zip(dots, steps, strict=True)
            if step["low"] is not None]  # fmt: skip
    outline = [(x, high) for x, _, high in ends] + [(x, low) for x, low, _ in reversed(ends)]
    now = None if answers_now is None or across.cuts(answers_now) else across.at(answers_now)
    return Curve(
        WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM,
        up.marks([0, 0.2, 0.4, 0.6, 1]), up.marks(TARGETS), across.marks([step["k"] for step in steps]),
        dots, _path((dot.x, dot.y) for dot in dots), _path(outline), now,
    )  # fmt: skip


def _path(points: Iterable[tuple[float, float]]) -> str:
    return " ".join(f"{x:g},{y:g}" for x, y in points)
