"""Counts by row and column as squares, the darker the more (plain Python)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH = 960
NAMES = 150
HEAD = 34
# With more than 45 names the smallest squares no longer fit into the width.
LARGEST, SMALLEST = 52, 18
DARKEST = 0.32  # So that figures on it stay readable, on screen and on paper.
LEAST_WITH_FIGURES = 26


@dataclass(frozen=True)
class Square:
    """One count with its place and its shade, from 0 to DARKEST."""

    x: float
    y: float
    middle_x: float
    middle_y: float
    n: int
    shade: float


@dataclass(frozen=True)
class Head:
    """The name of a row and the number that stands for it above its column."""

    name: str
    number: int
    x: float
    y: float


@dataclass(frozen=True)
class Matrix:
    """All positions of the squares, in the units of the view box."""

    size: float
    heads: Sequence[Head]
    squares: Sequence[Square]

    @property
    def width(self) -> float:
        """Return the width of the view box."""
        return NAMES + self.size * len(self.heads)

    @property
    def height(self) -> float:
        """Return the height of the view box."""
        return HEAD + self.size * len(self.heads) + 2

    @property
    def has_figures(self) -> bool:
        """Tell whether a figure fits into a square."""
        return self.size >= LEAST_WITH_FIGURES


def matrix_of(names: Sequence[str], counts: Sequence[Sequence[int]]) -> Matrix:
    """Place a square for each two names; the counts on the diagonal are of another kind and set no shade."""
    size = max(SMALLEST, min(LARGEST, (WIDTH - NAMES) // max(len(names), 1)))
    largest = max((n for i, row in enumerate(counts) for j, n in enumerate(row) if i != j), default=0)
    squares = [
        Square(
            NAMES + size * j, HEAD + size * i, NAMES + size * (j + 0.5), HEAD + size * (i + 0.5), n,
            0.0 if i == j or not largest else round(DARKEST * n / largest, 3),
        )
        for i, row in enumerate(counts)
        for j, n in enumerate(row)
    ]  # fmt: skip
    heads = [
        Head(name, place + 1, NAMES + size * (place + 0.5), HEAD + size * (place + 0.5))
        for place, name in enumerate(names)
    ]
    return Matrix(size, heads, squares)
