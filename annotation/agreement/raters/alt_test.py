"""Ask whether a model could stand in for an expert: the alternative annotator test, and the human band.

Calderon, N., Reichart, R. & Dror, R. (2025). The alternative annotator test for LLM-as-a-judge. ACL 2025, long 782.
Leave one expert out; on each of their images, does the model agree with the other experts at least as well as they do?
Epsilon is the price of an expert's time, not a statistic: 0 asks the model to be better outright.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import scipy

from annotation.agreement.ratings import Ratings, Values

Scoring = Literal["neg_rmse", "accuracy"]
METHOD = (
    "alternative annotator test ({}), epsilon {:g}, one-sided t test for each expert, Benjamini-Yekutieli at {:g}; "
    "experts with {} images or more, images with {} experts or more"
)
BAND_METHOD = (
    "mean absolute distance from the mean of the other experts, for the model and the expert on the same images and "
    "with the same others; 95 % percentile bootstrap over images, paired, {} replicates (seed {})"
)
NO_EXPERT = "no expert has enough images that enough others rated too and the model scored"


@dataclass(frozen=True)
class AltTestRater:
    """One expert's comparison: `advantage` is the share of images on which the model agrees as well or better."""

    rater: str
    n: int
    advantage: float
    human_advantage: float
    p: float
    won: bool


@dataclass(frozen=True)
class AltTest:
    """The test: `winning_rate` is the share of experts the model could stand in for; None where undefined.

    `low` and `high` bound the advantage probability over experts (t interval).
    """

    winning_rate: float | None
    advantage: float | None
    low: float | None
    high: float | None
    epsilon: float
    n_raters: int
    n_units: int
    raters: tuple[AltTestRater, ...]
    method: str
    note: str = ""


def alt_test(
    ratings: Ratings,
    model: Mapping[str, float],
    *,
    epsilon: float = 0.2,
    scoring: Scoring = "neg_rmse",
    false_discovery: float = 0.05,
    fewest_units: int = 30,  # The paper's least, for the t test to hold.
    fewest_raters: int = 2,
) -> AltTest:
    """Return the test of a model's scores by unit, from first ratings; ties count as wins for both sides."""
    first = ratings.first_occasion()
    model_scores = np.array([model.get(name, np.nan) for name in first.units])[first.unit]
    has_experts = np.bincount(first.unit)[first.unit] >= fewest_raters
    pairable = first.where(np.isfinite(model_scores) & has_experts)
    method = METHOD.format(scoring, epsilon, false_discovery, fewest_units, fewest_raters)
    scores = np.array([model[name] for name in pairable.units])
    outcomes = _compare(pairable, scores, AGREEMENTS[scoring])
    comparisons = {name: pair for name, pair in outcomes.items() if len(pair[0]) >= fewest_units}
    if not comparisons:
        return AltTest(None, None, None, None, epsilon, 0, len(pairable.units), (), method, NO_EXPERT)
    p = [_p_value(machine, human, epsilon) for machine, human in comparisons.values()]
    wins = _benjamini_yekutieli(p, false_discovery)
    rows = tuple(
        AltTestRater(name, len(machine), float(machine.mean()), float(human.mean()), p[j], wins[j])
        for j, (name, (machine, human)) in enumerate(comparisons.items())
    )
    advantages = np.array([row.advantage for row in rows])
    low = high = None
    if len(rows) > 1:
        reach = scipy.special.stdtrit(len(rows) - 1, 0.975) * advantages.std(ddof=1) / np.sqrt(len(rows))
        low, high = float(max(0.0, advantages.mean() - reach)), float(min(1.0, advantages.mean() + reach))
    return AltTest(
        float(np.mean(wins)), float(advantages.mean()), low, high, epsilon, len(rows), len(pairable.units), rows, method
    )


def _neg_rmse(value: float, rest: Values) -> float:
    return -float(np.sqrt(((value - rest) ** 2).mean()))


def _accuracy(value: float, rest: Values) -> float:
    return float(np.mean(rest == value))


AGREEMENTS: dict[Scoring, Callable[[float, Values], float]] = {"neg_rmse": _neg_rmse, "accuracy": _accuracy}


def _compare(
    ratings: Ratings, model: Values, agreement: Callable[[float, Values], float]
) -> dict[str, tuple[Values, Values]]:
    """Return by rater, an entry a unit: whether the model, and the rater, agree with the rest at least as well."""
    comparisons: dict[str, tuple[list[bool], list[bool]]] = {name: ([], []) for name in ratings.raters}
    ends = np.flatnonzero(np.diff(ratings.unit)) + 1
    for rows in np.split(np.arange(ratings.n), ends) if ratings.n else []:
        machine = float(model[ratings.unit[rows[0]]])
        for row in rows:
            rest = ratings.value[rows[rows != row]]
            model_agreement, rater_agreement = agreement(machine, rest), agreement(float(ratings.value[row]), rest)
            wins = comparisons[ratings.raters[ratings.rater[row]]]
            wins[0].append(model_agreement >= rater_agreement)
            wins[1].append(rater_agreement >= model_agreement)
    return {name: (np.array(m, dtype=float), np.array(h, dtype=float)) for name, (m, h) in comparisons.items()}


