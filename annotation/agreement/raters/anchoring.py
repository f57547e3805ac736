"""Say how far a model's score moves those who see it, from arms drawn at random.

Regressing (final - panel mean) on (model - panel mean) would show a slope near a half with no anchoring at all, since
both sides share the noise of the panel. Here the slope of the score on the model's score in an arm that shows it is set
against the same slope in the blind arm: the arms are drawn at random, so what quality and model share is in both.

Where those who see the model's score m move a share p of the way from their own y, the slopes differ by p (1 - b), b
being the blind slope; the share is the difference over (1 - b).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from annotation.agreement.cells import Cells, Matrix
from annotation.agreement.ratings import Ratings, Values
from annotation.agreement.variance.components import maximise
from annotation.agreement.variance.crossed import CrossedModel

from .severity import distance_from_rest

METHOD = (
    "slope of the score on the model's score in the arm minus that in the blind arm, units and raters random "
    "(generalised least squares at the REML variances); 95 % interval by the jackknife over raters, t with raters - 1 "
    "degrees of freedom"
)
BLIND = "blind"
FEWEST_RATERS = 4
FEWEST_ANNOTATIONS = 5
NO_BLIND = "no blind answers to compare with"
NO_ARM = "no answers in this arm"
FEW_RATERS = "fewer than four raters; the interval needs four"
FLAT_MODEL = "the model gives every unit the same score"
SLOPE_ONE = "the blind slope is within two standard errors of 1; only the difference of slopes can be told"
REVISION_METHOD = (
    "least squares of (final - first) on (model - first) through the origin; 95 % interval by the jackknife over "
    "raters; a second look without a model may move answers too"
)
FEW_ANNOTATIONS = "fewer than five answers in the arm or in the blind arm with another rater's beside them"


@dataclass(frozen=True)
class RaterAnchoring:
    """One rater's share of the way toward the model, raw and shrunken toward the panel's, with its error."""

    rater: str
    n_shown: int
    n_blind: int
    raw: float | None
    error: float | None
    shrunken: float | None
    note: str = ""


@dataclass(frozen=True)
class Anchoring:
    """What an arm does to scores; None where undefined, with the reason in `note`.

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
    raters: tuple[RaterAnchoring, ...]
    method: str = METHOD
    note: str = ""


def anchoring(ratings: Ratings, arm: Sequence[str] | NDArray[np.str_], model: Values, arm_name: str) -> Anchoring:
    """Return the anchoring of arm `arm_name`: final scores there against the blind arm's.

    `arm` and `model` (the model's score of the unit) have an entry a rating. Other arms and repeats are left out.
    """
    names = np.asarray(arm)
    arm_rows = (names == arm_name) | (names == BLIND)
    # Ratings are sorted by unit and rater, so a second one of the same kind is a repeat.
    arm_rows[1:] &= (np.diff(ratings.unit) != 0) | (np.diff(ratings.rater) != 0)
    part, in_arm = ratings.where(arm_rows), (names == arm_name)[arm_rows]
    score = np.asarray(model, dtype=np.float64)[arm_rows]
    counts = (int(in_arm.sum()), int((~in_arm).sum()), len(part.units), len(part.raters))
    reason = _why_not(part, in_arm, score)
    if reason:
        return Anchoring(arm_name, None, None, None, None, None, None, None, *counts, raters=(), note=reason)
    design = _design(in_arm, score)
    # Sought once for all raters: a search for each one left out would cost as much again every time.
    ratios = maximise(Cells.of(part, design)).ratios

    def slopes(rows: NDArray[np.bool_]) -> tuple[float, float]:
        beta = CrossedModel(Cells.of(part.where(rows), design[rows])).solve(ratios).beta
        return float(beta[3]), float(beta[1])

    difference, blind = slopes(np.ones(part.n, dtype=bool))
    estimates = np.array([slopes(part.rater != code) for code in range(len(part.raters))])
    low, high, _ = _jackknife(difference, estimates[:, 0])
    note, share, share_low, share_high = SLOPE_ONE, None, None, None
    # The share divides by 1 - b, which must not be nought, nor change its sign without one of the raters.
    if 1 - blind > 2 * _jackknife(blind, estimates[:, 1])[2] and estimates[:, 1].max() < 1:
        note, share = "", difference / (1 - blind)
        share_low, share_high, _ = _jackknife(share, estimates[:, 0] / (1 - estimates[:, 1]))
    return Anchoring(
        arm_name, share, share_low, share_high, difference, low, high, blind, *counts,
        raters=_rater_anchorings(part, in_arm, score, blind, share), note=note,
    )  # fmt: skip


@dataclass(frozen=True)
class Revision:
    """The share of the way toward the model between first and final answers; None where undefined."""

    value: float | None
    low: float | None
    high: float | None
    n: int
    n_raters: int
    method: str = REVISION_METHOD
    note: str = ""


