"""The axis of every plot: values along a line, with round numbers to read them by (plain Python)."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

MOST_TICKS = 8
STEPS = (1, 2, 2.5, 5, 10)


@dataclass(frozen=True)
class Tick:
    """A position with the value it stands for, and the value in figures."""

    position: float
    value: float
    text: str


@dataclass(frozen=True)
class Axis:
    """A line on which `low` lies at `start` and `high` at `end`; what is beyond stays at the edge."""

    low: float
    high: float
    start: float
    end: float

    def place(self, value: float | None) -> float | None:
        """Return where a value stands, None for none."""
        return None if value is None else self.position(value)

    def position(self, value: float) -> float:
        """Return where a value stands."""
        inside = min(max(value, self.low), self.high)
        # To a tenth of a unit, which nobody sees, so that the last bits of a float never change the page.
        return round(self.start + (inside - self.low) / (self.high - self.low) * (self.end - self.start), 1)

    def cuts(self, value: float | None) -> bool:
        """Tell whether a value lies beyond the axis."""
        return value is not None and not self.low <= value <= self.high

    def ticks(self, maximum: int = MOST_TICKS) -> list[Tick]:
        """Return round numbers along the axis, at most so many intervals apart."""
        return self.marks(round_numbers(self.low, self.high, maximum))

    def marks(self, values: Iterable[float]) -> list[Tick]:
        """Return positions of the values that lie on the axis."""
        return [Tick(self.position(value), value, figure(value)) for value in values if not self.cuts(value)]


def axis_around(values: Iterable[float | None], start: float, end: float, *, minimum: float, maximum: float) -> Axis:
    """Return an axis with round ends that holds all values, and at least what lies from `least` to `most`."""
    numbers = [value for value in values if value is not None]
    low, high = min([minimum, *numbers]), max([maximum, *numbers])
    step = _step(low, high)
    # 0.3 / 0.1 is a little less than 3: without some slack a round end would move out by a whole step.
    low, high = math.floor(low / step + 1e-9) * step, math.ceil(high / step - 1e-9) * step
    return Axis(round(low, 9), round(high, 9), start, end)


def round_numbers(low: float, high: float, maximum: int = MOST_TICKS) -> list[float]:
    """Return the round numbers from low to high, at most so many intervals apart."""
    step = _step(low, high, maximum)
    lowest, highest = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    # Adding 0 turns -0.0, which would be written with a minus sign, into 0.0.
    return [round(number * step, 9) + 0.0 for number in range(lowest, highest + 1)]


def figure(value: float) -> str:
    """Write a value with as few digits as it needs, and a true minus sign."""
    return f"{value:.6g}".replace("-", "−")


def _step(low: float, high: float, maximum: int = MOST_TICKS) -> float:
    smallest = (high - low) / maximum
    size = 10.0 ** math.floor(math.log10(smallest))
    return float(next(size * step for step in STEPS if size * step >= smallest * (1 - 1e-9)))
