"""Lay out the curve of reliability against answers per image, to be drawn as SVG by a template (plain Python)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from annotation.design.planner import TARGETS, answers_for, reliability_of_mean

WIDTH, HEIGHT = 620, 330
LEFT, RIGHT, TOP, BOTTOM = 46, 600, 22, 278
FEWEST, MOST = 10, 60
STEPS = (1, 2, 5, 10, 20, 50, 100, 200, 500)


@dataclass(frozen=True)
class Point:
    """Hold a place on the plot and the value it stands for."""

    x: float
    y: float
    value: float


@dataclass(frozen=True)
class Curve:
    """Hold all positions of the plot, in the units of its view box."""

    points: str
    here: Point
    columns: Sequence[Point]
    rows: Sequence[Point]
    targets: Sequence[Point]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = RIGHT
    top: int = TOP
    bottom: int = BOTTOM


def reliability_curve(icc: float, answers_per_image: int) -> Curve:
    """Place the curve from one answer to as many as the targets need, 60 at most unless the plan has more."""
    last = max(FEWEST, min(answers_for(icc, max(TARGETS)), MOST), answers_per_image)

    def place(k: float, value: float) -> Point:
        x = LEFT + (k - 1) / (last - 1) * (RIGHT - LEFT)
        return Point(round(x, 1), round(BOTTOM - value * (BOTTOM - TOP), 1), value)

    stride = next((step for step in STEPS if last / step <= 12), STEPS[-1])
    marks = [1, *(k for k in range(stride, last + 1, stride) if k > 1)]
    counts = [1 + (last - 1) * part / 100 for part in range(101)]
    line = [place(k, reliability_of_mean(icc, k)) for k in counts]
    here = place(answers_per_image, reliability_of_mean(icc, answers_per_image))
    return Curve(
        points=" ".join(f"{point.x:g},{point.y:g}" for point in line),
        here=here,
        columns=[Point(place(k, 0).x, BOTTOM, k) for k in marks],
        rows=[place(1, value) for value in (0, 0.2, 0.4, 0.6, 1)],
        targets=[place(1, target) for target in TARGETS],
    )
