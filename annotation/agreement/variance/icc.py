"""Say how reliable one rating and the mean of k ratings are: intraclass correlations from variance components.

McGraw, K. O. & Wong, S. P. (1996). Forming inferences about some intraclass correlation coefficients. Psychological
Methods 1, 30-46: the names. Putka, D. J. et al. (2008). Ill-structured measurement designs in organizational research.
Journal of Applied Psychology 93, 959-981: the share q of rater variance that is left in comparisons between units.
ten Hove, D., Jorgensen, T. D. & van der Ark, L. A. (2025). Multivariate Behavioral Research 60, 1042-1061: likelihood
estimates with Monte-Carlo intervals for designs with planned holes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from annotation.agreement.cells import sums
from annotation.agreement.ratings import Ratings, Values

from .components import Components, crossed_components, harmonic_k, unit_components

DRAWS = 10_000
METHOD = (
    "{}; 95 % Monte-Carlo interval: {} draws (seed {}) of the variances from the asymptotic distribution of their "
    "estimates, on the log scale where the relative standard error is below 1, else cut off at 0; for these raters "
    "with the raters' variance held"
)
NO_VARIANCE = "unit, rater and residual variance are all 0"
NO_INTERVAL = "no interval: the data do not tell the errors of the variances"
NEEDS_REPEATS = "needs a rater who rated a unit twice"

Variances = Mapping[str, Values]


@dataclass(frozen=True)
class Icc:
    """One coefficient with its interval; `value` None where undefined, with the reason in `note`.

    `k` is the number of ratings it speaks of: the harmonic mean for means of unequal numbers. `low` and `high` hold for
    raters like these; `these_raters` is the interval with the raters' variance as it is among those in hand.
    """

    name: str
    value: float | None
    low: float | None
    high: float | None
    k: float
    n_units: int
    n_raters: int
    n_ratings: int
    method: str
    note: str = ""
    these_raters: tuple[float, float] | None = None


def iccs(ratings: Ratings, *, seed: int = 1, draws: int = DRAWS) -> dict[str, Icc]:
    """Return ICC(1), ICC(1,k), ICC(A,1), ICC(C,1), ICC(A,k), ICC(C,k), ICC(Q,k) by name, from first ratings only."""
    first = ratings.first_occasion()
    units_only = unit_components(first)
    one_way = {name: _one(name, units_only, k, seed, draws) for name, k in _one_way(units_only)}
    return one_way | crossed_iccs(crossed_components(first), first, seed=seed, draws=draws)


def crossed_iccs(components: Components, ratings: Ratings, *, seed: int = 1, draws: int = DRAWS) -> dict[str, Icc]:
    """Return the coefficients that rest on the crossed components of these ratings."""
    k = components.k_harmonic or 1.0
    q = putka_q(ratings) if components.unit is not None else 1.0
    forms: dict[str, tuple[float, float]] = {
        "ICC(A,1)": (1.0, 1.0),
        "ICC(C,1)": (1.0, 0.0),
        "ICC(A,k)": (k, 1 / k),
        "ICC(C,k)": (k, 0.0),
        "ICC(Q,k)": (k, q),
    }
    return {
        name: coefficient(name, components, _reliability(size, share), size, seed=seed, draws=draws)
        for name, (size, share) in forms.items()
    }


def intra_rater(ratings: Ratings, *, seed: int = 1, draws: int = DRAWS) -> Icc:
    """Return how well a rater repeats themself: all variance but the residual, over all of it."""
    components = crossed_components(ratings)
    if components.unit is not None and components.interaction is None:
        return _empty("intra-rater ICC", components, 1.0, components.method, NEEDS_REPEATS)

    def share(v: Variances) -> tuple[Values, Values]:
        repeatable = v["unit"] + v["rater"] + v["interaction"]
        return repeatable, repeatable + v["residual"]

    return coefficient("intra-rater ICC", components, share, 1.0, seed=seed, draws=draws)


def coefficient(
    name: str,
    components: Components,
    share: Callable[[Variances], tuple[Values, Values]],
    k: float,
    *,
    seed: int = 1,
    draws: int = DRAWS,
) -> Icc:
    """Return a ratio of sums of variances; `share` gives numerator and denominator from variances by name."""
    method = METHOD.format(components.method, draws, seed)
    if components.unit is None:
        return _empty(name, components, k, method, components.note)
    top, bottom = share({n: np.array(getattr(components, n)) for n in components.names})
    if bottom == 0:
        return _empty(name, components, k, method, NO_VARIANCE)
    samples = draw(components, seed=seed, draws=draws)
    low, high, these_raters, note = None, None, None, components.note
    if samples is None:
        note = "; ".join(part for part in (note, NO_INTERVAL) if part)
    else:
        low, high = _limits(*share(samples))
        if "rater" in samples:
            # Among the raters in hand their variance is a fact, not an estimate.
            these_raters = _limits(*share(samples | {"rater": np.full(draws, components.rater)}))
    return Icc(
        name, float(top / bottom), low, high, k,
        components.n_units, components.n_raters, components.n_ratings, method, note, these_raters,
    )  # fmt: skip


def _limits(tops: Values, bottoms: Values) -> tuple[float, float]:
    low, high = np.quantile(tops / bottoms, [0.025, 0.975])
    return float(low), float(high)


def draw(components: Components, *, seed: int, draws: int) -> dict[str, Values] | None:
    """Draw variances by name from the asymptotic distribution of their estimates; None where it is not known.

    Estimates of variances are skewed: on the log scale they are closer to normal, save where they lie near 0.
    """
    if components.covariance is None:
        return None
    covariance = np.array(components.covariance)
    errors = np.sqrt(np.diag(covariance))
    correlation = covariance / np.outer(errors, errors)
    normal = np.random.default_rng(seed).multivariate_normal(np.zeros(len(errors)), correlation, draws, method="eigh")
    drawn = {}
    for j, name in enumerate(components.names):
        value = getattr(components, name)
        if value > errors[j]:
            drawn[name] = value * np.exp(errors[j] / value * normal[:, j])
        else:
            drawn[name] = np.maximum(value + errors[j] * normal[:, j], 0.0)
    return drawn


def putka_q(ratings: Ratings) -> float:
    """Return Putka's q: 0 when every rater rates every unit, one over k when no two units share a rater."""
    first = ratings.first_occasion()
    n = len(first.units)
    share = 1 / np.bincount(first.unit)[first.unit]
    alone = sums(first.rater, share**2, len(first.raters))
    together = sums(first.rater, share, len(first.raters))
    return float(1 / harmonic_k(first) - (together**2 - alone).sum() / (n * (n - 1)))


def _reliability(k: float, rater_share: float) -> Callable[[Variances], tuple[Values, Values]]:
    """Return the reliability of a mean of k ratings that keeps `rater_share` of the rater variance as error."""

    def share(v: Variances) -> tuple[Values, Values]:
        noise = v["residual"] + v.get("interaction", np.array(0.0))
        return v["unit"], v["unit"] + rater_share * v["rater"] + noise / k

    return share


def _one_way(components: Components) -> tuple[tuple[str, float], ...]:
    return ("ICC(1)", 1.0), ("ICC(1,k)", components.k_harmonic or 1.0)


def _one(name: str, components: Components, k: float, seed: int, draws: int) -> Icc:
    def share(v: Variances) -> tuple[Values, Values]:
        return v["unit"], v["unit"] + v["residual"] / k

    return coefficient(name, components, share, k, seed=seed, draws=draws)


def _empty(name: str, components: Components, k: float, method: str, note: str) -> Icc:
    return Icc(name, None, None, None, k, components.n_units, components.n_raters, components.n_ratings, method, note)
