"""Compute Krippendorff's alpha from sums over units, and say why where it cannot be computed.

Krippendorff, K. (2011). Computing Krippendorff's alpha-reliability; Hayes, A. F. & Krippendorff, K. (2007).
Communication Methods and Measures 1, 77-89. alpha = 1 - D_o / D_e, with D_o the mean squared difference of the pairs
within a unit, each unit weighted by its ratings, and D_e that of all pairs of pairable values.

Nothing of the size units x values x values is ever made: for interval data both follow from sums and sums of squares,
for nominal data from counts; ordinal alpha is interval alpha on the mid-ranks of the pairable values, which change
with every replicate. Point values equal those of the `krippendorff` package.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from annotation.agreement.ratings import Codes, Ratings, Values

Level = Literal["nominal", "ordinal", "interval", "ratio"]
LEVELS: tuple[Level, ...] = ("nominal", "ordinal", "interval", "ratio")
NUMERIC: tuple[Level, ...] = ("interval", "ratio")
NO_PAIRS = "no image has answers from two experts yet"
NO_VARIATION = "all answers are the same; alpha needs variation"


@dataclass(frozen=True)
class Alpha:
    """Alpha (None where it is undefined, with the reason in `note`) and what it rests on.

    `n_units` and `n_ratings` count what can be paired: units with two ratings or more.
    """

    value: float | None
    level: Level
    n_units: int
    n_ratings: int
    n_raters: int
    note: str = ""


def alpha(ratings: Ratings, level: Level) -> Alpha:
    """Return alpha over the units with two ratings or more; repeats by the same rater are left out.

    Undefined, with the reason, when no unit has two ratings or when all ratings are equal: without variation there is
    nothing to agree about.
    """
    pairs = Pairable.of(ratings)
    note = "" if pairs.units else NO_PAIRS
    if pairs.units and pairs.is_constant:
        note = NO_VARIATION
    value = None if note else disagreement(pairs, level).alpha()
    return Alpha(value, level, pairs.units, len(pairs.value), len(ratings.raters), note)


@dataclass(frozen=True)
class Pairable:
    """The ratings of units with two or more, unit by unit: `start[u]` is where unit u begins, `size[u]` its n.

    `code` points into `values`, which ascend; `rater` names the rater of each by code.
    """

    unit: Codes
    rater: Codes
    value: Values
    code: Codes
    values: Values
    start: Codes
    size: Codes

    @classmethod
    def of(cls, ratings: Ratings) -> Pairable:
        """Take each rater's first rating of each unit that has two raters or more."""
        # People agree with themselves more than with others, so repeats would raise alpha.
        first = ratings.first_occasion()
        return cls.of_rows(first.unit, first.rater, first.value)

    @classmethod
    def of_rows(cls, unit: Codes, rater: Codes, value: Values) -> Pairable:
        """Take what can be paired from ratings in the order of their units, and number the units anew."""
        pairable = np.bincount(unit)[unit] >= 2 if len(unit) else np.zeros(0, dtype=bool)
        unit, rater, value = unit[pairable], rater[pairable], value[pairable]
        start = np.flatnonzero(np.diff(unit, prepend=-1))
        size = np.diff(start, append=len(unit))
        values, code = np.unique(value, return_inverse=True)
        unit_numbers = np.repeat(np.arange(len(size)), size)
        return cls(unit_numbers, rater, value, code.astype(np.int64), values, start, size)

    def without(self, rater: int) -> Pairable:
        """Leave out one rater, and the units that have only one rating then."""
        rows = self.rater != rater
        return Pairable.of_rows(self.unit[rows], self.rater[rows], self.value[rows])

    @property
    def raters(self) -> Codes:
        """Return the codes of the raters who share a unit with somebody."""
        return np.unique(self.rater)

    @property
    def units(self) -> int:
        """Return the number of units."""
        return len(self.size)

    @property
    def is_constant(self) -> bool:
        """Tell whether all values are the same."""
        return len(self.values) < 2

    def sums(self, terms: Values) -> Values:
        """Return the sum of something over the ratings of each unit."""
        return np.add.reduceat(terms, self.start)


