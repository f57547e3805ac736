"""Reduce repeats to cells: the mean of each rater's ratings of each unit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .ratings import Codes, Ratings, Values

Matrix = NDArray[np.float64]


def sums(codes: Codes, values: Values, size: int) -> Values:
    """Return the sum of the values at each code from 0 to size - 1."""
    return np.asarray(np.bincount(codes, values, size), dtype=np.float64)


@dataclass(frozen=True)
class Cells:
    """The mean of each rater's ratings of each unit.

    `design` has a row a cell and a column a fixed effect; `centre` was subtracted from `mean`. `within` is the sum of
    squares inside the cells, on `n_ratings - len(mean)` degrees of freedom.
    """

    unit: Codes
    rater: Codes
    count: Values
    mean: Values
    design: Matrix
    n_units: int
    n_raters: int
    n_ratings: int
    within: float
    centre: float

    @classmethod
    def of(cls, ratings: Ratings, design: Matrix | None = None, *, by_rater: bool = True) -> Cells:
        """Reduce ratings to cells; without `by_rater` every rating is a cell and raters are nobody in particular.

        `design` has a row a rating and defaults to the intercept; it must not vary within a cell.
        """
        # Taken off first, so that ratings that are all the same leave exact noughts however large they are.
        anchor = float(ratings.value[0])
        centre = anchor + float((ratings.value - anchor).mean())
        value = ratings.value - anchor - (centre - anchor)
        columns = np.ones((ratings.n, 1)) if design is None else np.asarray(design, dtype=np.float64)
        if not by_rater:
            one = np.ones(ratings.n)
            nobody = np.zeros(ratings.n, dtype=np.int64)
            return cls(ratings.unit, nobody, one, value, columns, len(ratings.units), 0, ratings.n, 0.0, centre)
        starts = np.ones(ratings.n, dtype=bool)
        starts[1:] = (np.diff(ratings.unit) != 0) | (np.diff(ratings.rater) != 0)
        cell = np.cumsum(starts) - 1
        count = np.bincount(cell).astype(np.float64)
        mean = np.bincount(cell, value) / count
        return cls(
            ratings.unit[starts],
            ratings.rater[starts],
            count,
            mean,
            columns[starts],
            len(ratings.units),
            len(ratings.raters),
            ratings.n,
            float(((value - mean[cell]) ** 2).sum()),
            centre,
        )

    @property
    def has_repeats(self) -> bool:
        """Return whether a rater rated a unit more than once."""
        return bool((self.count > 1).any())
