"""The curve of reliability against answers per image, of a campaign measured or planned (plain Python)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from annotation.design.planner import TARGETS, annotations_for, reliability_of_mean

from .axis import Axis, Tick, round_numbers

Point = tuple[float, float]  # answers per image, reliability

# Not 0.8, which is drawn as a target.
ROWS = (0, 0.2, 0.4, 0.6, 1)
# A plan's curve goes as far as its targets need, within these numbers of answers.
FEWEST, MOST = 10, 60
MOST_COLUMNS = 12
SEGMENTS = 100


@dataclass(frozen=True)
class Frame:
    """The box around a curve, in the units of the view box; `inset` keeps the first and last dot off its sides."""

    width: int
    height: int
    left: int
    right: int
    top: int
    bottom: int
    inset: tuple[int, int] = (0, 0)


MEASURED = Frame(width=960, height=330, left=56, right=930, top=12, bottom=270, inset=(24, 10))
PLANNED = Frame(width=620, height=330, left=46, right=600, top=22, bottom=278)


@dataclass(frozen=True)
class Dot:
    """One number of answers with the reliability it gives."""

    k: float
    value: float
    x: float
    y: float


@dataclass(frozen=True)
class Curve:
    """All positions of the plot; `band` is empty without an interval, `now` None off the axis."""

    frame: Frame
    rows: Sequence[Tick]
    targets: Sequence[Tick]
    columns: Sequence[Tick]
    points: str
    dots: Sequence[Dot]
    band: str = ""
    annotations_now: float | None = None


def measured_curve(steps: Sequence[Mapping[str, Any]], annotations_now: float | None) -> Curve | None:
    """Place the steps of a decision study and the number of answers an image has now; None without steps."""
    if not steps:
        return None
    line = [(step["k"], step["absolute"]) for step in steps]
    bounded_steps = [step for step in steps if step["low"] is not None]
    # Out along the upper ends and back along the lower ones: the corners of one area.
    outline = [(step["k"], step["high"]) for step in bounded_steps] + [
        (step["k"], step["low"]) for step in reversed(bounded_steps)
    ]
    # To 2 at least, as an axis from 1 to 1 has no length.
    return _curve(MEASURED, max(2, *(k for k, _ in line)), line, line, [k for k, _ in line], outline, annotations_now)


def planned_curve(icc: float, annotations_per_image: int) -> Curve:
    """Place the curve from one answer to as many as the targets need, 60 at most unless the plan has more."""
    most_annotations = max(FEWEST, min(annotations_for(icc, max(TARGETS)), MOST), annotations_per_image)
    counts = [1 + (most_annotations - 1) * part / SEGMENTS for part in range(SEGMENTS + 1)]
    line = [(k, reliability_of_mean(icc, k)) for k in counts]
    plan = (annotations_per_image, reliability_of_mean(icc, annotations_per_image))
    # Nobody gives half an answer.
    columns = [k for k in round_numbers(1, most_annotations, MOST_COLUMNS) if k > 1 and k.is_integer()]
    return _curve(PLANNED, most_annotations, line, [plan], [1, *columns])


def _curve(
    frame: Frame,
    most_annotations: float,
    line: Iterable[Point],
    dots: Iterable[Point],
    columns: Iterable[float],
    outline: Iterable[Point] = (),
    annotations_now: float | None = None,
) -> Curve:
    x_axis = Axis(1, most_annotations, frame.left + frame.inset[0], frame.right - frame.inset[1])
    y_axis = Axis(0, 1, frame.bottom, frame.top)

    def path(points: Iterable[Point]) -> str:
        return " ".join(f"{x_axis.position(k):g},{y_axis.position(value):g}" for k, value in points)

    return Curve(
        frame=frame,
        rows=y_axis.marks(ROWS),
        targets=y_axis.marks(TARGETS),
        columns=x_axis.marks(columns),
        points=path(line),
        dots=[Dot(k, value, x_axis.position(k), y_axis.position(value)) for k, value in dots],
        band=path(outline),
        annotations_now=None if x_axis.cuts(annotations_now) else x_axis.place(annotations_now),
    )
