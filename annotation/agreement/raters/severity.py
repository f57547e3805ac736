"""Say how each rater uses the scale: how strictly, how steadily, whether that changes, and what a score is worth.

Severity is what a rater subtracts: positive is stricter than the panel. Raters are fixed and sum to zero, units are
random, by generalised least squares. What a rater's score differs by from the corrected mean of the unit's other
raters (the distance from the rest) tells of spread, drift and categories; since orders of work differ between raters,
it shows a drift even where all drift alike.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy

from annotation.agreement.cells import Cells, Matrix, sums
from annotation.agreement.ratings import Ratings, Values, cache_by_content
from annotation.agreement.variance.components import (
    CONSTANT,
    DISCONNECTED,
    NO_PAIRS,
    NORMAL_975,
    ONE_RATER,
    bipartite_parts,
    crossed_components,
)
from annotation.agreement.variance.crossed import CrossedModel, Ratios

from .retest import Retest, retest

SEVERITY_METHOD = "rater effects fixed, summing to zero, units random; REML and generalised least squares"
SPREAD_METHOD = "moments of the distance from the mean of the other raters, solved for all raters at once"
DRIFT_METHOD = "least squares of the distance from the rest on {}; 95 % interval from t"
SCORES_METHOD = "best linear unbiased prediction from {}; standard errors take the variances as known"
TOO_FEW = "fewer than three ratings with another rater's beside them"
ONCE_EACH = "each rater rated one unit only; severity and noise cannot be told apart"
ONE_MOMENT = "all ratings were given at one moment"


@dataclass(frozen=True)
class Severity:
    """One rater's severity in points against the panel, with its standard error and 95 % interval."""

    rater: str
    n: int
    severity: float
    error: float
    low: float
    high: float


@dataclass(frozen=True)
class Severities:
    """The panel's severities in the order of raters; empty where undefined, with the reason in `note`."""

    raters: tuple[Severity, ...]
    method: str
    note: str = ""

    def by_rater(self) -> dict[str, float]:
        """Return severities by rater."""
        return {each.rater: each.severity for each in self.raters}


@dataclass(frozen=True)
class Spread:
    """The standard deviation of what one rater's scores share with no one, in points, and its standard error."""

    rater: str
    n: int
    value: float | None
    error: float | None
    method: str
    note: str = ""


@dataclass(frozen=True)
class Drift:
    """How one rater's scores move over time, in points per `unit`, with standard error; None where undefined."""

    rater: str
    n: int
    slope: float | None
    low: float | None
    high: float | None
    unit: str
    method: str
    note: str = ""
    error: float | None = None


@dataclass(frozen=True)
class UnitScore:
    """A unit's score corrected for who rated it, with its standard error, in points."""

    unit: str
    n: int
    score: float
    error: float


@dataclass(frozen=True)
class UnitScores:
    """The corrected scores in the order of units; empty where undefined, with the reason in `note`."""

    units: tuple[UnitScore, ...]
    method: str
    note: str = ""


def severities(ratings: Ratings) -> Severities:
    """Return each rater's severity relative to the panel, from first ratings."""
    first = ratings.first_occasion()
    reason = _why_not(first)
    if reason:
        return Severities((), SEVERITY_METHOD, reason)
    effects, covariance = _fixed_raters(first)
    r = len(first.raters)
    centre = np.eye(r) - 1 / r
    errors = np.sqrt(np.diag(centre @ covariance @ centre))
    counts = np.bincount(first.rater, minlength=r)
    rows = tuple(
        # The model's effect is what a rater adds, severity what they take off.
        Severity(name, int(n), -e, s, -e - NORMAL_975 * s, -e + NORMAL_975 * s)
        for name, n, e, s in zip(first.raters, counts, (centre @ effects).tolist(), errors.tolist(), strict=True)
    )
    parts = int(bipartite_parts(first).max()) + 1
    return Severities(rows, SEVERITY_METHOD, DISCONNECTED.format(parts) if parts > 1 else "")


