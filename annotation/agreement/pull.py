"""Say how far a model's score moves those who see it, from arms drawn at random.

Regressing (final - panel mean) on (model - panel mean) would show a slope near a half with no pull at all, since both
sides share the noise of the panel. Here the slope of the score on the model's score in an arm that shows it is set
against the same slope in the blind arm: the arms are drawn at random, so what quality and model share is in both.

Where those who see the model's score m move a share p of the way from their own y, the slopes differ by p (1 - b), b
being the blind slope; the share is the difference over (1 - b).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from .components import maximise
from .crossed import Cells, CrossedModel, Matrix
from .ratings import Ratings, Values
from .severity import from_the_rest

METHOD = (
    "slope of the score on the model's score in the arm minus that in the blind arm, units and raters random "
    "(generalised least squares at the REML variances); 95 % interval by the jackknife over raters, t with raters - 1 "
    "degrees of freedom"
)
RATER_METHOD = (
    "the same contrast in one rater's distances from the rest of the panel, shrunken toward the panel by the variance "
    "between raters (DerSimonian and Laird)"
)
HALO_METHOD = (
    "mean correlation between attributes of one rater's scores, and of their distances from the other raters' means "
    "(what the images do not explain); 95 % interval by the jackknife over units on Fisher's z"
)
BLIND = "blind"
FEWEST_RATERS = 4
FEWEST_ANSWERS = 5
NO_BLIND = "no blind answers to compare with"
NO_ARM = "no answers in this arm"
FEW_RATERS = "fewer than four raters; the interval needs four"
FLAT_MODEL = "the model gives every unit the same score"
SLOPE_ONE = "the blind slope is within two standard errors of 1; only the difference of slopes can be told"
REVISION_METHOD = (
    "least squares of (final - first) on (model - first) through the origin; 95 % interval by the jackknife over "
    "raters; a second look without a model may move answers too"
)
FEW_ANSWERS = "fewer than five answers in the arm or in the blind arm with another rater's beside them"
FEW_UNITS = "fewer than ten units with all attributes"


@dataclass(frozen=True)
class RaterPull:
    """Hold one rater's share of the way toward the model, raw and shrunken toward the panel's, with its error."""

    rater: str
    n_shown: int
    n_blind: int
    raw: float | None
    error: float | None
    shrunken: float | None
    note: str = ""


@dataclass(frozen=True)
class Pull:
    """Hold what an arm does to scores; None where undefined, with the reason in `note`.

    `difference` is the contrast of slopes, `value` the share of the way toward the model that it means.
    """

    arm: str
    value: float | None
    low: float | None
    high: float | None
    difference: float | None
    difference_low: float | None
    difference_high: float | None
    blind_slope: float | None
    n_shown: int
    n_blind: int
    n_units: int
    n_raters: int
    raters: tuple[RaterPull, ...]
    method: str = METHOD
    note: str = ""


def pull(ratings: Ratings, arm: Sequence[str] | NDArray[np.str_], model: Values, shown: str) -> Pull:
    """Return the pull of arm `shown`: final scores there against the blind arm's.

    `arm` and `model` (the model's score of the unit) have an entry a rating. Other arms and repeats are left out.
    """
    names = np.asarray(arm)
    kept = (names == shown) | (names == BLIND)
    kept[1:] &= (np.diff(ratings.unit) != 0) | (np.diff(ratings.rater) != 0)
    part, on, score = ratings.where(kept), (names == shown)[kept], np.asarray(model, dtype=np.float64)[kept]
    counts = (int(on.sum()), int((~on).sum()), len(part.units), len(part.raters))
    reason = _why_not(part, on, score)
    if reason:
        return Pull(shown, None, None, None, None, None, None, None, *counts, raters=(), note=reason)
    design = _design(on, score)
    ratios = maximise(Cells.of(part, design)).ratios

    def slopes(rows: NDArray[np.bool_]) -> tuple[float, float]:
        beta = CrossedModel(Cells.of(part.where(rows), design[rows])).solve(ratios).beta
        return float(beta[3]), float(beta[1])

    difference, blind = slopes(np.ones(part.n, dtype=bool))
    without = np.array([slopes(part.rater != code) for code in range(len(part.raters))])
    low, high, _ = _jackknife(difference, without[:, 0])
    note, share, share_low, share_high = SLOPE_ONE, None, None, None
    if 1 - blind > 2 * _jackknife(blind, without[:, 1])[2] and without[:, 1].max() < 1:
        note, share = "", difference / (1 - blind)
        share_low, share_high, _ = _jackknife(share, without[:, 0] / (1 - without[:, 1]))
    return Pull(
        shown, share, share_low, share_high, difference, low, high, blind, *counts,
        raters=_each(part, on, score, blind, share), note=note,
    )  # fmt: skip


@dataclass(frozen=True)
class Revision:
    """Hold the share of the way toward the model between first and final answers; None where undefined."""

    value: float | None
    low: float | None
    high: float | None
    n: int
    n_raters: int
    method: str = REVISION_METHOD
    note: str = ""


def revision(first: Values, final: Values, model: Values, rater: Sequence[str]) -> Revision:
    """Return how far people moved from their own first answer to the model's, all arrays with an entry an answer."""
    own, moved = np.asarray(model) - np.asarray(first), np.asarray(final) - np.asarray(first)
    names, code = np.unique(np.asarray(rater, dtype=object).astype(str), return_inverse=True)
    products, squares = np.bincount(code, own * moved), np.bincount(code, own * own)
    if len(names) < FEWEST_RATERS:
        return Revision(None, None, None, len(own), len(names), note=FEW_RATERS)
    left = squares.sum() - squares
    if left.min() == 0:
        return Revision(None, None, None, len(own), len(names), note="the model agrees with every first answer")
    value = float(products.sum() / squares.sum())
    low, high, _ = _jackknife(value, (products.sum() - products) / left)
    return Revision(value, low, high, len(own), len(names))


def _design(on: NDArray[np.bool_], score: Values) -> Matrix:
    """Return columns: intercept, the model's score, the arm, and the model's score in the arm."""
    centred = score - score.mean()
    return np.column_stack([np.ones(len(score)), centred, on, on * centred])


def _why_not(part: Ratings, on: NDArray[np.bool_], score: Values) -> str:
    if not on.any():
        return NO_ARM
    if on.all():
        return NO_BLIND
    if len(part.raters) < FEWEST_RATERS:
        return FEW_RATERS
    both = [np.ptp(score[rows]) for code in range(len(part.raters)) for rows in _left(part.rater != code, on)]
    return FLAT_MODEL if min(both) == 0 else ""


def _left(others: NDArray[np.bool_], on: NDArray[np.bool_]) -> list[NDArray[np.int64]]:
    """Return the rows of the arm and of the blind arm that are left without one rater; row 0 twice for none."""
    found = [np.flatnonzero(others & rows) for rows in (on, ~on)]
    return [rows if len(rows) else np.zeros(1, dtype=np.int64) for rows in found]


def _jackknife(value: float, without: Values) -> tuple[float, float, float]:
    """Return the 95 % limits and the standard error from the estimates without each rater."""
    r = len(without)
    error = np.sqrt((r - 1) / r * ((without - without.mean()) ** 2).sum())
    wide = float(special.stdtrit(r - 1, 0.975) * error)
    return value - wide, value + wide, float(error)


def _each(
    part: Ratings, on: NDArray[np.bool_], score: Values, blind: float, share: float | None
) -> tuple[RaterPull, ...]:
    """Return each rater's own contrast, divided by (1 - b) as the panel's, and shrunken toward it."""
    distance = from_the_rest(part)
    found: list[tuple[float, float] | None] = []
    counts = []
    for code in range(len(part.raters)):
        rows = (part.rater == code) & np.isfinite(distance)
        counts.append((int((rows & on).sum()), int((rows & ~on).sum())))
        enough = min(counts[-1]) >= FEWEST_ANSWERS and share is not None
        fits = [_slope(score[rows & side], distance[rows & side]) for side in (on, ~on)] if enough else [None, None]
        if fits[0] is None or fits[1] is None:
            found.append(None)
        else:
            found.append((fits[0][0] - fits[1][0], float(np.hypot(fits[0][1], fits[1][1]))))
    usable = [(d / (1 - blind), e / (1 - blind)) for d, e in (each for each in found if each is not None)]
    between = _between(usable)
    rows_out = []
    for name, (n_shown, n_blind), each in zip(part.raters, counts, found, strict=True):
        if each is None or share is None:
            rows_out.append(RaterPull(name, n_shown, n_blind, None, None, None, FEW_ANSWERS))
            continue
        raw, error = each[0] / (1 - blind), each[1] / (1 - blind)
        trust = between / (between + error**2) if between + error**2 > 0 else 0.0
        rows_out.append(RaterPull(name, n_shown, n_blind, raw, error, share + trust * (raw - share)))
    return tuple(rows_out)


def _slope(x: Values, y: Values) -> tuple[float, float] | None:
    """Return the least squares slope and its standard error, or None where x does not vary."""
    centred = x - x.mean()
    squares = float(centred @ centred)
    if squares == 0:
        return None
    slope = float(centred @ y) / squares
    left = y - y.mean() - slope * centred
    return slope, float(np.sqrt(left @ left / (len(x) - 2) / squares))


def _between(found: Sequence[tuple[float, float]]) -> float:
    """Return the variance between raters by moments. DerSimonian & Laird (1986), Controlled Clinical Trials 7, 177."""
    if len(found) < 2 or min(error for _, error in found) == 0:
        return 0.0
    values = np.array([value for value, _ in found])
    weight = 1 / np.array([error for _, error in found]) ** 2
    mean = weight @ values / weight.sum()
    excess = weight @ (values - mean) ** 2 - (len(found) - 1)
    return float(max(0.0, excess / (weight.sum() - (weight**2).sum() / weight.sum())))


@dataclass(frozen=True)
class Halo:
    """Hold how far one rater's attributes move together: `raw`, and `residual` once the images are taken out."""

    rater: str
    n_units: int
    raw: float | None
    residual: float | None
    low: float | None
    high: float | None
    method: str = HALO_METHOD
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
    distance = from_the_rest(first)
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
    both = np.array([[table[rater, unit] for table in tables] for unit in units])
    raw, residual = _mean_correlation(both[:, :, 0]), _mean_correlation(both[:, :, 1])
    if raw is None or residual is None:
        return Halo(rater, len(units), raw, None, None, None, note="an attribute does not vary")
    without = [_mean_correlation(np.delete(both[:, :, 1], j, axis=0)) for j in range(len(units))]
    z = np.arctanh(np.clip([residual if r is None else r for r in without], -0.9999999, 0.9999999))
    n = len(z)
    wide = special.stdtrit(n - 1, 0.975) * np.sqrt((n - 1) / n * ((z - z.mean()) ** 2).sum())
    middle = np.arctanh(np.clip(residual, -0.9999999, 0.9999999))
    return Halo(rater, n, raw, residual, float(np.tanh(middle - wide)), float(np.tanh(middle + wide)))


def _mean_correlation(scores: Matrix) -> float | None:
    """Return the mean of the correlations between columns, or None where a column does not vary."""
    if (np.ptp(scores, axis=0) == 0).any():
        return None
    table = np.atleast_2d(np.corrcoef(scores.T))
    return float(table[np.triu_indices(len(table), 1)].mean())
