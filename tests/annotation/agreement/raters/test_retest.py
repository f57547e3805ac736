"""Test-retest figures obey the laws that any such figures obey."""

from __future__ import annotations

import numpy as np
import pytest

from annotation.agreement.coefficients.ranks import mean_correlation
from annotation.agreement.raters.retest import FEWEST, TOO_FEW, retest
from annotation.agreement.raters.severity import repeat_pairs
from annotation.agreement.variance.icc import iccs
from tests.harness.reference import expected, long_ratings, table_ratings


def simulated_pairs(n: int, noise: float, seed: int = 7) -> list[tuple[float, float]]:
    """Return two scores for each of n images, each with a person's own noise of this standard deviation."""
    rng = np.random.default_rng(seed)
    true = rng.uniform(2, 8, n)
    return [tuple(pair) for pair in np.column_stack([true + rng.normal(0, noise, n) for _ in range(2)])]


def test_whoever_repeats_themselves_exactly_differs_by_nothing():
    figures = retest([(score, score) for score in (1, 4.5, 6, 8, 9.5)])
    assert figures.n == 5
    assert figures.within_one_point == 1
    assert (figures.mean_absolute_difference, figures.shift, figures.standard_error) == (0, 0, 0)
    assert (figures.smallest_real_difference, figures.low, figures.high) == (0, 0, 0)


@pytest.mark.parametrize("noise", [0.25, 1.0, 2.0])
def test_the_standard_error_recovers_the_noise_of_one_score(noise: float):
    figures = retest(simulated_pairs(20_000, noise))
    assert figures.standard_error == pytest.approx(noise, rel=0.02)
    assert figures.smallest_real_difference == pytest.approx(1.96 * np.sqrt(2) * noise, rel=0.02)


def test_the_interval_covers_the_planted_difference_as_often_as_it_says():
    planted = 1.96 * np.sqrt(2) * 0.8
    covered = 0
    for seed in range(1000):
        figures = retest(simulated_pairs(12, 0.8, seed))
        assert figures.low is not None
        assert figures.high is not None
        covered += figures.low < planted < figures.high
    assert 930 <= covered <= 970


def test_figures_worked_by_hand():
    # Differences 1, -1, 2, 0, -2: their mean is 0, the sum of squares 10, the variance 10 / 4.
    figures = retest([(5, 6), (5, 4), (5, 7), (5, 5), (5, 3)])
    assert figures.mean_absolute_difference == pytest.approx(1.2)
    assert figures.within_one_point == pytest.approx(0.6)
    assert figures.standard_error == pytest.approx(np.sqrt(2.5 / 2))
    assert figures.smallest_real_difference == pytest.approx(1.96 * np.sqrt(2.5))


def test_a_steady_shift_is_told_apart_from_noise():
    figures = retest([(score, score + 1.5) for score in range(6)])
    assert figures.shift == 1.5
    assert figures.standard_error == 0
    assert figures.within_one_point == 0


def test_the_order_of_the_pairs_does_not_matter():
    pairs = simulated_pairs(30, 1)
    there, back = retest(pairs), retest(pairs[::-1])
    assert there.standard_error == pytest.approx(back.standard_error)
    assert there.shift == pytest.approx(back.shift)


def test_the_published_repeats():
    values = expected("incomplete_continuous_a", rows="all")
    pairs = repeat_pairs(long_ratings("incomplete_continuous_a"))
    figures = retest(pairs)
    assert figures.n == values["retest_n"]
    within = (figures.n - 1) / figures.n * figures.standard_error**2 + figures.shift**2 / 2
    assert np.sqrt(within) == pytest.approx(values["retest_within_sd"], abs=1e-8)
    twice = table_ratings([list(pair) for pair in pairs])
    assert iccs(twice)["ICC(1)"].value == pytest.approx(values["retest_ICC1"], abs=1e-6)
    assert mean_correlation(twice)[0] == pytest.approx(values["retest_pearson"], abs=1e-8)


@pytest.mark.parametrize("n", range(FEWEST))
def test_too_few_pairs_are_refused_with_the_reason(n: int):
    figures = retest([(5, 6)] * n)
    assert figures.n == n
    assert figures.smallest_real_difference is None
    assert figures.note == TOO_FEW
