"""Weigh raters by how consistent they are: the bias and inconsistency model of ITU-T P.910.

A score is the unit's quality plus the rater's bias plus noise whose spread is the rater's own (inconsistency). Li,
Z. et al. (2020). A simple model for subject behavior in subjective experiments. arXiv 2004.02067: alternating
projection.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from annotation.agreement.cells import sums
from annotation.agreement.ratings import Ratings, Values

METHOD = "alternating projection of the bias and inconsistency model (ITU-T P.910, arXiv 2004.02067)"
LARGEST_STEP = 1e-8
MOST_STEPS = 1000
FEW = "fewer than two raters, or no unit with ratings by two"
NOT_CONVERGED = "not converged after {} rounds: a rater may follow the others exactly"


@dataclass(frozen=True)
class SubjectiveScore:
    """One unit's quality, raters weighed by consistency, with its standard error and 95 % interval."""

    unit: str
    n: int
    score: float
    error: float
    low: float
    high: float


@dataclass(frozen=True)
class SubjectiveRater:
    """One rater's bias (positive is higher than the panel; biases sum to zero) and inconsistency, in points."""

    rater: str
    n: int
    bias: float
    inconsistency: float


@dataclass(frozen=True)
class Subjective:
    """The model's estimates; empty where undefined, with the reason in `note`."""

    units: tuple[SubjectiveScore, ...]
    raters: tuple[SubjectiveRater, ...]
    n_ratings: int
    method: str = METHOD
    note: str = ""


def subjective(ratings: Ratings) -> Subjective:
    """Return qualities, biases and inconsistencies of first ratings."""
    first = ratings.first_occasion()
    if len(first.raters) < 2 or first.n == 0 or np.bincount(first.unit).max() < 2:
        return Subjective((), (), first.n, note=FEW)
    quality, bias, spread, has_converged = _iterate(first)
    # Only their sum is determined, so biases are made to sum to zero.
    quality, bias = quality + bias.mean(), bias - bias.mean()
    weight = 1 / np.maximum(spread, 1e-12)[first.rater] ** 2
    errors = 1 / np.sqrt(sums(first.unit, weight, len(first.units)))
    n_of_unit, n_of_rater = np.bincount(first.unit), np.bincount(first.rater)
    units = tuple(
        SubjectiveScore(name, int(n_of_unit[u]), float(q), float(e), float(q - 1.96 * e), float(q + 1.96 * e))
        for u, (name, q, e) in enumerate(zip(first.units, quality, errors, strict=True))
    )
    raters = tuple(
        SubjectiveRater(name, int(n_of_rater[r]), float(bias[r]), float(spread[r]))
        for r, name in enumerate(first.raters)
    )
    return Subjective(units, raters, first.n, note="" if has_converged else NOT_CONVERGED.format(MOST_STEPS))


def _iterate(ratings: Ratings) -> tuple[Values, Values, Values, bool]:
    unit, rater, y = ratings.unit, ratings.rater, ratings.value
    units, raters = len(ratings.units), len(ratings.raters)
    n_of_unit, n_of_rater = np.bincount(unit), np.bincount(rater)
    quality = sums(unit, y, units) / n_of_unit
    bias = np.zeros(raters)
    spread = np.ones(raters)
    for _ in range(MOST_STEPS):
        previous = quality
        bias = sums(rater, y - quality[unit], raters) / n_of_rater
        residuals = y - quality[unit] - bias[rater]
        mean = sums(rater, residuals, raters) / n_of_rater
        spread = np.sqrt(sums(rater, (residuals - mean[rater]) ** 2, raters) / n_of_rater)
        # Whoever follows the others exactly would get a weight without end.
        weight = 1 / np.maximum(spread, 1e-12)[rater] ** 2
        quality = sums(unit, weight * (y - bias[rater]), units) / sums(unit, weight, units)
        if np.linalg.norm(quality - previous) < LARGEST_STEP * max(1.0, float(np.linalg.norm(quality))):
            return quality, bias, spread, True
    return quality, bias, spread, False
