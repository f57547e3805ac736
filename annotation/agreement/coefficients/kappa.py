"""Compute chance-corrected agreement other than alpha: Gwet's AC1 and AC2, Fleiss, Brennan-Prediger, Conger, Cohen.

Gwet, K. L. (2008). British Journal of Mathematical and Statistical Psychology 61, 29-48, and Handbook of Inter-Rater
Reliability (2014), for holes and weights: units with one rating stay in the prevalences. Fleiss, J. L. (1971).
Psychological Bulletin 76, 378-382. Conger, A. J. (1980). Psychological Bulletin 88, 322-328. Cohen, J. (1960; 1968).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np

from annotation.agreement.ratings import Ratings, Values

from .alpha import NO_PAIRS

Weights = Literal["identity", "linear", "quadratic", "ordinal"]
NO_VARIATION = "all ratings are the same; agreement by chance is certain"
MOST_CATEGORIES = 1000  # A matrix of categories x categories is made, and continuous scores have too many.


@dataclass(frozen=True)
class Kappa:
    """A coefficient (None where undefined, with the reason in `note`) and its linearised error over units."""

    value: float | None
    error: float | None
    n_units: int
    note: str = ""


@dataclass(frozen=True)
class Counts:
    """How many raters gave each unit each category: `table` is units x categories, `values` the categories."""

    table: Values
    values: Values
    raters: int

    @classmethod
    def of(cls, ratings: Ratings) -> Counts:
        """Count each rater's first rating of each unit. Raise ValueError above a thousand categories."""
        first = ratings.first_occasion()
        values, code = np.unique(first.value, return_inverse=True)
        if len(values) > MOST_CATEGORIES:
            raise ValueError(f"at most {MOST_CATEGORIES} categories are accepted, not {len(values)}")
        table = np.zeros((len(first.units), len(values)))
        np.add.at(table, (first.unit, code), 1)
        return cls(table, values, len(first.raters))

    @property
    def size(self) -> Values:
        """Return the number of ratings of each unit."""
        return np.asarray(self.table.sum(axis=1))


def weight_matrix(values: Values, weights: Weights) -> Values:
    """Return how near two categories are, 1 for the same: by value (linear, quadratic) or by rank (Gwet's ordinal)."""
    n = len(values)
    if weights == "identity" or n < 2:
        return np.eye(n)
    if weights == "ordinal":
        ranks = np.abs(np.subtract.outer(np.arange(n), np.arange(n))) + 1
        pair_counts = ranks * (ranks - 1) / 2
        return np.asarray(1 - pair_counts / pair_counts.max())
    distances = np.abs(np.subtract.outer(values, values)) / (values.max() - values.min())
    return np.asarray(1 - (distances if weights == "linear" else distances**2))


def agreement_by_unit(counts: Counts, weights: Values) -> Values:
    """Return the weighted share of agreeing pairs of each unit, NaN for a single rating."""
    size = counts.size
    weighted_counts = counts.table @ weights
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = (counts.table * (weighted_counts - 1)).sum(axis=1) / (size * (size - 1))
    return np.where(size >= 2, shares, np.nan)


def gwet(counts: Counts, weights: Weights = "identity") -> Kappa:
    """Return AC1 (identity weights) or AC2."""

    def chance(matrix: Values, prevalence: Values, shares: Values) -> tuple[float, Values]:
        q = len(prevalence)
        factor = matrix.sum() / (q * (q - 1))
        return float(factor * (prevalence * (1 - prevalence)).sum()), 2 * factor * (shares @ (1 - prevalence))

    return _correct_for_chance(counts, weights, chance)


def fleiss(counts: Counts, weights: Weights = "identity") -> Kappa:
    """Return Fleiss' kappa in its general form: holes and weights are allowed."""

    def chance(matrix: Values, prevalence: Values, shares: Values) -> tuple[float, Values]:
        return float(prevalence @ matrix @ prevalence), 2 * shares @ (matrix @ prevalence)

    return _correct_for_chance(counts, weights, chance)


def brennan_prediger(counts: Counts, weights: Weights = "identity") -> Kappa:
    """Return the coefficient that takes every category for equally likely by chance."""

    def chance(matrix: Values, prevalence: Values, shares: Values) -> tuple[float, Values]:
        p_e = float(matrix.sum() / len(prevalence) ** 2)
        return p_e, np.full(len(shares), 2 * p_e)

    return _correct_for_chance(counts, weights, chance)