def unit_scores(ratings: Ratings) -> UnitScores:
    """Return each unit's score corrected for its raters' severity and shrunken toward the mean."""
    components = crossed_components(ratings)
    method = SCORES_METHOD.format(components.method)
    if components.solution is None or components.mean is None:
        return UnitScores((), method, components.note)
    solution, mean = components.solution, components.mean
    counts = np.bincount(ratings.unit, minlength=len(ratings.units))
    rows = tuple(
        UnitScore(name, int(n), float(mean + effect), float(error))
        for name, n, effect, error in zip(
            ratings.units, counts, solution.unit_effects, solution.unit_errors, strict=True
        )
    )
    return UnitScores(rows, method, components.note)


def distance_from_rest(ratings: Ratings) -> Values:
    """Return, a rating, its distance from the mean of the unit's other raters, severities of theirs taken out.

    NaN where a unit has one rating. Take first ratings; the rater's own severity stays in.
    """
    by_rater = severities(ratings).by_rater()
    severity = np.array([by_rater.get(name, 0.0) for name in ratings.raters])[ratings.rater]
    corrected_values = ratings.value + severity
    count = np.bincount(ratings.unit)[ratings.unit]
    total = sums(ratings.unit, corrected_values, len(ratings.units))[ratings.unit]
    rest_means = (total - corrected_values) / np.where(count > 1, count - 1, np.nan)
    return np.asarray(ratings.value - rest_means)


def spreads(ratings: Ratings) -> tuple[Spread, ...]:
    """Return each rater's own spread.

    The expected square of the distance from the rest is own variance plus the mean variance of the others over their
    number: one linear equation a rater. A solution below zero is cut off at zero.
    """
    first = ratings.first_occasion()
    if _why_not(first):
        return tuple(Spread(name, 0, None, None, SPREAD_METHOD, _why_not(first)) for name in first.raters)
    count = np.bincount(first.unit)[first.unit]
    pairable = first.where(count > 1)
    distance = distance_from_rest(pairable)
    r = len(pairable.raters)
    n = np.bincount(pairable.rater, minlength=r)
    mean = sums(pairable.rater, distance, r) / n
    squares = sums(pairable.rater, (distance - mean[pairable.rater]) ** 2, r) * n / np.maximum(n - 1, 1)
    share = 1 / (np.bincount(pairable.unit)[pairable.unit] - 1)
    # Not cut off afterwards: a variance below zero would be paid for by those of the others.
    variances = scipy.optimize.nnls(_squared_shares(pairable, share) + np.diag(n.astype(float)), squares)[0]
    by_rater = dict(zip(pairable.raters, zip(n.tolist(), np.sqrt(variances).tolist(), strict=True), strict=True))
    rows = []
    for name in first.raters:
        count_here, value = by_rater.get(name, (0, 0.0))
        if count_here < 3:
            rows.append(Spread(name, count_here, None, None, SPREAD_METHOD, TOO_FEW))
        else:
            # The standard error of the standard deviation of normal values.
            rows.append(Spread(name, count_here, value, value / np.sqrt(2 * (count_here - 1)), SPREAD_METHOD))
    return tuple(rows)


def drifts(ratings: Ratings, *, per_day: bool = False) -> tuple[Drift, ...]:
    """Return each rater's drift: points per 100 of their own ratings in order of time, or per day.

    Raise ValueError when the ratings have no time.
    """
    if ratings.time is None:
        raise ValueError("drift needs the time of each rating")
    unit = "day" if per_day else "100 ratings"
    method = DRIFT_METHOD.format("days" if per_day else "the rater's own count of ratings")
    first = ratings.first_occasion()
    assert first.time is not None
    distance = distance_from_rest(first)
    return tuple(
        _drift(name, distance[rows], first.time[rows], per_day, unit, method)
        for name, rows in ((name, first.rater == code) for code, name in enumerate(first.raters))
    )


