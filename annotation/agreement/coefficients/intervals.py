"""Give alpha its two intervals: for these raters, and for raters like these.

*These raters*: images drawn with replacement, bias-corrected and accelerated (Efron, B. (1987). Journal of the American
Statistical Association 82, 171-185). It says how alpha would vary over other images judged by the same people. With
few images, where the bootstrap is too narrow, the jackknife on log(1 - alpha).

*Raters like these*: the usual interval is far too narrow for other raters and gets worse as images are added, as it
treats the raters in hand as all there are. So the variance of log(1 - alpha) is the jackknife over images plus the
jackknife over raters (one left out at a time, with all their ratings), and the interval takes t with R - 1 degrees of
freedom. It errs on the wide side with few images. Miller, R. G. (1974). The jackknife - a review. Biometrika 61, 1-15;
on the transformed scale: Moss, J. (2024). Psychometrika. Below four raters it is refused.

Where nobody disagrees with anybody, alpha is 1 and log(1 - alpha) has no value. Then the lower end is the limit of
Clopper, C. J. & Pearson, E. S. (1934). Biometrika 26, 404-413, for the share of units on which raters agree:
0.025^(1/n) when n units show no difference. If the others disagreed as by chance, alpha would be that share.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy

from annotation.agreement.ratings import Ratings, Values

from .alpha import NO_VARIATION, Disagreement, Level, Pairable, disagreement, without_each_rater

FEWEST_UNITS = 5
FEWEST_RATERS = 4
FEWEST_TO_DRAW = 200
MOST_GROUPS = 1000  # Where leaving out each unit is slow, units are left out in this many groups.
BANDS = (0.667, 0.8)  # Krippendorff (2004): tentative conclusions from the first on, firm ones from the second.
# No coefficient of a population is lower: half the mean squared difference is at most twice the variance.
LOWEST_COEFFICIENT = -1.0

TOO_FEW_UNITS = "too few images with two answers for an interval; five are needed"
TOO_FEW_RATERS = "fewer than four experts: how experts differ cannot be told from so few"
ALL_AGREE = "all experts agree on every image: how experts differ cannot be told"
UNDEFINED_WITHOUT_ONE = "without one of the experts or images alpha is 1 or undefined"


@dataclass(frozen=True)
class Interval:
    """An interval of alpha, or the reason in `note` why there is none.

    `above` gives for each of the bands .667 and .8 the probability that alpha lies above it, as the interval has it.
    """

    low: float | None
    high: float | None
    method: str
    note: str = ""
    above: tuple[float, ...] = ()


def these_raters(
    ratings: Ratings, level: Level, *, seed: int, replicates: int = 1000, confidence: float = 0.95
) -> Interval:
    """Return the interval over images for the raters in hand; undefined below five units or without variation.

    Below `FEWEST_TO_DRAW` units it is the jackknife on log(1 - alpha), which there holds the truth more often than the
    bootstrap does (docs/validity.md; Hughes, arXiv 2210.13265, says the same of small samples).
    """
    pairs = Pairable.of(ratings)
    method = f"BCa bootstrap over units, {replicates} replicates, seed {seed}, {confidence:.0%}"
    if pairs.units < FEWEST_UNITS or pairs.is_constant:
        return Interval(None, None, method, TOO_FEW_UNITS if pairs.units < FEWEST_UNITS else NO_VARIATION)
    sums = disagreement(pairs, level)
    point = sums.alpha()
    if point == 1:
        return _of_perfect_agreement(pairs.units, confidence)
    by_unit = leave_out(sums)
    # Without the only unit that differs alpha is 1, and its logarithm infinite; then the bootstrap has to do.
    if pairs.units < FEWEST_TO_DRAW and (by_unit < 1).all():
        error = float(np.sqrt(jackknife_variance(np.log1p(-by_unit))))
        method = f"jackknife over units on log(1 - alpha), t(units - 1), {confidence:.0%}"
        return _on_log_scale(point, error, pairs.units - 1, confidence, method)
    draws = draw(sums, seed=seed, replicates=replicates)
    low, high = bca(point, draws, by_unit, confidence)
    return Interval(low, high, method, above=tuple(float((draws > band).mean()) for band in BANDS))


def raters_like_these(ratings: Ratings, level: Level, *, confidence: float = 0.95) -> Interval:
    """Return the interval over images and raters; undefined below four raters, five units, or without variation."""
    method = f"jackknife over units plus jackknife over raters on log(1 - alpha), t(R - 1), {confidence:.0%}"
    pairs = Pairable.of(ratings)
    n_raters = len(pairs.raters)
    if n_raters < FEWEST_RATERS:
        return Interval(None, None, method, TOO_FEW_RATERS)
    if pairs.units < FEWEST_UNITS or pairs.is_constant:
        return Interval(None, None, method, TOO_FEW_UNITS if pairs.units < FEWEST_UNITS else NO_VARIATION)
    sums = disagreement(pairs, level)
    point = sums.alpha()
    if point == 1:
        return Interval(None, None, method, ALL_AGREE)
    by_unit = leave_out(sums)
    estimates = without_each_rater(pairs, level).values()
    by_rater = np.array([np.nan if estimate is None else estimate for estimate in estimates])
    if not np.isfinite(by_rater).all() or (by_rater >= 1).any() or (by_unit >= 1).any():
        return Interval(None, None, method, UNDEFINED_WITHOUT_ONE)
    error = float(np.sqrt(jackknife_variance(np.log1p(-by_unit)) + jackknife_variance(np.log1p(-by_rater))))
    return _on_log_scale(point, error, n_raters - 1, confidence, method)


def draw(sums: Disagreement, *, seed: int, replicates: int) -> Values:
    """Return alpha of so many draws of units with replacement; a draw without variation is made again."""
    random = np.random.default_rng(seed)
    units = sums.pairs.units
    batches: list[Values] = []
    shortfall = replicates
    while shortfall:
        # A few rows at a time keep memory small, and the order of the draws the same.
        rows = min(shortfall, max(1, 2_000_000 // units))
        values = sums.replicates(random.integers(units, size=(rows, units), dtype=np.int64))
        finite_values = values[np.isfinite(values)]
        batches.append(finite_values)
        shortfall -= len(finite_values)
    return np.concatenate(batches)


def leave_out(sums: Disagreement) -> Values:
    """Return alpha with each unit, or each of a thousand groups of units, left out in turn, where it is defined."""
    units = sums.pairs.units
    if sums.leaves_out_quickly or units <= MOST_GROUPS:
        alphas = sums.without_each_unit()
    else:
        weights = np.ones(units)
        alphas = np.empty(MOST_GROUPS)
        for group in range(MOST_GROUPS):
            weights[group::MOST_GROUPS] = 0
            alphas[group] = sums.alpha(weights)
            weights[group::MOST_GROUPS] = 1
    return alphas[np.isfinite(alphas)]


def jackknife_variance(estimates: Values) -> float:
    """Return (n - 1) / n times the sum of squares about the mean: the variance of the whole."""
    n = len(estimates)
    return float((n - 1) / n * ((estimates - estimates.mean()) ** 2).sum())


def _on_log_scale(point: float, error: float, freedom: int, confidence: float, method: str) -> Interval:
    """Return the interval of a value whose log(1 - value) has this standard error, and the chances of the bands."""
    centre, reach = np.log1p(-point), scipy.stats.t.ppf((1 + confidence) / 2, freedom)
    low, high = (max(LOWEST_COEFFICIENT, float(-np.expm1(centre + side * reach * error))) for side in (1, -1))
    if error == 0:
        return Interval(low, high, method, above=tuple(float(point > band) for band in BANDS))
    above = tuple(float(scipy.stats.t.cdf((np.log1p(-band) - centre) / error, freedom)) for band in BANDS)
    return Interval(low, high, method, above=above)


def bca(point: float, draws: Values, jackknife_estimates: Values, confidence: float) -> tuple[float, float]:
    """Return the bias-corrected and accelerated ends of drawn values (Efron, B. (1987). JASA 82, 171-185)."""
    # With few categories many draws hit the point itself, and half of those count as below.
    below = ((draws < point).sum() + (draws == point).sum() / 2) / len(draws)
    # At 0 or 1 the normal quantile would be infinite.
    shift = scipy.stats.norm.ppf(np.clip(below, 0.5 / len(draws), 1 - 0.5 / len(draws)))
    skew = jackknife_estimates.mean() - jackknife_estimates
    spread = (skew**2).sum() ** 1.5
    acceleration = (skew**3).sum() / (6 * spread) if spread > 0 else 0.0
    tail = (1 - confidence) / 2
    ends = []
    for probability in (tail, 1 - tail):
        z = shift + scipy.stats.norm.ppf(probability)
        ends.append(np.quantile(draws, scipy.stats.norm.cdf(shift + z / (1 - acceleration * z))))
    return float(ends[0]), float(ends[1])


def _of_perfect_agreement(units: int, confidence: float) -> Interval:
    low = ((1 - confidence) / 2) ** (1 / units)
    method = f"Clopper-Pearson for agreement on all {units} units, {confidence:.0%}"
    return Interval(float(low), 1.0, method, above=tuple(float(low > band) for band in BANDS))
