"""Study our own statistics on ratings with known truth: do intervals cover, is bias small, are bad raters seen?

Each line of a study draws many data sets from one plan. `docs/validity.md` is written from these lines.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from zlib import crc32

import numpy as np

from annotation.agreement.coefficients.alpha import alpha
from annotation.agreement.coefficients.intervals import raters_like_these, these_raters
from annotation.agreement.raters.anchoring import anchoring
from annotation.agreement.raters.severity import drifts, severities, spreads
from annotation.agreement.variance.components import crossed_components
from annotation.agreement.variance.icc import crossed_iccs

from .simulate import Plan, simulate

PANELS = Plan(unit_sd=1.5, rater_sd=0.6, noise_sd=1.0)
DESIGNS = tuple(
    replace(PANELS, units=units, raters=raters, k=k)
    for units, raters, k in (
        (30, 5, 3), (100, 5, 3), (500, 5, 3), (30, 8, 3), (100, 8, 3), (500, 8, 3), (100, 8, 5), (500, 8, 5),
        (100, 30, 3), (500, 30, 3), (100, 30, 5), (500, 30, 5),
    )
)  # fmt: skip
REVEAL, ASSISTED = (0.15, 0.85, 0.0), (0.2, 0.0, 0.8)
ANCHORING_PLANS = tuple(
    replace(PANELS, units=units, raters=raters, k=k, arms=arms, anchoring=share, model_sd=1.5)
    for units, raters, k in ((150, 8, 3), (500, 15, 5))
    for arms in (REVEAL, ASSISTED)
    for share in (0.0, 0.1, 0.3)
)
BAD_RATER_PLANS = tuple(replace(PANELS, units=units, raters=8, k=3) for units in (80, 160, 500))
DRIFT, CARELESS = 1.0, 2.5
DRAWS = 2000


@dataclass(frozen=True)
class Coverage:
    """What became of one estimate over the data sets of one plan.

    `bias` and `spread` are the mean and the standard deviation of estimate minus truth, `covered` the share of
    intervals that held the truth, `width` their mean width, `refused` how many sets gave no interval.
    """

    estimate: str
    plan: Plan
    truth: float
    sets: int
    refused: int
    bias: float
    spread: float
    covered: float
    width: float


@dataclass(frozen=True)
class Detection:
    """How often a bad rater, and how often each of the good ones, is marked."""

    what: str
    plan: Plan
    sets: int
    ratings_each: float
    found: float
    false_alarms: float


def study_components(plan: Plan, *, sets: int, seed: int) -> tuple[Coverage, ...]:
    """Return the coverage of the variances and of ICC(A,1), ICC(C,1) and ICC(A,k)."""
    unit, rater, noise = plan.unit_sd**2, plan.rater_sd**2, plan.interaction_sd**2 + plan.noise_sd**2
    truths = {
        "unit variance": unit,
        "rater variance": rater,
        "residual variance": noise,
        "ICC(A,1)": unit / (unit + rater + noise),
        "ICC(C,1)": unit / (unit + noise),
        "ICC(A,k)": unit / (unit + (rater + noise) / plan.k),
    }
    intervals: dict[str, list[tuple[float, float, float] | None]] = {name: [] for name in truths}
    for data_seed in _seeds(plan, seed, sets):
        ratings = simulate(plan, seed=data_seed).ratings
        components = crossed_components(ratings)
        for name in ("unit", "rater", "residual"):
            interval = components.interval(name)
            intervals[f"{name} variance"].append(interval and (getattr(components, name), *interval))
        for name, icc in crossed_iccs(components, ratings, seed=data_seed, draws=DRAWS).items():
            if name in intervals:
                has_interval = icc.value is not None and icc.low is not None and icc.high is not None
                intervals[name].append((icc.value, icc.low, icc.high) if has_interval else None)  # type: ignore[arg-type]
    return tuple(_coverage(name, plan, truths[name], rows) for name, rows in intervals.items())


def study_alpha(plan: Plan, *, sets: int, seed: int) -> tuple[Coverage, ...]:
    """Return the coverage of both intervals of interval alpha, each against the truth it speaks of.

    Were there units without end, alpha for these raters would be 1 - (S2 + e) / (u + V + e), with S2 the variance of
    their severities over R - 1 and V that over R, u the units' variance and e the noise: two ratings of a unit come
    from two different raters, two of any units from any. For raters like these S2 and V are the variance they are
    drawn from, and alpha is ICC(A,1). The first truth differs from set to set, so intervals are held against it.
    """
    unit, noise = plan.unit_sd**2, plan.interaction_sd**2 + plan.noise_sd**2
    wider = unit / (unit + plan.rater_sd**2 + noise)
    intervals: list[tuple[float, float, float] | None] = []
    like: list[tuple[float, float, float] | None] = []
    for data_seed in _seeds(plan, seed, sets):
        data = simulate(plan, seed=data_seed)
        point = alpha(data.ratings, "interval").value
        severity_variance, spread = float(data.severity.var(ddof=1)), float(data.severity.var())
        truth = 1 - (severity_variance + noise) / (unit + spread + noise)
        for rows, interval, by in (
            (intervals, these_raters(data.ratings, "interval", seed=data_seed), truth),
            (like, raters_like_these(data.ratings, "interval"), wider),
        ):
            has_interval = point is not None and interval.low is not None and interval.high is not None
            rows.append((point - by, interval.low - by, interval.high - by) if has_interval else None)  # type: ignore[operator]
    return (
        _coverage("alpha, these raters", plan, 0.0, intervals),
        _coverage("alpha, raters like these", plan, 0.0, like),
    )


def study_anchoring(plan: Plan, *, sets: int, seed: int) -> tuple[Coverage, ...]:
    """Return the coverage of the difference of slopes and of the share of the way toward the model."""
    blind = plan.unit_sd**2 / (plan.unit_sd**2 + plan.model_sd**2)
    arm = "reveal" if plan.arms[1] else "assisted"
    differences: list[tuple[float, float, float] | None] = []
    shares: list[tuple[float, float, float] | None] = []
    for data_seed in _seeds(plan, seed, sets):
        data = simulate(plan, seed=data_seed)
        estimate = anchoring(data.ratings, data.arm, data.model_of_rating(), arm)
        for rows, value, low, high in (
            (differences, estimate.difference, estimate.difference_low, estimate.difference_high),
            (shares, estimate.value, estimate.low, estimate.high),
        ):
            rows.append(None if value is None or low is None or high is None else (value, low, high))
    return (
        _coverage(f"difference of slopes, {arm}", plan, plan.anchoring * (1 - blind), differences),
        _coverage(f"share of the way, {arm}", plan, plan.anchoring, shares),
    )


def study_severity(plan: Plan, *, sets: int, seed: int) -> tuple[Coverage, ...]:
    """Return the coverage of one rater's severity against the panel; its truth differs from set to set."""
    rows: list[tuple[float, float, float] | None] = []
    for data_seed in _seeds(plan, seed, sets):
        data = simulate(plan, seed=data_seed)
        first = severities(data.ratings).raters
        truth = float(data.severity[0] - data.severity.mean())
        rows.append((first[0].severity - truth, first[0].low - truth, first[0].high - truth) if first else None)
    return (_coverage("severity of one rater", plan, 0.0, rows),)


