"""Split the variance of scores into units, raters, their interaction and noise, by REML.

The model is y = mean + unit + rater [+ unit:rater where a rater rated a unit twice] + residual, all of them random;
`crossed.py` solves it. A variance that REML puts at the boundary is 0 with a note, as lme4 prints it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import scipy
from numpy.typing import NDArray

from annotation.agreement.cells import Cells, Matrix
from annotation.agreement.ratings import Ratings, cache_by_content

from .crossed import CrossedModel, Ratios, Solution

METHOD = "REML of y ~ 1 + (1|unit) + (1|rater); standard errors from the average information"
METHOD_REPEATS = "REML of y ~ 1 + (1|unit) + (1|rater) + (1|unit:rater); standard errors from the average information"
METHOD_UNITS = "REML of y ~ 1 + (1|unit); standard errors from the average information"
NO_RATINGS = "there are no ratings"
CONSTANT = "all ratings are the same; components need variation"
ONE_UNIT = "one unit only; two are needed"
ONE_RATER = "one rater only; two are needed"
NO_PAIRS = "no unit has ratings by two raters"
EACH_RATER_ONCE = "each rater rated one unit only; rater and residual cannot be told apart"
DISCONNECTED = "the graph of raters and units falls into {} parts; severity is not comparable across them"
BOUNDARY = "the variance of {} is estimated at its boundary, 0"
NO_RESIDUAL = "the ratings leave no residual; standard errors are undefined"
LARGEST_RATIO = 1e6
NORMAL_975 = 1.959963984540054
NEGLIGIBLE = 1e-7


@dataclass(frozen=True)
class Components:
    """Variances in squared points; all None where undefined, with the reason in `note`.

    `names` orders `covariance`, the covariance matrix of the estimates (None where the data do not tell); a component
    that is not in the model is None. `mean` is the generalised least squares mean, `k_harmonic` the harmonic mean of
    raters a unit, `parts` the number of connected parts of the graph of raters and units.
    """

    unit: float | None
    rater: float | None
    interaction: float | None
    residual: float | None
    mean: float | None
    deviance: float | None
    n_units: int
    n_raters: int
    n_ratings: int
    k_harmonic: float | None
    parts: int
    method: str
    note: str = ""
    names: tuple[str, ...] = ()
    covariance: tuple[tuple[float, ...], ...] | None = None
    solution: Solution | None = field(default=None, repr=False, compare=False)

    def error(self, name: str) -> float | None:
        """Return the standard error of the named variance."""
        if self.covariance is None or name not in self.names:
            return None
        position = self.names.index(name)
        return float(np.sqrt(self.covariance[position][position]))

    def interval(self, name: str) -> tuple[float, float] | None:
        """Return the 95 % interval of the named variance: normal on the log scale, near 0 on the plain one from 0."""
        value, error = getattr(self, name, None), self.error(name)
        if value is None or error is None:
            return None
        # Estimates of variances are skewed, but near 0 the log scale would run to infinity.
        if value > error:
            factor = float(np.exp(NORMAL_975 * error / value))
            return value / factor, value * factor
        return max(0.0, value - NORMAL_975 * error), value + NORMAL_975 * error


@cache_by_content(2)  # A report asks for them twice in a row.
def crossed_components(ratings: Ratings) -> Components:
    """Return the components of units and raters, and of their interaction where there are repeats."""
    reason = _why_not(ratings, by_rater=True)
    method = METHOD
    if not reason:
        cells = Cells.of(ratings)
        method = METHOD_REPEATS if cells.has_repeats else METHOD
        reason = _not_separable(cells)
    if reason:
        return _undefined_components(ratings, method, reason)
    return _components_of(ratings, maximise(cells), method)


def unit_components(ratings: Ratings) -> Components:
    """Return the components of units and everything else, raters being nobody in particular, for ICC(1)."""
    reason = _why_not(ratings, by_rater=False)
    if reason:
        return _undefined_components(ratings, METHOD_UNITS, reason)
    return _components_of(ratings, maximise(Cells.of(ratings, by_rater=False)), METHOD_UNITS)


def maximise(cells: Cells) -> Solution:
    """Return the solution at the REML estimate of the ratios of variances.

    The search runs over ratio / (1 + ratio), whose range is bounded and whose slope at the boundary 0 is not flat.
    """
    model = CrossedModel(cells)
    size = 1 + (cells.n_raters > 0) + cells.has_repeats

    def ratios(shares: Matrix) -> Ratios:
        values = [float(share / (1 - share)) for share in shares]
        return Ratios(values[0], values[1] if cells.n_raters else 0.0, values[-1] if cells.has_repeats else 0.0)

    optimum = scipy.optimize.minimize(
        lambda shares: model.solve(ratios(shares)).deviance,
        np.full(size, 0.4),
        method="L-BFGS-B",
        jac="3-point",
        bounds=[(0.0, 1 - 1 / LARGEST_RATIO)] * size,
        options={"ftol": 1e-15, "gtol": 1e-7, "maxiter": 200},
    )
    # The search stops just beside the boundary; a variance that makes no difference is 0, as lme4 has it.
    best = np.where(_is_zero(model, ratios, optimum.x), 0.0, optimum.x)
    return model.solve(ratios(best))


def bipartite_parts(ratings: Ratings) -> NDArray[np.int64]:
    """Return, for each rater and then each unit, the number of the connected part it is in."""
    raters, units = len(ratings.raters), len(ratings.units)
    edges = scipy.sparse.csr_array(
        (np.ones(ratings.n), (ratings.rater, raters + ratings.unit)), shape=(raters + units, raters + units)
    )
    return np.asarray(scipy.sparse.csgraph.connected_components(edges, directed=False)[1], dtype=np.int64)


def harmonic_k(ratings: Ratings) -> float:
    """Return the harmonic mean of ratings a unit, repeats counted once."""
    counts = np.bincount(ratings.first_occasion().unit)
    return float(len(counts) / (1 / counts).sum())


def _is_zero(model: CrossedModel, ratios: Callable[[Matrix], Ratios], shares: Matrix) -> NDArray[np.bool_]:
    """Say which ratios make no difference to the deviance when put to exactly 0."""
    deviance = model.solve(ratios(shares)).deviance
    zero = np.zeros(len(shares), dtype=bool)
    for j, share in enumerate(shares):
        reduced_shares = shares.copy()
        reduced_shares[j] = 0.0
        zero[j] = share < 0.01 and model.solve(ratios(reduced_shares)).deviance <= deviance + NEGLIGIBLE
    return zero


def _why_not(ratings: Ratings, *, by_rater: bool) -> str:
    if ratings.n == 0:
        return NO_RATINGS
    if np.ptp(ratings.value) == 0:
        return CONSTANT
    if len(ratings.units) < 2:
        return ONE_UNIT
    if by_rater and len(ratings.raters) < 2:
        return ONE_RATER
    if np.bincount(ratings.unit).max() < 2:
        return NO_PAIRS
    return ""


def _not_separable(cells: Cells) -> str:
    if np.bincount(cells.unit).max() < 2:
        return NO_PAIRS
    if np.bincount(cells.rater).max() < 2:
        return EACH_RATER_ONCE
    return ""


def _undefined_components(ratings: Ratings, method: str, reason: str) -> Components:
    return Components(
        unit=None, rater=None, interaction=None, residual=None, mean=None, deviance=None,
        n_units=len(ratings.units), n_raters=len(ratings.raters), n_ratings=ratings.n,
        k_harmonic=harmonic_k(ratings) if ratings.n else None,
        parts=int(bipartite_parts(ratings).max()) + 1 if ratings.n else 0,
        method=method, note=reason,
    )  # fmt: skip


def _components_of(ratings: Ratings, solution: Solution, method: str) -> Components:
    cells, ratios = solution.model.cells, solution.ratios
    names, information = solution.information()
    variances = {
        name: getattr(ratios, name) * solution.residual if name != "residual" else solution.residual for name in names
    }
    # At the bound of the search only rounding is left of the residual, and the effects are the values themselves.
    exact = max(ratios.unit, ratios.rater) > 0.9 * LARGEST_RATIO
    if exact:
        spread = {"unit": solution.unit_effects, "rater": solution.rater_effects}
        variances |= {name: float(spread[name].var(ddof=1)) for name in spread if name in variances}
        variances = {name: v if v > NEGLIGIBLE * ratings.value.var() else 0.0 for name, v in variances.items()}
        variances["residual"] = 0.0
    parts = int(bipartite_parts(ratings).max()) + 1
    notes = [BOUNDARY.format(name) for name, variance in variances.items() if variance == 0 and name != "residual"]
    notes += [NO_RESIDUAL] * exact + [DISCONNECTED.format(parts)] * (parts > 1 and cells.n_raters > 0)
    covariance = None if exact else _inverse(information)
    return Components(
        unit=variances["unit"], rater=variances.get("rater"), interaction=variances.get("interaction"),
        residual=variances["residual"], mean=cells.centre + float(solution.beta[0]), deviance=solution.deviance,
        n_units=cells.n_units, n_raters=len(ratings.raters), n_ratings=cells.n_ratings,
        k_harmonic=harmonic_k(ratings), parts=parts, method=method, note="; ".join(notes), names=names,
        covariance=covariance, solution=solution,
    )  # fmt: skip


def _inverse(information: Matrix) -> tuple[tuple[float, ...], ...] | None:
    if not (np.diag(information) > 0).all():
        return None
    # Variances differ by orders of magnitude: unscaled, a matrix would look singular for its units alone.
    scale = np.sqrt(np.diag(information))
    correlation = information / np.outer(scale, scale)
    if np.linalg.eigvalsh(correlation)[0] < 1e-8:
        return None
    covariance = np.linalg.inv(correlation) / np.outer(scale, scale)
    return tuple(tuple(float(entry) for entry in row) for row in covariance)
