"""REML components meet lme4, obey its laws, recover what was put in, and say why where there is nothing to say."""

import numpy as np
import pytest
from scipy import optimize

from annotation.agreement.cells import Cells
from annotation.agreement.ratings import Ratings
from annotation.agreement.variance.components import crossed_components, unit_components
from annotation.agreement.variance.crossed import CrossedModel, Ratios
from tests.harness.reference import expected, long_ratings, table_ratings

CONTINUOUS = long_ratings("incomplete_continuous_a")


def simulated(seed, units=300, raters=12, k=4, sd=(1.5, 0.6, 1.0), offset=0.0):
    random = np.random.default_rng(seed)
    unit = np.repeat(np.arange(units), k)
    rater = np.concatenate([random.choice(raters, k, replace=False) for _ in range(units)])
    value = random.normal(0, sd[0], units)[unit] + random.normal(0, sd[1], raters)[rater]
    return Ratings.of(unit, rater, offset + value + random.normal(0, sd[2], len(unit)))


def test_components_with_holes_are_those_of_lme4():
    values = expected("incomplete_continuous_a", rows="occasion 0")
    components = crossed_components(CONTINUOUS.first_occasion())
    assert components.unit == pytest.approx(values["reml_var_unit"], rel=1e-5)
    assert components.rater == pytest.approx(values["reml_var_rater"], rel=1e-5)
    assert components.residual == pytest.approx(values["reml_var_residual"], rel=1e-5)
    assert components.deviance == pytest.approx(values["reml_deviance"], abs=1e-5)
    assert components.mean == pytest.approx(values["mean_gls"], abs=1e-5)
    assert components.k_harmonic == pytest.approx(values["k_harmonic"], abs=1e-9)
    assert (components.interaction, components.parts, components.note) == (None, 1, "")


def test_effects_and_the_errors_of_units_are_those_of_lme4():
    values = expected("incomplete_continuous_a", rows="occasion 0")
    first = CONTINUOUS.first_occasion()
    solution = crossed_components(first).solution
    for effects, names, stat in (
        (solution.unit_effects, first.units, "blup_unit"),
        (solution.rater_effects, first.raters, "blup_rater"),
    ):
        rows = [values[stat]["level"].index(name) for name in names]
        assert effects == pytest.approx(np.array(values[stat]["blup"])[rows], abs=1e-3)
    rows = [values["blup_unit"]["level"].index(name) for name in first.units]
    assert solution.unit_errors == pytest.approx(np.array(values["blup_unit"]["cond_sd"])[rows], abs=1e-3)


def test_repeats_tell_interaction_from_noise_as_in_lme4():
    values = expected("incomplete_continuous_a", rows="all")
    components = crossed_components(CONTINUOUS)
    ours = [components.unit, components.rater, components.interaction, components.residual]
    stats = ["reml3_var_unit", "reml3_var_rater", "reml3_var_unit_rater", "reml3_var_resid"]
    assert ours == pytest.approx([values[stat] for stat in stats], rel=2e-4)


@pytest.mark.parametrize("name", ["dyestuff_oneway", "incomplete_continuous_a"])
def test_units_only_components_are_those_of_lme4(name):
    values = expected(name)
    components = unit_components(long_ratings(name).first_occasion())
    assert components.unit == pytest.approx(values["oneway_reml_var_unit"], rel=1e-5)
    assert components.residual == pytest.approx(values["oneway_reml_var_residual"], rel=1e-5)
    if name == "dyestuff_oneway":
        assert components.deviance == pytest.approx(values["reml_deviance"], abs=1e-6)
        assert components.solution.unit_effects == pytest.approx(values["blup_unit"], abs=1e-4)


def test_neither_order_nor_offset_nor_scale_matters():
    first = CONTINUOUS.first_occasion()
    components = crossed_components(first)
    shuffled = np.random.default_rng(1).permutation(first.n)
    renamed = Ratings.of(
        [f"z{999 - u}" for u in first.unit[shuffled]], [f"q{9 - r}" for r in first.rater[shuffled]],
        first.value[shuffled] * 4 + 1e9,
    )  # fmt: skip
    other = crossed_components(renamed)
    for name in components.names:
        assert getattr(other, name) / 16 == pytest.approx(getattr(components, name), rel=1e-6)
    shifted = crossed_components(Ratings.of(first.unit, first.rater, first.value + 1e9))
    same = crossed_components(Ratings.of(first.unit, first.rater, first.value))
    for name in components.names:
        assert getattr(shifted, name) == pytest.approx(getattr(same, name), rel=1e-9)