def study_drift(plan: Plan, *, sets: int, seed: int) -> Detection:
    """Return how often the interval of a drift excludes 0 for rater 0, who drifts, and for the others, who do not."""
    drift_plan = replace(plan, drift_of=((0, DRIFT),))
    marks = []
    for data_seed in _seeds(plan, seed, sets):
        slopes = drifts(simulate(drift_plan, seed=data_seed).ratings)
        marks.append(
            [each.low is not None and each.high is not None and not each.low <= 0 <= each.high for each in slopes]
        )
    return _detection(f"drift of {DRIFT:g} point per 100 ratings: its interval excludes 0", drift_plan, marks)


def study_careless(plan: Plan, *, sets: int, seed: int) -> Detection:
    """Return how often a spread lies more than 3 standard errors above the panel's median spread."""
    careless_plan = replace(plan, noise_of=((0, CARELESS * plan.noise_sd),))
    marks = []
    for data_seed in _seeds(plan, seed, sets):
        estimates = spreads(simulate(careless_plan, seed=data_seed).ratings)
        middle = float(np.median([each.value for each in estimates if each.value is not None]))
        marks.append(
            [
                each.value is not None and each.error is not None and each.value - 3 * each.error > middle
                for each in estimates
            ]
        )
    return _detection(f"{CARELESS:g} times the noise: spread 3 standard errors above the median", careless_plan, marks)


