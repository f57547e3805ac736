"""Say whether a score means the same in every category: is a rater stricter in one than in the others?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy

from annotation.agreement.ratings import Ratings, Values

from .severity import TOO_FEW, distance_from_rest

METHOD = (
    "severity in a category minus severity in all others, from the distance from the rest; Welch's 95 % interval, "
    "p values by Holm over all raters and categories"
)


@dataclass(frozen=True)
class CategoryShift:
    """How much stricter a rater is in a category than in the others, in points, with p after Holm."""

    rater: str
    category: str
    n: int
    value: float | None
    low: float | None
    high: float | None
    p: float | None
    method: str
    note: str = ""


def category_shifts(ratings: Ratings, category: Sequence[str]) -> tuple[CategoryShift, ...]:
    """Return, for each rater and category, how much stricter they are there than elsewhere.

    `category` names the category of each of `ratings.units`. Where no shift differs from zero, a score means the same
    in every category. A shift that all raters share is a difference between images, and cannot be told from it.
    """
    first = ratings.first_occasion()
    kinds = np.array(category)[np.searchsorted(np.array(ratings.units), np.array(first.units))][first.unit]
    distance = distance_from_rest(first)
    rows = [
        _shift(name, str(kind), distance[rater_rows & (kinds == kind)], distance[rater_rows & (kinds != kind)])
        for name, rater_rows in (
            (name, (first.rater == code) & np.isfinite(distance)) for code, name in enumerate(first.raters)
        )
        for kind in np.unique(kinds)
    ]
    test_rows = [j for j, row in enumerate(rows) if row.p is not None]
    for row, p in zip(test_rows, _holm([rows[j].p or 0.0 for j in test_rows]), strict=True):
        shift = rows[row]
        rows[row] = CategoryShift(
            shift.rater, shift.category, shift.n, shift.value, shift.low, shift.high, p, shift.method
        )
    return tuple(rows)


def _shift(rater: str, category: str, distances_inside: Values, distances_outside: Values) -> CategoryShift:
    n = len(distances_inside)
    if n < 3 or len(distances_outside) < 3 or np.ptp(distances_inside) + np.ptp(distances_outside) == 0:
        return CategoryShift(rater, category, n, None, None, None, None, METHOD, TOO_FEW)
    # One category has far fewer images than all others together, and may be noisier.
    test = scipy.stats.ttest_ind(distances_outside, distances_inside, equal_var=False)
    limits = test.confidence_interval(0.95)
    value = float(distances_outside.mean() - distances_inside.mean())
    return CategoryShift(rater, category, n, value, float(limits.low), float(limits.high), float(test.pvalue), METHOD)


def _holm(p: Sequence[float]) -> list[float]:
    order = np.argsort(p)
    adjusted_p = np.minimum(1, np.maximum.accumulate(np.array(p)[order] * np.arange(len(p), 0, -1)))
    result = np.empty(len(p))
    result[order] = adjusted_p
    return [float(each) for each in result]