def disagreement(pairs: Pairable, level: Level) -> Disagreement:
    """Return the sums that alpha at this level rests on."""
    return {"nominal": Nominal, "ordinal": Ordinal, "interval": Interval, "ratio": Ratio}[level](pairs)


class Disagreement:
    """Disagreement for any weights of the units: once for alpha itself, again for replicates and for units left out."""

    def __init__(self, pairs: Pairable) -> None:
        self.pairs = pairs

    def alpha(self, weights: Values | None = None) -> float:
        """Return alpha with each unit counted so many times (once by default); NaN without variation."""
        raise NotImplementedError

    def replicates(self, draws: Codes) -> Values:
        """Return alpha for each row of drawn units."""
        alphas = np.empty(len(draws))
        for row, units in enumerate(draws):
            alphas[row] = self.alpha(np.bincount(units, minlength=self.pairs.units).astype(np.float64))
        return alphas

    def without_each_unit(self) -> Values:
        """Return alpha with each unit left out in turn."""
        weights = np.ones(self.pairs.units)
        alphas = np.empty(self.pairs.units)
        for unit in range(self.pairs.units):
            weights[unit] = 0
            alphas[unit] = self.alpha(weights)
            weights[unit] = 1
        return alphas

    @property
    def leaves_out_quickly(self) -> bool:
        """Tell whether leaving out each unit costs no more than one pass over the ratings."""
        return True


class Interval(Disagreement):
    """The squared difference of values, from sums and sums of squares about the mean."""

    def __init__(self, pairs: Pairable) -> None:
        super().__init__(pairs)
        # About the mean, as sums of squares of large values would cancel to rounding.
        deviations = pairs.value - pairs.value.mean()
        size = pairs.size.astype(np.float64)
        total, square = pairs.sums(deviations), pairs.sums(deviations**2)
        d_o = 2 * (size * square - total**2) / (size - 1)
        self.columns = np.stack([size, total, square, d_o], axis=1)

    def alpha(self, weights: Values | None = None) -> float:
        """Return alpha with each unit counted so many times."""
        sums = self.columns.sum(axis=0) if weights is None else weights @ self.columns
        return float(self.from_sums(sums[None, :])[0])

    def replicates(self, draws: Codes) -> Values:
        """Return alpha for each row of drawn units: how often each was drawn, times four sums a unit."""
        times = np.stack([np.bincount(units, minlength=self.pairs.units) for units in draws])
        return self.from_sums(times.astype(np.float64) @ self.columns)

    def without_each_unit(self) -> Values:
        """Return alpha with each unit left out in turn."""
        return self.from_sums(self.columns.sum(axis=0) - self.columns)

    @staticmethod
    def from_sums(sums: Values) -> Values:
        """Return alpha from rows of n, sum, sum of squares and disagreement within units."""
        n, total, square, d_o = sums.T
        with np.errstate(divide="ignore", invalid="ignore"):
            d_e = 2 * (n * square - total**2) / (n - 1)
            # What rounding leaves of equal values is no variation.
            varies = n * square - total**2 > 1e-12 * n * square
            return np.where(varies, 1 - d_o / d_e, np.nan)


class CountDisagreement(Disagreement):
    """A difference that depends on the two values alone: 1 for nominal data, by ratio for ratio data.

    The disagreement within units never changes; that between all pairs follows from how often each value occurs.
    """

    def __init__(self, pairs: Pairable) -> None:
        super().__init__(pairs)
        self.size = pairs.size.astype(np.float64)
        self.squares = self.between_pairs()
        self.observed_disagreement = self.squares / (self.size - 1)

    def between_pairs(self) -> Values:
        """Return the sum of squared differences over the ordered pairs of each unit."""
        raise NotImplementedError

    def weighted_differences(self, counts: Values) -> Values:
        """Return for each value the sum of its squared differences from values that occur so often."""
        raise NotImplementedError

    def alpha(self, weights: Values | None = None) -> float:
        """Return alpha with each unit counted so many times."""
        weights = np.ones(self.pairs.units) if weights is None else weights
        sums = np.bincount(self.pairs.code, weights=weights[self.pairs.unit], minlength=len(self.pairs.values))
        counts = sums.astype(np.float64)
        n = weights @ self.size
        d_e = counts @ self.weighted_differences(counts) / (n - 1) if n > 1 else 0.0
        # A draw may hold one value only; NaN tells the bootstrap to draw again.
        return float(1 - weights @ self.observed_disagreement / d_e) if d_e > 0 else float("nan")

    def without_each_unit(self) -> Values:
        """Return alpha with each unit left out in turn."""
        counts = np.bincount(self.pairs.code, minlength=len(self.pairs.values)).astype(np.float64)
        differences = self.weighted_differences(counts)
        # (counts - unit)' D (counts - unit), with D symmetric and nought on its diagonal.
        d_e = counts @ differences - 2 * self.pairs.sums(differences[self.pairs.code]) + self.squares
        n = self.size.sum() - self.size
        d_o = self.observed_disagreement.sum() - self.observed_disagreement
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(d_e > 1e-12, 1 - d_o * (n - 1) / d_e, np.nan)