def markdown(coverages: Sequence[Coverage], detections: Sequence[Detection], *, sets: int, seed: int) -> str:
    """Return the page of docs: how it was made, and a table of each study."""
    # The reader has to know how far from 95 % mere chance takes a share of so many sets.
    chance = 100 * 1.96 * float(np.sqrt(0.95 * 0.05 / sets))
    parts = [
        "# Do our statistics hold what they say?",
        "",
        f"Written by `manage.py study_validity --sets {sets} --seed {seed} --out docs/validity.md`. Each line is "
        f"{sets} simulated",
        "data sets whose truth is known. An interval that says 95 % should hold the truth in 95 of 100 sets; with "
        f"{sets} sets",
        f"chance alone moves that by {chance:.1f} points either way.",
        "",
        "Scores have standard deviations of 1.5 between units, 0.6 between raters and 1.0 of noise; k raters of the",
        "panel rate each unit, drawn at random. What is known of the rater variance depends on the number of raters:",
        "with five of them no number of images makes its interval short, nor that of ICC(A,1). Its own interval holds",
        "less than it says where few raters meet few images; rely on those of the coefficients.",
        "",
        "## The two intervals of alpha",
        "",
        "Interval level. Each interval is held against the truth it speaks of: alpha of the raters in hand, were there",
        "images without end, and alpha of raters drawn as these were. The truth is taken off, so that it reads 0.",
        "",
        *_coverage_table([each for each in coverages if each.estimate.startswith("alpha")]),
        "",
        "## Components and intraclass correlations",
        "",
        *_coverage_table([each for each in coverages if _is_component(each)]),
        "",
        "## Anchoring toward the model",
        "",
        "Eight raters with 150 units are a small study: the width says how large anchoring must be to be seen.",
        "",
        *_coverage_table([each for each in coverages if each.plan.arms != Plan.arms]),
        "",
        "## Finding a drifting or careless rater",
        "",
        "| One rater of eight, three a unit | units | ratings each | found | false alarms a good rater |",
        "|---|---|---|---|---|",
        *(
            f"| {each.what} | {each.plan.units} | {each.ratings_each:.0f} | {100 * each.found:.0f} % | "
            f"{100 * each.false_alarms:.1f} % |"
            for each in detections
        ),
    ]
    return "\n".join(parts) + "\n"


def _is_component(coverage: Coverage) -> bool:
    return not coverage.estimate.startswith("alpha") and not coverage.plan.anchoring and coverage.plan.arms == Plan.arms


def _coverage_table(rows: Sequence[Coverage]) -> Iterator[str]:
    yield "| Estimate | units x raters, k | truth | bias | spread | covered | mean width | no interval |"
    yield "|---|---|---|---|---|---|---|---|"
    for each in rows:
        plan = each.plan
        yield (
            f"| {each.estimate} | {plan.units} x {plan.raters}, {plan.k} | {each.truth:.3f} | {each.bias:+.3f} | "
            f"{each.spread:.3f} | {100 * each.covered:.1f} % | {each.width:.3f} | {each.refused} |"
        )


def _seeds(plan: Plan, seed: int, sets: int) -> list[int]:
    """Return seeds of a plan's own, so that no two lines share their chance."""
    # CRC-32 and not hash(), which Python salts anew in every process.
    return [
        int(data_seed) for data_seed in np.random.SeedSequence([seed, crc32(repr(plan).encode())]).generate_state(sets)
    ]


def _coverage(name: str, plan: Plan, truth: float, rows: Sequence[tuple[float, float, float] | None]) -> Coverage:
    intervals = np.array([row for row in rows if row is not None])
    if not len(intervals):
        nan = float("nan")
        return Coverage(name, plan, truth, len(rows), len(rows), nan, nan, nan, nan)
    is_covered = (intervals[:, 1] <= truth) & (truth <= intervals[:, 2])
    return Coverage(
        name, plan, truth, len(rows), len(rows) - len(intervals), float(intervals[:, 0].mean() - truth),
        float(intervals[:, 0].std()), float(is_covered.mean()), float((intervals[:, 2] - intervals[:, 1]).mean()),
    )  # fmt: skip


def _detection(what: str, plan: Plan, marks: Sequence[Sequence[bool]]) -> Detection:
    table = np.array(marks, dtype=float)
    each = plan.units * plan.k / plan.raters
    return Detection(what, plan, len(table), each, float(table[:, 0].mean()), float(table[:, 1:].mean()))
