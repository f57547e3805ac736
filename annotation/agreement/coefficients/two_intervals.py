"""Give a coefficient other than alpha two intervals: for these raters, and for raters like these.

Both stand on the scale of log(1 - value), where agreement near 1 is not cut off (Moss, J. (2024). Measures of agreement
with multiple raters. Psychometrika 89, 517-541): the error over units by the delta method, with t on units - 1; for
raters like these the jackknife over raters on the same scale is added, with t on raters - 1, as for alpha.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy

from annotation.agreement.ratings import Ratings

from .intervals import (
    ALL_AGREE,
    FEWEST_RATERS,
    FEWEST_UNITS,
    LOWEST_COEFFICIENT,
    TOO_FEW_RATERS,
    TOO_FEW_UNITS,
    UNDEFINED_WITHOUT_ONE,
)
from .intervals import jackknife_variance as variance

METHOD = (
    "these raters: {} on log(1 - value), t(units - 1); raters like these: that plus the jackknife over raters, "
    "t(raters - 1), of more than 40 raters over 40 groups of them; 95%"
)
MOST_GROUPS = 40  # Of more raters than that, groups are left out in turn, as many as this.
NO_ERROR = "the units tell no error of the coefficient"
Compute = Callable[[Ratings], float | None]
Ends = tuple[float, float]


@dataclass(frozen=True)
class TwoIntervals:
    """Both intervals; None where there is none, with the reason in `note`."""

    these_raters: Ends | None
    raters_like_these: Ends | None
    method: str
    note: str = ""


def two_intervals(
    ratings: Ratings,
    value: float | None,
    error: float | None,
    compute: Compute,
    *,
    by: str = "linearised error",
    lowest: float = LOWEST_COEFFICIENT,
) -> TwoIntervals:
    """Return the intervals of a coefficient's value (from `lowest` to 1), given its standard error over units.

    `compute` gives the coefficient of any ratings, for the jackknife over raters; `by` says how the error was found.
    """
    method = METHOD.format(by)
    first = ratings.first_occasion()
    units = int((np.bincount(first.unit) >= 2).sum()) if first.n else 0
    reason = _why_not(value, error, units)
    if reason or value is None or error is None:
        return TwoIntervals(None, None, method, reason)
    centre, over_units = float(np.log1p(-value)), error / (1 - value)
    these_raters = _ends(centre, over_units, units - 1, lowest)
    over_raters, reason = _over_raters(first, compute)
    freedom = min(len(first.raters), MOST_GROUPS) - 1
    raters_like_these = (
        None if over_raters is None else _ends(centre, np.hypot(over_units, over_raters), freedom, lowest)
    )
    return TwoIntervals(these_raters, raters_like_these, method, reason)


def over_units(ratings: Ratings, compute: Compute) -> float | None:
    """Return the jackknife's standard error of a coefficient over units; None where a unit less leaves it undefined."""
    first = ratings.first_occasion()
    estimates = [compute(first.where(first.unit != unit)) for unit in range(len(first.units))]
    values = [estimate for estimate in estimates if estimate is not None]
    # A jackknife over the units that leave it defined would be too narrow.
    return float(np.sqrt(variance(np.array(values)))) if values and len(values) == len(estimates) else None


def _why_not(value: float | None, error: float | None, units: int) -> str:
    if value is None:
        return ""  # The coefficient says why itself.
    if value >= 1:
        return ALL_AGREE
    if units < FEWEST_UNITS:
        return TOO_FEW_UNITS
    return "" if error is not None and np.isfinite(error) else NO_ERROR


def _over_raters(first: Ratings, compute: Compute) -> tuple[float | None, str]:
    if len(first.raters) < FEWEST_RATERS:
        return None, TOO_FEW_RATERS
    # Each group costs a whole coefficient, so there are never more than these.
    groups = min(len(first.raters), MOST_GROUPS)
    estimates = [compute(first.where(first.rater % groups != group)) for group in range(groups)]
    values = np.array([np.nan if estimate is None else estimate for estimate in estimates])
    if not np.isfinite(values).all() or (values >= 1).any():
        return None, UNDEFINED_WITHOUT_ONE
    return float(np.sqrt(variance(np.log1p(-values)))), ""


def _ends(centre: float, error: float, freedom: int, lowest: float) -> Ends:
    reach = float(scipy.stats.t.ppf(0.975, freedom)) * error
    return max(lowest, float(-np.expm1(centre + reach))), float(-np.expm1(centre - reach))
