"""Coefficients other than alpha have both intervals, or the reason why not; what they say holds in simulated panels."""

import numpy as np
import pytest

from annotation.agreement.coefficients import kappa
from annotation.agreement.coefficients.intervals import ALL_AGREE, TOO_FEW_RATERS, TOO_FEW_UNITS
from annotation.agreement.coefficients.two_intervals import over_units, two_intervals
from annotation.agreement.report.design import raw_agreement
from annotation.agreement.report.table import SEE_TWO_WAY, report
from annotation.agreement.study.simulate import Plan, simulate
from tests.harness import published_tables as cases
from tests.harness.reference import table_ratings

PANEL = Plan(units=150, raters=8, k=3, scale="nominal", categories=4, slip=0.3)


def ac1(ratings):
    return kappa.gwet(kappa.Counts.of(ratings)).value


def both(ratings):
    intervals = kappa.gwet(kappa.Counts.of(ratings))
    return two_intervals(ratings, intervals.value, intervals.error, ac1)


def test_the_interval_for_other_raters_is_the_wider_one_and_both_hold_the_value():
    ratings = simulate(PANEL, seed=1).ratings
    intervals, value = both(ratings), ac1(ratings)
    (low, high), (lowest, highest) = intervals.these_raters, intervals.raters_like_these
    assert lowest < low < value < high < highest < 1


def test_the_jackknife_over_units_comes_near_the_linearised_error():
    ratings = simulate(PANEL, seed=2).ratings
    linearised = kappa.gwet(kappa.Counts.of(ratings)).error
    assert over_units(ratings, ac1) == pytest.approx(linearised, rel=0.1)


def test_the_error_of_raw_agreement_is_that_of_the_units_means():
    ratings = table_ratings([[1, 1, 2], [3, 3, 3], [1, 2, 3], [2, 2, 1]])
    assert raw_agreement(ratings).exact == pytest.approx(np.mean([1 / 3, 1, 0, 1 / 3]))
    assert raw_agreement(ratings).error == pytest.approx(np.std([1 / 3, 1, 0, 1 / 3], ddof=1) / 2)


@pytest.mark.parametrize(
    ("rows", "note"),
    [
        ([[1, 1, 2]] * 4, TOO_FEW_UNITS),
        ([[n % 3, (n * n) % 3, n % 3] for n in range(20)], TOO_FEW_RATERS),
        ([[n % 3] * 4 for n in range(20)], ALL_AGREE),
    ],
)
def test_what_cannot_be_told_says_why(rows, note):
    assert both(table_ratings(rows)).note == note


def test_three_raters_get_the_interval_for_these_raters_only():
    intervals = both(table_ratings([[n % 3, (n * n) % 3, n % 3] for n in range(20)]))
    assert intervals.these_raters is not None
    assert intervals.raters_like_these is None


@pytest.mark.parametrize("level", ["nominal", "ordinal", "interval"])
def test_every_coefficient_of_a_report_has_both_intervals_and_its_method(level):
    plan = Plan(units=40, raters=5, k=5, scale="nominal" if level == "nominal" else "half-points", categories=4)
    intervals = report(simulate(plan, seed=1).ratings, level, replicates=100)
    there = ["raw_agreement", "krippendorff_alpha", "gwet_ac1", "gwet_ac2", "fleiss_kappa", "kendall_w"]
    coefficients = [intervals[name] for name in there if intervals[name] is not None]
    assert len(coefficients) == {"nominal": 4, "ordinal": 4, "interval": 4}[level]
    for one in coefficients:
        assert len(one["interval_these_raters"]) == len(one["interval_raters_like_these"]) == 2
        assert one["method"]
    if level == "interval":
        assert {"1", "1k", "A1", "C1", "Ak", "Ck", "Qk"} == intervals["icc"].keys() - {"method"}
        assert len(intervals["icc"]["A1"]["interval_these_raters"]) == 2


def test_no_interval_leaves_what_a_coefficient_can_be():
    intervals = report(table_ratings(cases.load("krippendorff_canonical")["data"]), "nominal", replicates=100)
    assert intervals["raw_agreement"]["interval_raters_like_these"][0] == 0
    for name in ("krippendorff_alpha", "gwet_ac1", "fleiss_kappa"):
        assert intervals[name]["interval_raters_like_these"][0] == -1


def test_three_raters_say_of_every_coefficient_why_others_may_differ_untold():
    intervals = report(table_ratings(cases.load("irr_anxiety")["data"]), "interval", replicates=100)
    both = {**{name: intervals[name] for name in ("raw_agreement", "gwet_ac2", "kendall_w")}, **intervals["icc"]}
    del both["method"]
    for name, one in both.items():
        assert one.get("interval_raters_like_these", one.get("interval")) is None, name
        assert one["interval_these_raters"] is not None, name
        assert one["note"].endswith(SEE_TWO_WAY if name in ("1", "1k") else TOO_FEW_RATERS), name


@pytest.mark.soak
def test_both_intervals_hold_what_they_say():
    """AC1 of raters who differ in nothing is the same for these and for others: both must cover it."""
    truth = np.mean([ac1(simulate(Plan(**PANEL.__dict__ | {"units": 20_000}), seed=s).ratings) for s in range(3)])
    n_covered = np.array(
        [
            [low <= truth <= high for low, high in (intervals.these_raters, intervals.raters_like_these)]
            for intervals in (both(simulate(PANEL, seed=seed).ratings) for seed in range(400))
        ]
    )
    assert 0.92 <= n_covered[:, 0].mean() <= 0.98
    assert n_covered[:, 1].mean() >= 0.93
