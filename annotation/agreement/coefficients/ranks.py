"""Compare raters' orders: Kendall's W, correlations of pairs and of each rater with the rest."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import scipy

from annotation.agreement.ratings import Ratings, Values

FEWEST = 3


@dataclass(frozen=True)
class Concordance:
    """Kendall's W with and without the correction for ties, and its chi-squared; None with the reason."""

    corrected: float | None
    uncorrected: float | None
    chi_squared: float | None
    note: str = ""


def complete_table(ratings: Ratings) -> Values | None:
    """Return units x raters where every rater rated every unit, else None."""
    first = ratings.first_occasion()
    if first.n != len(first.units) * len(first.raters) or not first.n:
        return None
    # Ratings are sorted by unit and rater, so those of a complete panel are a table already.
    return first.value.reshape(len(first.units), len(first.raters))


def kendall(ratings: Ratings) -> Concordance:
    """Return Kendall's W; needs every rater's rating of every unit.

    Kendall, M. G. & Babington Smith, B. (1939). Annals of Mathematical Statistics 10, 275-287.
    """
    table = complete_table(ratings)
    if table is None:
        return Concordance(None, None, None, "needs every rater's rating of every unit")
    n, m = table.shape
    if n < 2 or m < 2:
        return Concordance(None, None, None, "needs two units and two raters")
    rank_table = np.apply_along_axis(scipy.stats.rankdata, 0, table)
    squares = ((rank_table.sum(axis=1) - rank_table.sum(axis=1).mean()) ** 2).sum()
    ties = sum(
        float((counts**3 - counts).sum()) for counts in (np.unique(column, return_counts=True)[1] for column in table.T)
    )
    largest_sum = m**2 * (n**3 - n)
    if largest_sum == m * ties:
        return Concordance(None, None, None, "all ratings are the same")
    corrected = 12 * squares / (largest_sum - m * ties)
    return Concordance(float(corrected), float(12 * squares / largest_sum), float(m * (n - 1) * corrected))


def mean_correlation(ratings: Ratings) -> tuple[float | None, float | None]:
    """Return the mean Pearson and Spearman correlation over pairs of raters of a complete table, else None."""
    table = complete_table(ratings)
    if table is None or len(table) < FEWEST or (np.ptp(table, axis=0) == 0).any():
        return None, None
    pairs = list(combinations(table.T, 2))
    if not pairs:
        return None, None
    return (
        float(np.mean([scipy.stats.pearsonr(first, second).statistic for first, second in pairs])),
        float(np.mean([scipy.stats.spearmanr(first, second).statistic for first, second in pairs])),
    )


@dataclass(frozen=True)
class WithRest:
    """How a rater goes with the mean of the others on the same units; None below three or without variation."""

    rater: str
    n: int
    pearson: float | None
    spearman: float | None


def with_rest(ratings: Ratings) -> list[WithRest]:
    """Return for each rater the correlation with the mean of the other raters of the same unit."""
    first = ratings.first_occasion()
    size = np.bincount(first.unit, minlength=len(first.units))
    total = np.bincount(first.unit, weights=first.value, minlength=len(first.units))
    correlations = []
    for rater, name in enumerate(first.raters):
        rows = (first.rater == rater) & (size[first.unit] >= 2)
        scores = first.value[rows]
        unit = first.unit[rows]
        # A mean with the rater's own score in it would correlate by itself.
        rest_means = (total[unit] - scores) / (size[unit] - 1)
        if len(scores) < FEWEST or np.ptp(scores) == 0 or np.ptp(rest_means) == 0:
            correlations.append(WithRest(name, len(scores), None, None))
            continue
        correlations.append(
            WithRest(
                name,
                len(scores),
                float(scipy.stats.pearsonr(scores, rest_means).statistic),
                float(scipy.stats.spearmanr(scores, rest_means).statistic),
            )
        )
    return correlations
