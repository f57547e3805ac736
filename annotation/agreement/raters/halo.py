"""Say how far one rater's attributes move together beyond what the images explain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import scipy

from annotation.agreement.cells import Matrix
from annotation.agreement.ratings import Ratings, Values

from .severity import distance_from_rest

METHOD = (
    "mean correlation between attributes of one rater's scores, and of their distances from the other raters' means "
    "(what the images do not explain); 95 % interval by the jackknife over units on Fisher's z"
)
FEW_UNITS = "fewer than ten units with all attributes"
CONSTANT = "an attribute does not vary"


@dataclass(frozen=True)
class Halo:
    """How far one rater's attributes move together: `raw`, and `residual` once the images are taken out."""

    rater: str
    n_units: int
    raw: float | None
    residual: float | None
    low: float | None
    high: float | None
    method: str = METHOD
    note: str = ""


def halos(attributes: Mapping[str, Ratings]) -> tuple[Halo, ...]:
    """Return each rater's halo over two attributes or more; `low` and `high` bound the residual correlation.

    A rater whose residual correlation stands out lets one overall impression colour every attribute. Raise ValueError
    with fewer than two attributes.
    """
    if len(attributes) < 2:
        raise ValueError("halo needs two attributes or more")
    firsts = [ratings.first_occasion() for ratings in attributes.values()]
    tables = [_cells(first) for first in firsts]
    raters = sorted(set().union(*(first.raters for first in firsts)))
    return tuple(_halo(rater, tables) for rater in raters)


def _cells(first: Ratings) -> dict[tuple[str, str], tuple[float, float]]:
    distance = distance_from_rest(first)
    return {
        (first.raters[r], first.units[u]): (float(y), float(d))
        for r, u, y, d in zip(first.rater, first.unit, first.value, distance, strict=True)
        if np.isfinite(d)
    }


def _halo(rater: str, tables: Sequence[dict[tuple[str, str], tuple[float, float]]]) -> Halo:
    units = sorted(
        unit for name, unit in tables[0] if name == rater and all((rater, unit) in table for table in tables)
    )
    if len(units) < 10:
        return Halo(rater, len(units), None, None, None, None, note=FEW_UNITS)
    scores = np.array([[table[rater, unit] for table in tables] for unit in units])
    raw, residual = _mean_correlation(scores[:, :, 0]), _mean_correlation(scores[:, :, 1])
    if raw is None or residual is None:
        return Halo(rater, len(units), raw, None, None, None, note=CONSTANT)
    estimates = _without_each(scores[:, :, 1])
    # Fisher's z of a perfect correlation is infinite.
    z = np.arctanh(np.clip(np.where(np.isfinite(estimates), estimates, residual), -0.9999999, 0.9999999))
    n = len(z)
    reach = scipy.special.stdtrit(n - 1, 0.975) * np.sqrt((n - 1) / n * ((z - z.mean()) ** 2).sum())
    centre = np.arctanh(np.clip(residual, -0.9999999, 0.9999999))
    return Halo(rater, n, raw, residual, float(np.tanh(centre - reach)), float(np.tanh(centre + reach)))


def _mean_correlation(scores: Matrix) -> float | None:
    """Return the mean of the correlations between columns, or None where a column does not vary."""
    if (np.ptp(scores, axis=0) == 0).any():
        return None
    table = np.atleast_2d(np.corrcoef(scores.T))
    return float(table[np.triu_indices(len(table), 1)].mean())


def _without_each(scores: Matrix) -> Values:
    """Return the mean correlation with each row left out in turn, from sums; NaN where a column does not vary then."""
    deviations = scores - scores.mean(axis=0)
    n = len(deviations) - 1
    sums = -deviations
    products = deviations.T @ deviations - deviations[:, :, None] * deviations[:, None, :]
    covariance = products - sums[:, :, None] * sums[:, None, :] / n
    variance = np.einsum("ijj->ij", covariance)
    with np.errstate(divide="ignore", invalid="ignore"):
        table = covariance / np.sqrt(variance[:, :, None] * variance[:, None, :])
        varies = (variance > 1e-12 * (deviations**2).sum(axis=0)).all(axis=1)
    upper_triangle = np.triu_indices(scores.shape[1], 1)
    return np.where(varies, table[:, upper_triangle[0], upper_triangle[1]].mean(axis=1), np.nan)
