"""Turn ratings in long form into the counts that agreement coefficients rest on."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Rating = tuple[Hashable, Hashable, float]


@dataclass(frozen=True)
class Table:
    """Hold ratings as counts.

    `counts[u, v]` says how many raters gave unit `u` the value `values[v]`; a unit not rated by someone simply has
    fewer. `values` ascend. `raters` is the number of different raters.
    """

    counts: NDArray[np.int64]
    values: NDArray[np.float64]
    raters: int

    @property
    def units(self) -> int:
        """Return the number of units with at least one rating."""
        return int(self.counts.shape[0])

    @property
    def ratings(self) -> int:
        """Return the number of ratings."""
        return int(self.counts.sum())

    def pairable(self) -> Table:
        """Keep the units with two ratings or more, which alone tell of agreement, and the values they use."""
        counts = self.counts[self.counts.sum(axis=1) >= 2]
        used = counts.sum(axis=0) > 0
        return Table(counts[:, used], self.values[used], self.raters)

    def distinct_values(self) -> int:
        """Return how many different values were given."""
        return int((self.counts.sum(axis=0) > 0).sum())


def tabulate(ratings: Iterable[Rating]) -> Table:
    """Count (unit, rater, value) triples. Raise ValueError when a rater rated a unit twice.

    Units are ordered by name, so that the result does not depend on the order of the ratings.
    """
    rows = sorted(ratings, key=lambda rating: (str(rating[0]), str(rating[1])))
    if len({(unit, rater) for unit, rater, _ in rows}) < len(rows):
        raise ValueError("a rater rated the same unit twice; repeats are another occasion, not another rater")
    units = {unit: index for index, unit in enumerate(dict.fromkeys(unit for unit, _, _ in rows))}
    values = sorted({float(value) for _, _, value in rows})
    column = {value: index for index, value in enumerate(values)}
    counts = np.zeros((len(units), len(values)), dtype=np.int64)
    for unit, _, value in rows:
        counts[units[unit], column[float(value)]] += 1
    return Table(counts, np.array(values), len({rater for _, rater, _ in rows}))