class Nominal(CountDisagreement):
    """0 for the same value and 1 for another."""

    def between_pairs(self) -> Values:
        """Return the number of ordered pairs of each unit that differ."""
        # One number for unit and value, since a table of units x values could be far larger than the ratings.
        key = self.pairs.unit * len(self.pairs.values) + self.pairs.code
        keys, counts = np.unique(key, return_counts=True)
        equal_pairs = np.bincount(keys // len(self.pairs.values), weights=counts**2.0, minlength=self.pairs.units)
        return self.size**2 - equal_pairs

    def weighted_differences(self, counts: Values) -> Values:
        """Return how many of the others differ from each value."""
        return np.asarray(counts.sum() - counts)


class Ratio(CountDisagreement):
    """((a - b) / (a + b)) squared; two noughts do not differ. Values are counted once each, so few are quick."""

    def between_pairs(self) -> Values:
        """Return the sum of squared ratios over the ordered pairs of each unit."""
        squares = np.zeros(self.pairs.units)
        # Units of one size form a rectangle, so that a loop runs over sizes instead of units.
        for size in np.unique(self.pairs.size):
            units = np.flatnonzero(self.pairs.size == size)
            values = self.pairs.value[self.pairs.start[units][:, None] + np.arange(size)]
            for place in range(size):
                squares[units] += _ratio(values, values[:, place : place + 1]).sum(axis=1)
        return squares

    def weighted_differences(self, counts: Values) -> Values:
        """Return the sum of squared ratios to values that occur so often, a thousand values at a time."""
        values = self.pairs.values
        blocks = np.array_split(np.arange(len(values)), max(1, len(values) // 1000))
        return np.concatenate([_ratio(values[block][:, None], values[None, :]) @ counts for block in blocks])


def _ratio(a: Values, b: Values) -> Values:
    total = a + b
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(total == 0, 0.0, ((a - b) / total) ** 2))


class Ordinal(Disagreement):
    """The squared difference of mid-ranks; they are ranked anew for every weighting."""

    def alpha(self, weights: Values | None = None) -> float:
        """Return alpha with each unit counted so many times."""
        pairs = self.pairs
        size = pairs.size.astype(np.float64)
        weights = np.ones(pairs.units) if weights is None else weights
        counts = np.bincount(pairs.code, weights=weights[pairs.unit], minlength=len(pairs.values))
        ranks = np.cumsum(counts) - counts / 2
        # Centred for the same reason as interval values.
        ranks -= counts @ ranks / counts.sum()
        midranks = ranks[pairs.code]
        total, square = pairs.sums(midranks), pairs.sums(midranks**2)
        d_o = 2 * (size * square - total**2) / (size - 1)
        return float(Interval.from_sums((weights @ np.stack([size, total, square, d_o], axis=1))[None, :])[0])

    @property
    def leaves_out_quickly(self) -> bool:
        """Tell that it does not: every unit left out ranks all values anew."""
        return False


def without_each_rater(pairs: Pairable, level: Level) -> dict[int, float | None]:
    """Return alpha with each rater left out in turn, by the rater's code; None where it is undefined then."""
    alphas: dict[int, float | None] = {}
    for rater in pairs.raters:
        # Units that are left with one rating go with the rater, so no sums can be reused.
        remainder = pairs.without(rater)
        is_defined = remainder.units > 0 and not remainder.is_constant
        alphas[int(rater)] = disagreement(remainder, level).alpha() if is_defined else None
    return alphas