def _correct_for_chance(counts: Counts, weights: Weights, chance: object) -> Kappa:
    """Correct the observed agreement for chance, with Gwet's linearised standard error over units.

    `chance` returns the agreement by chance and twice each unit's part in it.
    """
    size = counts.size
    has_pair = size >= 2
    n, n_paired = len(size), int(has_pair.sum())
    if not n_paired:
        return Kappa(None, None, 0, NO_PAIRS)
    if len(counts.values) < 2:
        return Kappa(None, None, n_paired, NO_VARIATION)
    matrix = weight_matrix(counts.values, weights)
    shares = counts.table / size[:, None]
    p_o = agreement_by_unit(counts, matrix)
    p_e, parts = chance(matrix, shares.mean(axis=0), shares)  # type: ignore[operator]
    value = (float(p_o[has_pair].mean()) - p_e) / (1 - p_e)
    # Units with one rating tell of the prevalences only, so those with two stand for all of them (Gwet 2014).
    by_unit = np.where(
        has_pair,
        n / n_paired * (np.nan_to_num(p_o) - p_e) / (1 - p_e),
        0.0,
    )
    by_unit -= (1 - value) * (parts - 2 * p_e) / (1 - p_e)
    error = float(np.sqrt(((by_unit - value) ** 2).sum() / (n * (n - 1)))) if n > 1 else None
    return Kappa(value, error, n_paired)


def fleiss_z(counts: Counts) -> float | None:
    """Return kappa over its error under no agreement, for equally many ratings per unit; None otherwise.

    Fleiss, J. L., Nee, J. C. M. & Landis, J. R. (1979). Psychological Bulletin 86, 974-977.
    """
    size = counts.size
    kappa = fleiss(counts).value
    if kappa is None or (size != size[0]).any():
        return None
    n, m = len(size), float(size[0])
    p = counts.table.sum(axis=0) / (n * m)
    q = 1 - p
    total = (p * q).sum()
    variance = 2 * (total**2 - (p * q * (q - p)).sum()) / (total**2 * n * m * (m - 1))
    return float(kappa / np.sqrt(variance))


def fleiss_by_category(counts: Counts) -> Values:
    """Return Fleiss' kappa of each category against all others, for equally many ratings per unit."""
    n, m = len(counts.size), counts.size[0]
    p = counts.table.sum(axis=0) / (n * m)
    disagreement = (counts.table * (m - counts.table)).sum(axis=0)
    return np.asarray(1 - disagreement / (n * m * (m - 1) * p * (1 - p)))


def conger(ratings: Ratings, weights: Weights = "identity") -> Kappa:
    """Return Conger's kappa, by each rater's own prevalences; for complete tables only."""
    counts = Counts.of(ratings)
    if (counts.size != counts.raters).any():
        return Kappa(None, None, 0, "needs every rater's rating of every unit")
    if len(counts.values) < 2:
        return Kappa(None, None, len(counts.size), NO_VARIATION)
    first = ratings.first_occasion()
    code = np.searchsorted(counts.values, first.value)
    by_rater = np.zeros((counts.raters, len(counts.values)))
    np.add.at(by_rater, (first.rater, code), 1)
    by_rater /= len(counts.size)
    matrix = weight_matrix(counts.values, weights)
    spread = np.atleast_2d(np.cov(by_rater, rowvar=False))
    mean = by_rater.mean(axis=0)
    p_e = float((matrix * (np.outer(mean, mean) - spread / counts.raters)).sum())
    p_o = float(agreement_by_unit(counts, matrix).mean())
    return Kappa((p_o - p_e) / (1 - p_e), None, len(counts.size))


@dataclass(frozen=True)
class Pair:
    """What two raters have in common: the units both rated and their kappa (None where undefined)."""

    one: str
    other: str
    n: int
    kappa: float | None


def cohen(first: Values, second: Values, weights: Weights = "identity") -> float | None:
    """Return Cohen's kappa of two raters' ratings of the same units, weighted by the order of the categories."""
    values = np.unique(np.concatenate([first, second]))
    if len(values) < 2:
        return None
    table = np.zeros((len(values), len(values)))
    np.add.at(table, (np.searchsorted(values, first), np.searchsorted(values, second)), 1 / len(first))
    matrix = weight_matrix(np.arange(len(values), dtype=np.float64), weights)
    p_e = float((matrix * np.outer(table.sum(axis=1), table.sum(axis=0))).sum())
    return None if p_e == 1 else (float((matrix * table).sum()) - p_e) / (1 - p_e)


def by_pair(ratings: Ratings, weights: Weights = "identity") -> list[Pair]:
    """Return Cohen's kappa of each pair of raters, over the units both rated."""
    first = ratings.first_occasion()
    ratings_by_rater = [
        dict(zip(first.unit[first.rater == rater], first.value[first.rater == rater], strict=True))
        for rater in range(len(first.raters))
    ]
    pairs = []
    for first_rater, second_rater in combinations(range(len(first.raters)), 2):
        common_units = sorted(ratings_by_rater[first_rater].keys() & ratings_by_rater[second_rater].keys())
        sides = [
            np.array([ratings_by_rater[side][unit] for unit in common_units]) for side in (first_rater, second_rater)
        ]
        kappa = cohen(sides[0], sides[1], weights) if common_units else None
        pairs.append(Pair(first.raters[first_rater], first.raters[second_rater], len(common_units), kappa))
    return pairs


def light(ratings: Ratings, weights: Weights = "identity") -> float | None:
    """Return the mean of Cohen's kappa over the pairs. Light, R. J. (1971). Psychological Bulletin 76, 365-377."""
    kappas = [pair.kappa for pair in by_pair(ratings, weights) if pair.kappa is not None]
    return float(np.mean(kappas)) if kappas else None
