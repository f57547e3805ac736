"""Say who rated what before any coefficient: numbers, holes, connectedness, pairs; and raw agreement without chance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from annotation.agreement.coefficients.alpha import Pairable
from annotation.agreement.ratings import Ratings, Values

DISCONNECTED = (
    "the raters fall into {parts} groups that share no unit: severity and components cannot be compared across them"
)


@dataclass(frozen=True)
class Design:
    """The design: how many of what, ratings per unit, and how raters hang together by the units they share.

    `pairs` is raters x raters, in the order of the ratings' `raters`: how many units each two rated both, and on the
    diagonal how many each rated.
    """

    raters: int
    units: int
    ratings: int
    units_with_two: int
    per_unit_min: int
    per_unit_median: float
    per_unit_harmonic: float
    repeats: int
    components: int
    pairs: NDArray[np.int64]

    @property
    def is_connected(self) -> bool:
        """Tell whether every rater hangs together with every other by shared units."""
        return self.components <= 1

    @property
    def notes(self) -> list[str]:
        """Say what the design rules out."""
        sentences = [] if self.is_connected else [DISCONNECTED.format(parts=self.components)]
        if self.raters == 1:
            sentences.append("one rater only: there is nobody to agree with")
        if self.units_with_two == 0 and self.raters > 1:
            sentences.append("no unit has ratings from two raters: agreement cannot be computed")
        if self.units == 1:
            sentences.append("one unit only: units cannot be told apart")
        return sentences


def describe(ratings: Ratings) -> Design:
    """Return the design of some ratings; repeats by the same rater are counted apart."""
    first = ratings.first_occasion()
    n_units, n_raters = len(first.units), len(first.raters)
    size = np.bincount(first.unit, minlength=n_units)
    incidence = scipy.sparse.csr_array(
        (np.ones(first.n, dtype=np.int64), (first.unit, first.rater)), shape=(n_units, n_raters)
    )
    pairs = (incidence.T @ incidence).toarray()
    return Design(
        raters=n_raters,
        units=n_units,
        ratings=ratings.n,
        units_with_two=int((size >= 2).sum()),
        per_unit_min=int(size.min()) if n_units else 0,
        per_unit_median=float(np.median(size)) if n_units else 0.0,
        per_unit_harmonic=float(n_units / (1 / size).sum()) if n_units else 0.0,
        repeats=ratings.n - first.n,
        components=int(scipy.sparse.csgraph.connected_components(scipy.sparse.csr_array(pairs), directed=False)[0])
        if n_raters
        else 0,
        pairs=pairs.astype(np.int64),
    )


@dataclass(frozen=True)
class RawAgreement:
    """Agreement without correction for chance, over all pairs of raters of all units with two or more.

    Each unit counts alike. `exact` and `within_one` are shares of pairs, `error` is the standard error of `exact` over
    units; `mean_difference`, `half_below` and
    `nine_in_ten_below` describe the absolute difference of a pair. None where no unit has two ratings.
    """

    pairs: int
    exact: float | None = None
    error: float | None = None
    within_one: float | None = None
    mean_difference: float | None = None
    half_below: float | None = None
    nine_in_ten_below: float | None = None


def exact_agreement(ratings: Ratings) -> float | None:
    """Return the share of pairs of ratings of a unit that are the same, each unit alike; None without pairs."""
    pairable = Pairable.of(ratings)
    return float(_exact_by_unit(pairable).mean()) if pairable.units else None


def raw_agreement(ratings: Ratings) -> RawAgreement:
    """Return how near two ratings of one unit are, without correction for chance."""
    pairable = Pairable.of(ratings)
    if not pairable.units:
        return RawAgreement(0)
    differences, weights = _differences(pairable)
    order = np.argsort(differences, kind="stable")
    cumulative_share = np.cumsum(weights[order]) / weights.sum()
    # Rounding of the sums must not pass over the value that reaches the share exactly.
    quantiles = [float(differences[order][np.searchsorted(cumulative_share, share - 1e-12)]) for share in (0.5, 0.9)]
    exact_by_unit = _exact_by_unit(pairable)
    return RawAgreement(
        pairs=len(differences),
        exact=float(exact_by_unit.mean()),
        error=float(exact_by_unit.std(ddof=1) / np.sqrt(len(exact_by_unit))) if len(exact_by_unit) > 1 else None,
        within_one=float(weights[differences <= 1].sum() / weights.sum()),
        mean_difference=float(differences @ weights / weights.sum()),
        half_below=quantiles[0],
        nine_in_ten_below=quantiles[1],
    )


def _exact_by_unit(pairable: Pairable) -> Values:
    """Return the share of each unit's pairs of ratings that are the same."""
    unit = np.repeat(np.arange(pairable.units), pairable.size)
    order = np.lexsort((pairable.value, unit))
    runs = np.flatnonzero(
        np.diff(unit[order], prepend=-1) | np.diff(pairable.value[order], prepend=np.nan).astype(bool)
    )
    lengths = np.diff(runs, append=len(unit))
    pairs = np.bincount(unit[order][runs], lengths * (lengths - 1), minlength=pairable.units)
    return np.asarray(pairs / (pairable.size * (pairable.size - 1)), dtype=np.float64)


def _differences(pairable: Pairable) -> tuple[Values, Values]:
    """Return the absolute difference of each pair of ratings of a unit, and the pair's weight within its unit."""
    differences, weights = [], []
    for size in np.unique(pairable.size):
        units = np.flatnonzero(pairable.size == size)
        values = pairable.value[pairable.start[units][:, None] + np.arange(size)]
        first, second = np.triu_indices(int(size), 1)
        distances = np.abs(values[:, first] - values[:, second]).ravel()
        differences.append(distances)
        weights.append(np.full(len(distances), 2 / (size * (size - 1))))
    return np.concatenate(differences), np.concatenate(weights)