def revision(first: Values, final: Values, model: Values, rater: Sequence[str]) -> Revision:
    """Return how far people moved from their own first answer to the model's, all arrays with an entry an answer."""
    distance, movement = np.asarray(model) - np.asarray(first), np.asarray(final) - np.asarray(first)
    names, code = np.unique(np.asarray(rater, dtype=object).astype(str), return_inverse=True)
    products, squares = np.bincount(code, distance * movement), np.bincount(code, distance * distance)
    if len(names) < FEWEST_RATERS:
        return Revision(None, None, None, len(distance), len(names), note=FEW_RATERS)
    squares_without = squares.sum() - squares
    if squares_without.min() == 0:
        return Revision(None, None, None, len(distance), len(names), note="the model agrees with every first answer")
    value = float(products.sum() / squares.sum())
    low, high, _ = _jackknife(value, (products.sum() - products) / squares_without)
    return Revision(value, low, high, len(distance), len(names))


def _design(in_arm: NDArray[np.bool_], score: Values) -> Matrix:
    """Return columns: intercept, the model's score, the arm, and the model's score in the arm."""
    deviations = score - score.mean()
    return np.column_stack([np.ones(len(score)), deviations, in_arm, in_arm * deviations])


def _why_not(part: Ratings, in_arm: NDArray[np.bool_], score: Values) -> str:
    if not in_arm.any():
        return NO_ARM
    if in_arm.all():
        return NO_BLIND
    if len(part.raters) < FEWEST_RATERS:
        return FEW_RATERS
    masks = [part.rater != code for code in range(len(part.raters))]
    ranges = [np.ptp(score[rows]) for mask in masks for rows in _rows_without(mask, in_arm)]
    return FLAT_MODEL if min(ranges) == 0 else ""


def _rows_without(mask: NDArray[np.bool_], in_arm: NDArray[np.bool_]) -> list[NDArray[np.int64]]:
    """Return the rows of the arm and of the blind arm that are left without one rater; row 0 twice for none."""
    sides = [np.flatnonzero(mask & rows) for rows in (in_arm, ~in_arm)]
    return [rows if len(rows) else np.zeros(1, dtype=np.int64) for rows in sides]


def _jackknife(value: float, estimates: Values) -> tuple[float, float, float]:
    """Return the 95 % limits and the standard error from the estimates without each rater."""
    r = len(estimates)
    error = np.sqrt((r - 1) / r * ((estimates - estimates.mean()) ** 2).sum())
    reach = float(scipy.special.stdtrit(r - 1, 0.975) * error)
    return value - reach, value + reach, float(error)


def _rater_anchorings(
    part: Ratings, in_arm: NDArray[np.bool_], score: Values, blind: float, share: float | None
) -> tuple[RaterAnchoring, ...]:
    """Return each rater's own contrast, divided by (1 - b) as the panel's, and shrunken toward it."""
    distance = distance_from_rest(part)
    slopes: list[tuple[float, float] | None] = []
    counts = []
    for code in range(len(part.raters)):
        rows = (part.rater == code) & np.isfinite(distance)
        counts.append((int((rows & in_arm).sum()), int((rows & ~in_arm).sum())))
        has_enough = min(counts[-1]) >= FEWEST_ANNOTATIONS and share is not None
        sides = (rows & in_arm, rows & ~in_arm)
        fits = [_slope(score[side], distance[side]) if has_enough else None for side in sides]
        if fits[0] is None or fits[1] is None:
            slopes.append(None)
        else:
            slopes.append((fits[0][0] - fits[1][0], float(np.hypot(fits[0][1], fits[1][1]))))
    contrasts = [(d / (1 - blind), e / (1 - blind)) for d, e in (each for each in slopes if each is not None)]
    variance_between = _variance_between(contrasts)
    rows_out = []
    for name, (n_shown, n_blind), each in zip(part.raters, counts, slopes, strict=True):
        if each is None or share is None:
            rows_out.append(RaterAnchoring(name, n_shown, n_blind, None, None, None, FEW_ANNOTATIONS))
            continue
        raw, error = each[0] / (1 - blind), each[1] / (1 - blind)
        # A rater with few answers says little, and is drawn toward the panel by as much.
        trust = variance_between / (variance_between + error**2) if variance_between + error**2 > 0 else 0.0
        rows_out.append(RaterAnchoring(name, n_shown, n_blind, raw, error, share + trust * (raw - share)))
    return tuple(rows_out)


def _slope(x: Values, y: Values) -> tuple[float, float] | None:
    """Return the least squares slope and its standard error, or None where x does not vary."""
    deviations = x - x.mean()
    squares = float(deviations @ deviations)
    if squares == 0:
        return None
    slope = float(deviations @ y) / squares
    residuals = y - y.mean() - slope * deviations
    return slope, float(np.sqrt(residuals @ residuals / (len(x) - 2) / squares))


def _variance_between(slopes: Sequence[tuple[float, float]]) -> float:
    """Return the variance between raters by moments. DerSimonian & Laird (1986), Controlled Clinical Trials 7, 177."""
    if len(slopes) < 2 or min(error for _, error in slopes) == 0:
        return 0.0
    values = np.array([value for value, _ in slopes])
    weight = 1 / np.array([error for _, error in slopes]) ** 2
    mean = weight @ values / weight.sum()
    excess = weight @ (values - mean) ** 2 - (len(slopes) - 1)
    return float(max(0.0, excess / (weight.sum() - (weight**2).sum() / weight.sum())))
