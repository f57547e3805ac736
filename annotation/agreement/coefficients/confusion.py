"""Say which categories raters take for each other: pairs of nominal answers to the same unit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy

from annotation.agreement.ratings import Ratings, Values

METHOD = (
    "pairs of raters on a unit, each unit weighing its number of ratings (pairs over ratings - 1), symmetric; "
    "Wilson's 95 % interval over the units that have the cell"
)
NO_PAIRS = "no unit has answers by two raters"


@dataclass(frozen=True)
class ConfusionCell:
    """How often two categories meet: `share` of all pairs, and of the pairs with either of them (`rate`).

    `low` and `high` bound the share of units on which the two meet, `n_units` of them.
    """

    first: str
    second: str
    pairs: float
    share: float
    rate: float
    unit_share: float
    low: float
    high: float
    n_units: int


@dataclass(frozen=True)
class Confusion:
    """The symmetric table (weighted pairs, a row and a column a category) and its off-diagonal cells by rate."""

    categories: tuple[str, ...]
    table: tuple[tuple[float, ...], ...]
    cells: tuple[ConfusionCell, ...]
    n_units: int
    n_ratings: int
    method: str = METHOD
    note: str = ""


def confusion(ratings: Ratings, names: dict[float, str] | None = None) -> Confusion:
    """Return which categories meet on the same unit; `names` names the codes that are the values.

    The table is Krippendorff's matrix of coincidences: its sum is the number of pairable answers.
    """
    first = ratings.first_occasion()
    pairable = first.where(np.bincount(first.unit)[first.unit] >= 2) if first.n else first
    if pairable.n == 0:
        return Confusion((), (), (), 0, 0, note=NO_PAIRS)
    values, code = np.unique(pairable.value, return_inverse=True)
    labels = tuple((names or {}).get(float(value), f"{value:g}") for value in values)
    counts = scipy.sparse.csr_array(
        (np.ones(pairable.n), (pairable.unit, code)), shape=(len(pairable.units), len(values))
    ).toarray()
    # Krippendorff's weight: a unit counts by its ratings, though its pairs grow with their square.
    share = 1 / (counts.sum(axis=1) - 1)
    # A rating makes no pair with itself.
    table = (counts * share[:, None]).T @ counts - np.diag(share @ counts)
    cells = [
        _cell(labels, table, counts, i, j)
        for i in range(len(values))
        for j in range(i + 1, len(values))
        if table[i, j] > 0
    ]
    cells.sort(key=lambda cell: (-cell.rate, cell.first, cell.second))
    rows = tuple(tuple(float(entry) for entry in row) for row in table)
    return Confusion(labels, rows, tuple(cells), len(pairable.units), pairable.n)


def _cell(labels: tuple[str, ...], table: Values, counts: Values, i: int, j: int) -> ConfusionCell:
    n = len(counts)
    n_both = int(((counts[:, i] > 0) & (counts[:, j] > 0)).sum())
    # Most cells are rare, where normal limits would fall below zero.
    limits = scipy.stats.binomtest(n_both, n).proportion_ci(0.95, method="wilson")
    pairs = float(2 * table[i, j])
    pairs_with_either = float(table[i].sum() + table[j].sum() + table[:, i].sum() + table[:, j].sum()) - float(
        table[i, i] + table[j, j] + 2 * table[i, j]
    )
    return ConfusionCell(
        labels[i], labels[j], pairs, pairs / float(table.sum()), pairs / pairs_with_either, n_both / n,
        float(limits.low), float(limits.high), n,
    )  # fmt: skip
