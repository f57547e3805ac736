"""Say whether a score means the same in every category: is a rater stricter in one than in the others?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy

from annotation.agreement.ratings import Ratings, Values

from .severity import TOO_FEW, from_the_rest

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
    distance = from_the_rest(first)
    rows = [
        _shift(name, str(kind), distance[here & (kinds == kind)], distance[here & (kinds != kind)])
        for name, here in (
            (name, (first.rater == code) & np.isfinite(distance)) for code, name in enumerate(first.raters)
        )
        for kind in np.unique(kinds)
    ]
    tested = [j for j, row in enumerate(rows) if row.p is not None]
    for row, p in zip(tested, _holm([rows[j].p or 0.0 for j in tested]), strict=True):
        old = rows[row]
        rows[row] = CategoryShift(old.rater, old.category, old.n, old.value, old.low, old.high, p, old.method)
    return tuple(rows)


def _shift(rater: str, category: str, inside: Values, outside: Values) -> CategoryShift:
    n = len(inside)
    if n < 3 or len(outside) < 3 or np.ptp(inside) + np.ptp(outside) == 0:
        return CategoryShift(rater, category, n, None, None, None, None, METHOD, TOO_FEW)
    # One category has far fewer images than all others together, and may be noisier.
    tested = scipy.stats.ttest_ind(outside, inside, equal_var=False)
    limits = tested.confidence_interval(0.95)
    value = float(outside.mean() - inside.mean())
    return CategoryShift(rater, category, n, value, float(limits.low), float(limits.high), float(tested.pvalue), METHOD)


def _holm(p: Sequence[float]) -> list[float]:
    order = np.argsort(p)
    raised = np.minimum(1, np.maximum.accumulate(np.array(p)[order] * np.arange(len(p), 0, -1)))
    out = np.empty(len(p))
    out[order] = raised
    return [float(each) for each in out]
