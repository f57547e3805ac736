"""Screen raters of complete panels as ITU-R BT.500 does, and take their biases off as ITU-T P.913 does.

With few ratings a unit the BT.500 rule cannot fire: of n scores none lies more than sqrt(n - 1) standard deviations
from their mean, so 2 SD need six ratings and sqrt(20) SD need 21. What finds careless raters in sparse data are the
residual spread and the correlation with the rest (`severity`, `ranks`); this is for panels that are asked for it.

Recommendation ITU-R BT.500-14 (2019), annex 1, 2.3; Recommendation ITU-T P.913 (2021), 12.4.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotation.agreement.cells import sums
from annotation.agreement.ratings import Ratings, Values

METHOD = "ITU-R BT.500-14: shares of scores beyond 2 SD (sqrt(20) SD where kurtosis is not 2 to 4), limits .05 and .3"
MOST_OUTSIDE, MOST_BALANCED = 0.05, 0.3
FEWEST_RATINGS = 6
TOO_FEW = "no unit has six ratings, so that no score can lie beyond 2 SD"


@dataclass(frozen=True)
class Screening:
    """How many scores of each rater lie above and below the limits, in the order of raters.

    `share` is their part of the rater's own ratings; `rejected` names those the rule rejects, by that share or, with
    `of_all_units`, by their part of all units.
    """

    n_above: NDArray[np.int64]
    n_below: NDArray[np.int64]
    share: Values
    rejected: tuple[str, ...]
    method: str = METHOD
    note: str = ""


def bt500(ratings: Ratings, *, of_all_units: bool = False) -> Screening:
    """Return the screening of first ratings. `of_all_units` divides by all units, which excuses those who rate few."""
    first = ratings.first_occasion()
    raters, units = len(first.raters), len(first.units)
    size = np.bincount(first.unit, minlength=units)
    mean = sums(first.unit, first.value, units) / size
    deviation = first.value - mean[first.unit]
    square = sums(first.unit, deviation**2, units) / size
    with np.errstate(divide="ignore", invalid="ignore"):
        kurtosis = sums(first.unit, deviation**4, units) / size / square**2
    reach = np.where((kurtosis >= 2) & (kurtosis <= 4), 2.0, np.sqrt(20)) * np.sqrt(square)
    # Where all agree the limits are the mean itself, and every score would lie on both.
    varies = (square > 0)[first.unit]
    n_above = np.bincount(first.rater, varies & (deviation >= reach[first.unit]), minlength=raters).astype(np.int64)
    n_below = np.bincount(first.rater, varies & (deviation <= -reach[first.unit]), minlength=raters).astype(np.int64)
    n_outside, n_ratings = n_above + n_below, np.bincount(first.rater, minlength=raters)
    share = n_outside / (np.full(raters, units) if of_all_units else n_ratings)
    with np.errstate(divide="ignore", invalid="ignore"):
        is_balanced = np.abs(n_above - n_below) / n_outside < MOST_BALANCED
    rejected = tuple(
        name
        for name, is_rejected in zip(first.raters, (share > MOST_OUTSIDE) & is_balanced, strict=True)
        if is_rejected
    )
    return Screening(n_above, n_below, share, rejected, note="" if size.max(initial=0) >= FEWEST_RATINGS else TOO_FEW)


def unbiased_means(ratings: Ratings) -> tuple[Values, Values]:
    """Return each unit's mean with the raters' biases taken off, and the biases: P.913's one round of both."""
    first = ratings.first_occasion()
    units, raters = len(first.units), len(first.raters)
    size = np.bincount(first.unit, minlength=units)
    mean = sums(first.unit, first.value, units) / size
    bias = sums(first.rater, first.value - mean[first.unit], raters) / np.bincount(first.rater, minlength=raters)
    return sums(first.unit, first.value - bias[first.rater], units) / size, bias