def test_the_likelihood_is_that_of_the_written_out_matrix():
    components = crossed_components(CONTINUOUS)
    units, raters = np.eye(60)[CONTINUOUS.unit], np.eye(8)[CONTINUOUS.rater]
    cells = np.eye(480)[CONTINUOUS.unit * 8 + CONTINUOUS.rater]
    parts = [z @ z.T for z in (units, raters, cells)] + [np.eye(CONTINUOUS.n)]
    y, one = CONTINUOUS.value - CONTINUOUS.value.mean(), np.ones((CONTINUOUS.n, 1))

    def deviance(variances):
        inverse = np.linalg.inv(sum(v * part for v, part in zip(variances, parts, strict=True)))
        mean = (one.T @ inverse @ one)[0, 0]
        left = y - (one.T @ inverse @ y)[0] / mean
        return (
            -np.linalg.slogdet(inverse)[1]
            + np.log(mean)
            + left @ inverse @ left
            + (CONTINUOUS.n - 1) * np.log(2 * np.pi)
        )

    estimate = np.array([getattr(components, name) for name in components.names])
    assert deviance(estimate) == pytest.approx(components.deviance, abs=1e-6)
    gradient = optimize.approx_fprime(estimate, deviance, 1e-4 * estimate)
    assert gradient == pytest.approx(np.zeros(4), abs=1e-3)
    inverse = np.linalg.inv(sum(v * part for v, part in zip(estimate, parts, strict=True)))
    project = inverse - inverse @ one @ one.T @ inverse / (one.T @ inverse @ one)
    working = [part @ project @ y for part in parts]
    information = np.array([[a @ project @ b / 2 for b in working] for a in working])
    assert np.array(components.covariance) == pytest.approx(np.linalg.inv(information), rel=1e-5)


def test_sums_made_beforehand_change_nothing():
    ratios = Ratios(3.0, 0.4, 0.7)
    beforehand, anew = (CrossedModel(Cells.of(CONTINUOUS), room).solve(ratios) for room in (10**6, 0))
    assert anew.deviance == pytest.approx(beforehand.deviance, rel=1e-12)
    assert anew.rater_effects == pytest.approx(beforehand.rater_effects, rel=1e-9)


def test_simulated_components_come_back_with_honest_errors():
    components = [crossed_components(simulated(seed)) for seed in range(40)]
    for name, truth in (("unit", 2.25), ("rater", 0.36), ("residual", 1.0)):
        estimates = np.array([getattr(each, name) for each in components])
        stated = np.mean([each.error(name) for each in components])
        assert abs(estimates.mean() - truth) < 4 * estimates.std(ddof=1) / np.sqrt(len(components))
        assert 0.6 < stated / estimates.std(ddof=1) < 1.6


def test_a_variance_at_the_boundary_is_zero_and_says_so():
    components = crossed_components(table_ratings([[1, 2, 3], [2, 3, 1], [3, 1, 2], [2, 1, 3]]))
    assert components.unit == 0.0
    assert "unit is estimated at its boundary" in components.note
    assert components.residual > 0


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([[3, 3, 3], [3, 3, 3], [3, None, 3]], "all ratings are the same"),
        ([[1, None], [None, 2], [3, None]], "no unit has ratings by two raters"),
        ([[1], [2], [3]], "one rater only"),
        ([[1, 2, 3]], "one unit only"),
        ([[1, 2, None, None], [None, None, 3, 5]], "each rater rated one unit only"),
    ],
)
def test_what_cannot_be_computed_says_why(rows, reason):
    components = crossed_components(table_ratings(rows))
    assert (components.unit, components.rater, components.residual, components.covariance) == (None, None, None, None)
    assert reason in components.note


def test_no_ratings_say_so():
    assert crossed_components(Ratings.of([], [], [])).note == "there are no ratings"


def test_perfect_agreement_leaves_no_residual():
    components = crossed_components(table_ratings([[1, 1], [2, 2], [3, 3]]))
    assert (components.residual, components.covariance) == (0.0, None)
    assert components.unit == pytest.approx(1.0, rel=1e-4)
    assert "no residual" in components.note


def test_parts_that_share_no_rater_are_told():
    components = crossed_components(
        table_ratings([[1, 2, None, None], [2, 4, None, None], [None, None, 3, 1], [None, None, 5, 2]])
    )
    assert components.parts == 2
    assert "falls into 2 parts" in components.note
    assert components.unit is not None
