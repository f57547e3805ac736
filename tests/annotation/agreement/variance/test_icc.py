"""Intraclass correlations meet lme4 and the classical analysis of variance, and their intervals hold what they say."""

import numpy as np
import pytest

from annotation.agreement.ratings import Ratings
from annotation.agreement.variance.components import crossed_components
from annotation.agreement.variance.decision import decide
from annotation.agreement.variance.icc import crossed_iccs, iccs, intra_rater, putka_q
from tests.annotation.agreement.variance.test_components import simulated
from tests.harness.reference import expected, long_ratings, table_ratings

CONTINUOUS = long_ratings("incomplete_continuous_a")


def test_coefficients_with_holes_are_those_of_lme4():
    values = expected("incomplete_continuous_a", rows="occasion 0")
    coefficient = iccs(CONTINUOUS)
    for name in ("ICC(1)", "ICC(A,1)", "ICC(C,1)", "ICC(A,k)", "ICC(C,k)", "ICC(Q,k)"):
        assert coefficient[name].value == pytest.approx(values[f"{name}_reml"], abs=1e-5), name
        assert coefficient[name].low < coefficient[name].value < coefficient[name].high
        assert "seed 1" in coefficient[name].method
    assert putka_q(CONTINUOUS) == pytest.approx(values["putka_q"], abs=1e-9)


def test_units_only_is_dyestuff():
    coefficient = iccs(long_ratings("dyestuff_oneway"))
    assert coefficient["ICC(1)"].value == pytest.approx(expected("dyestuff_oneway")["ICC(1)_reml"], abs=1e-6)
    assert coefficient["ICC(A,1)"].value is None
    assert "each rater rated one unit only" in coefficient["ICC(A,1)"].note


def test_complete_tables_give_the_classical_coefficients():
    """Shrout and Fleiss (1979): REML equals the analysis of variance where nothing is missing or at a boundary."""
    coefficient = iccs(table_ratings("shrout_fleiss_1979"))
    for name, value in {
        "ICC(1)": 0.1657,
        "ICC(A,1)": 0.2898,
        "ICC(C,1)": 0.7148,
        "ICC(A,k)": 0.6201,
        "ICC(C,k)": 0.9093,
    }.items():
        assert coefficient[name].value == pytest.approx(value, abs=5e-5), name
    assert coefficient["ICC(Q,k)"].value == pytest.approx(coefficient["ICC(C,k)"].value, abs=1e-9)


@pytest.mark.parametrize("name", ["shrout_fleiss_1979", "irr_anxiety", "wine_bitterness_0_100"])
def test_the_mean_of_k_ratings_by_anybody(name):
    coefficient = iccs(table_ratings(name))["ICC(1,k)"]
    assert coefficient.value == pytest.approx(expected(name)["ICC(1,k)"], abs=1e-6)


def test_intervals_for_these_raters_are_shorter_where_raters_differ():
    coefficient = iccs(table_ratings("wine_bitterness_0_100"))
    low, high = coefficient["ICC(A,1)"].these_raters
    assert coefficient["ICC(A,1)"].low < low < coefficient["ICC(A,1)"].value < high < coefficient["ICC(A,1)"].high
    assert coefficient["ICC(C,1)"].these_raters == (coefficient["ICC(C,1)"].low, coefficient["ICC(C,1)"].high)
    assert coefficient["ICC(1)"].these_raters is None


def test_with_repeats_the_interaction_is_noise_between_raters():
    values = expected("incomplete_continuous_a", rows="all")
    components = crossed_components(CONTINUOUS)
    between = crossed_iccs(components, CONTINUOUS)["ICC(A,1)"]
    assert between.value == pytest.approx(values["reml3_ICC_inter_A1"], abs=2e-4)
    assert np.sqrt(components.residual) == pytest.approx(values["reml3_SEM_intra"], abs=2e-4)


def test_raters_of_their_own_make_the_whole_of_their_variance_error():
    nested = Ratings.of([0, 0, 1, 1, 2, 2], ["a", "b", "c", "d", "e", "f"], [1, 2, 4, 3, 6, 6])
    assert putka_q(nested) == pytest.approx(1 / 2)


def test_repeats_tell_how_well_a_rater_repeats_themself():
    values = expected("incomplete_continuous_a", rows="all")
    assert intra_rater(CONTINUOUS).value == pytest.approx(values["reml3_ICC_intra"], abs=2e-4)
    without = intra_rater(CONTINUOUS.first_occasion())
    assert (without.value, without.note) == (None, "needs a rater who rated a unit twice")


def test_the_same_seed_draws_the_same_interval():
    assert iccs(CONTINUOUS, seed=3) == iccs(CONTINUOUS, seed=3)
    assert iccs(CONTINUOUS, seed=3)["ICC(1)"].low != iccs(CONTINUOUS, seed=4)["ICC(1)"].low


def test_what_is_undefined_says_why():
    for coefficient in iccs(table_ratings([[3, 3], [3, 3]])).values():
        assert (coefficient.value, coefficient.low, coefficient.note) == (
            None,
            None,
            "all ratings are the same; components need variation",
        )
    perfect = iccs(table_ratings([[1, 1], [2, 2], [3, 3]]))["ICC(A,1)"]
    assert (perfect.value, perfect.low) == (1.0, None)


def test_intervals_cover_in_40_simulated_panels():
    """Nominal 95 %: fewer than 33 of 40 has probability below .001 even at true coverage .93."""
    truth = 2.25 / (2.25 + 0.36 + 1.0)
    n_covered = 0
    for seed in range(40):
        coefficient = iccs(simulated(seed, units=100), draws=2000)["ICC(A,1)"]
        n_covered += coefficient.low <= truth <= coefficient.high
    assert n_covered >= 33


def test_the_decision_study_is_spearman_brown_on_the_components():
    value = expected("incomplete_continuous_a", rows="occasion 0")["decision_study"]
    coefficient = decide(crossed_components(CONTINUOUS.first_occasion()))
    assert [step.absolute for step in coefficient.steps] == pytest.approx(value["reliability_absolute_by_k"], abs=1e-4)
    assert [step.standard_error for step in coefficient.steps] == pytest.approx(value["se_mean_by_k"], abs=1e-4)
    for target in (0.8, 0.9):
        assert coefficient.raters_for(target) == value[f"raters_for_absolute_reliability_{target}"]
    assert all(step.low < step.absolute < step.high for step in coefficient.steps)
    assert np.all(np.diff([step.standard_error for step in coefficient.steps]) < 0)


def test_units_that_do_not_differ_need_no_number_of_raters():
    coefficient = decide(crossed_components(table_ratings([[1, 2, 3], [2, 3, 1], [3, 1, 2], [2, 1, 3]])))
    assert coefficient.raters_for(0.8) is None
    assert "units do not differ" in coefficient.note
    assert decide(crossed_components(table_ratings([[3, 3], [3, 3]]))).steps == ()