def repeats(ratings: Ratings) -> Retest:
    """Return repeat agreement over all raters: each later rating of a unit against the first by the same rater."""
    return retest(repeat_pairs(ratings))


def repeat_pairs(ratings: Ratings, rater: str | None = None) -> list[tuple[float, float]]:
    """Return (first, repeated) scores, of everyone or of one rater."""
    starts = np.ones(ratings.n, dtype=bool)
    starts[1:] = (np.diff(ratings.unit) != 0) | (np.diff(ratings.rater) != 0)
    first = np.flatnonzero(starts)[np.cumsum(starts) - 1]
    rows = np.flatnonzero(~starts)
    if rater is not None:
        rows = rows[[ratings.raters[code] == rater for code in ratings.rater[rows]]]
    return [(float(ratings.value[first[row]]), float(ratings.value[row])) for row in rows]


def _why_not(ratings: Ratings) -> str:
    if len(ratings.raters) < 2:
        return ONE_RATER
    if np.bincount(ratings.unit).max() < 2:
        return NO_PAIRS
    if ratings.n <= len(ratings.raters):
        return ONCE_EACH
    return CONSTANT if np.ptp(ratings.value) == 0 else ""


@cache_by_content(16)  # A report asks for those of each field several times over.
def _fixed_raters(ratings: Ratings) -> tuple[Values, Matrix]:
    """Return rater means and their covariance, raters being fixed and units random, at the REML ratio."""
    model = CrossedModel(Cells.of(ratings))
    r = model.raters
    free = ratings.n - r

    def solve(share: float) -> tuple[float, Values, Matrix, float]:
        products, logdet = model.absorb(Ratios(share / (1 - share), 0.0))
        factor = scipy.linalg.cholesky(products[:r, :r], lower=True)
        effects = scipy.linalg.cho_solve((factor, True), products[:r, -1])
        squares = max(float(products[-1, -1] - products[:r, -1] @ effects), 1e-300)
        deviance = free * np.log(squares / free) + logdet + 2 * float(np.log(np.diag(factor)).sum())
        return deviance, effects, factor, squares / free

    optimum = scipy.optimize.minimize_scalar(
        lambda share: solve(share)[0], bounds=(0.0, 1 - 1e-6), method="bounded", options={"xatol": 1e-9}
    )
    _, effects, factor, residual = solve(float(optimum.x))
    return effects, residual * scipy.linalg.cho_solve((factor, True), np.eye(r))


def _squared_shares(ratings: Ratings, share: Values) -> Matrix:
    """Return, for raters r and s, the sum over units both rated of the squared share."""
    r = len(ratings.raters)
    table = np.zeros((r, r))
    for size in np.unique(share):
        rows = share == size
        units, row = np.unique(ratings.unit[rows], return_inverse=True)
        order = np.argsort(row, kind="stable")
        raters = ratings.rater[rows][order].reshape(len(units), -1)
        for first in range(raters.shape[1]):
            for second in range(raters.shape[1]):
                if first != second:
                    np.add.at(table, (raters[:, first], raters[:, second]), size**2)
    return table


def _drift(name: str, distance: Values, time: Values, per_day: bool, unit: str, method: str) -> Drift:
    order = np.argsort(time, kind="stable")
    x = time[order] if per_day else np.arange(len(time)) / 100
    y = distance[order]
    x, y = x[np.isfinite(y)], y[np.isfinite(y)]
    if len(y) < 3:
        return Drift(name, len(y), None, None, None, unit, method, TOO_FEW)
    if np.ptp(x) == 0:
        return Drift(name, len(y), None, None, None, unit, method, ONE_MOMENT)
    fit = scipy.stats.linregress(x, y)
    reach = float(scipy.special.stdtrit(len(y) - 2, 0.975)) * fit.stderr
    slope, error = float(fit.slope), float(fit.stderr)
    return Drift(name, len(y), slope, slope - reach, slope + reach, unit, method, error=error)