def _p_value(machine: Values, human: Values, epsilon: float) -> float:
    """Return the one-sided p value of: the expert's advantage is below the model's plus epsilon."""
    difference: Values = human - machine
    # The t statistic of equal differences would divide by nought.
    if np.ptp(difference) == 0:
        return 0.0 if difference[0] < epsilon else 1.0
    return float(scipy.stats.ttest_1samp(difference, epsilon, alternative="less").pvalue)


def _benjamini_yekutieli(p: list[float], rate: float) -> list[bool]:
    n = len(p)
    order = np.argsort(p)
    # Experts are compared with each other, so their tests depend, which Benjamini-Hochberg would not cover.
    limits = rate * np.arange(1, n + 1) / (n * (1 / np.arange(1, n + 1)).sum())
    below = np.flatnonzero(np.array(p)[order] <= limits)
    rejections = np.zeros(n, dtype=bool)
    if len(below):
        rejections[order[: below[-1] + 1]] = True
    return [bool(each) for each in rejections]


@dataclass(frozen=True)
class BandRater:
    """One expert against the rest, and the model against the same rest, as mean absolute distances in points.

    `difference` is the model's distance minus the expert's: below zero the model is nearer.
    """

    rater: str
    n: int
    expert: float
    model: float
    difference: float
    low: float
    high: float


@dataclass(frozen=True)
class Band:
    """The human band: the experts' distances from the rest; `inside` says whether the model belongs there.

    Inside means not farther than the worst expert, and the interval of the difference to the median expert includes 0
    or lies below it. None where undefined.
    """

    inside: bool | None
    worst: float | None
    median: float | None
    model: float | None
    bias: float | None
    slope: float | None
    spearman: float | None
    n_units: int
    raters: tuple[BandRater, ...]
    method: str
    note: str = ""


def human_band(
    ratings: Ratings, model: Mapping[str, float], *, fewest_units: int = 30, replicates: int = 1000, seed: int = 1
) -> Band:
    """Return how near the model comes to the experts next to how near they come to each other.

    Bias, slope and Spearman correlation set the model against the experts' means: good ranks with a wrong level are
    told apart from agreement.
    """
    first = ratings.first_occasion()
    model_scores = np.array([model.get(name, np.nan) for name in first.units])[first.unit]
    pairable = first.where(np.isfinite(model_scores) & (np.bincount(first.unit)[first.unit] >= 2))
    method = BAND_METHOD.format(replicates, seed)
    count, total = np.bincount(pairable.unit), np.bincount(pairable.unit, pairable.value)
    rest_means = (total[pairable.unit] - pairable.value) / (count[pairable.unit] - 1)
    scores = np.array([model[name] for name in pairable.units])
    machine, expert = np.abs(scores[pairable.unit] - rest_means), np.abs(pairable.value - rest_means)
    random = np.random.default_rng(seed)
    rows = []
    for code, name in enumerate(pairable.raters):
        rater_rows = pairable.rater == code
        n = int(rater_rows.sum())
        if n < fewest_units:
            continue
        difference = machine[rater_rows] - expert[rater_rows]
        draws = difference[random.integers(n, size=(replicates, n))].mean(axis=1)
        low, high = np.quantile(draws, [0.025, 0.975])
        rows.append(
            BandRater(
                name, n, float(expert[rater_rows].mean()), float(machine[rater_rows].mean()), float(difference.mean()),
                float(low), float(high),
            )
        )  # fmt: skip
    if not rows:
        return Band(None, None, None, None, None, None, None, len(pairable.units), (), method, NO_EXPERT)
    raters_by_distance = sorted(rows, key=lambda row: row.expert)
    # One person and no mean of two, since the difference is bootstrapped on that person's images.
    middle = raters_by_distance[(len(raters_by_distance) - 1) // 2]
    largest_distance, model_distance = raters_by_distance[-1].expert, float(np.mean([row.model for row in rows]))
    bias, slope, spearman = _against_means(scores, total / count)
    return Band(
        model_distance <= largest_distance and middle.low <= 0, largest_distance, middle.expert, model_distance,
        bias, slope, spearman, len(pairable.units), tuple(rows), method,
    )  # fmt: skip


def _against_means(scores: Values, means: Values) -> tuple[float, float | None, float | None]:
    bias = float((scores - means).mean())
    if len(scores) < 3 or np.ptp(scores) == 0 or np.ptp(means) == 0:
        return bias, None, None
    return (
        bias,
        float(scipy.stats.linregress(means, scores).slope),
        float(scipy.stats.spearmanr(scores, means).statistic),
    )
