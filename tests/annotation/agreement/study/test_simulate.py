"""The simulator draws what its plan says, the same for the same seed, and refuses a plan that cannot be drawn."""

import io

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from annotation.agreement.study.simulate import Plan, simulate
from annotation.agreement.variance.components import bipartite_parts


def written(sample):
    file = io.StringIO()
    sample.write(file)
    return file.getvalue()


def test_the_same_seed_draws_the_same_table():
    plan = Plan(units=20, raters=5, repeats=0.2, arms=(0.2, 0.5, 0.3), anchoring=0.2)
    assert written(simulate(plan, seed=7)) == written(simulate(plan, seed=7))
    assert written(simulate(plan, seed=7)) != written(simulate(plan, seed=8))


def test_each_unit_has_k_raters_and_some_repeats():
    r = simulate(Plan(units=200, raters=7, k=4, repeats=0.1), seed=1).ratings
    assert set(np.bincount(r.first_occasion().unit)) == {4}
    assert 40 < r.n - r.first_occasion().n < 130
    later = r.occasion == 1
    for code in range(7):
        mine = r.rater == code
        assert r.time[mine & later].min() > r.time[mine & ~later].max()


def test_panels_share_nobody():
    r = simulate(Plan(units=40, raters=9, k=2, panels=3), seed=1).ratings
    assert len(set(bipartite_parts(r))) == 3


def test_anchoring_moves_scores_toward_the_model_in_its_arms_only():
    still = Plan(units=300, raters=5, arms=(0.5, 0.25, 0.25))
    moved = Plan(units=300, raters=5, arms=(0.5, 0.25, 0.25), anchoring=0.3)
    before, after = simulate(still, seed=2), simulate(moved, seed=2)
    model = before.model_of_rating()
    shown = before.arm != "blind"
    own, value = before.ratings.value, after.ratings.value
    assert value[~shown] == pytest.approx(own[~shown])
    assert value[shown] == pytest.approx((own + 0.3 * (model - own))[shown])


@pytest.mark.parametrize("scale", ["half-points", "nominal"])
def test_values_lie_on_the_scale(scale):
    values = simulate(Plan(scale=scale, unit_sd=4), seed=3).ratings.value
    allowed = np.arange(21) / 2 if scale == "half-points" else np.arange(5)
    assert set(values) <= set(allowed)
    assert len(set(values)) > 4


@pytest.mark.parametrize(
    ("plan", "complaint"),
    [
        (Plan(k=9), "k: a number from 1 to the 8 raters of a panel"),
        (Plan(k=3, panels=4), "the 2 raters of a panel"),
        (Plan(scale="ratio"), "scale: one of continuous, half-points, nominal"),
        (Plan(arms=(0.5, 0.2, 0.2)), "arms: three shares that sum to 1"),
        (Plan(noise_sd=-1), "noise_sd: a number from 0"),
        (Plan(repeats=1.5), "repeats: a share from 0 to 1"),
        (Plan(drift_of=((8, 1.0),)), "drift_of: a rater from 0 to 7"),
        (Plan(scale="nominal", categories=1), "categories: a number from 2"),
        (Plan(units=0), "units: at least one a panel"),
    ],
)
def test_a_plan_that_cannot_be_drawn_is_refused(plan, complaint):
    with pytest.raises(ValueError, match=complaint):
        simulate(plan, seed=1)


def test_the_command_writes_what_the_plan_says(tmp_path, capsys):
    path = tmp_path / "ratings.csv"
    options = ["--units=10", "--raters=4", "--k=2", "--seed=3", "--severity=1=2.5", "--arms", "0.5", "0.5", "0"]
    call_command("simulate_ratings", *options, f"--out={path}")
    plan = Plan(units=10, raters=4, k=2, severity=((1, 2.5),), arms=(0.5, 0.5, 0.0), scale="half-points")
    assert path.read_text() == written(simulate(plan, seed=3))
    assert path.read_text().splitlines()[0] == "unit,rater,occasion,value,time,arm,model,category"
    call_command("simulate_ratings", *options)
    assert capsys.readouterr().out == path.read_text()


@pytest.mark.parametrize(
    ("option", "complaint"),
    [("--k=9", "k: a number from 1"), ("--seed=-1", "--seed"), ("--out=/nowhere/x.csv", "--out: /nowhere/x.csv")],
)
def test_the_command_says_what_is_wrong(option, complaint):
    with pytest.raises(CommandError, match=complaint):
        call_command("simulate_ratings", option)
