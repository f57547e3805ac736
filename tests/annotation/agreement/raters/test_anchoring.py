"""Anchoring is told from mere agreement: none where none was planted, and what was planted comes back."""

import numpy as np
import pytest

from annotation.agreement.raters.anchoring import anchoring, revision
from annotation.agreement.raters.halo import halos
from annotation.agreement.ratings import Ratings
from annotation.agreement.study.simulate import Plan, simulate

REVEAL = {"arms": (0.15, 0.85, 0.0), "model_sd": 2.0}


def measured(seed, **plan):
    drawn = simulate(Plan(**({"units": 150, "raters": 8} | REVEAL | plan)), seed=seed)
    return anchoring(drawn.ratings, drawn.arm, drawn.model_of_rating(), "reveal")


def test_no_anchoring_gives_an_interval_that_covers_zero():
    """Nominal 95 %: fewer than 34 of 40 has probability .003 at true coverage .95."""
    held = [found.difference_low <= 0 <= found.difference_high for found in (measured(seed) for seed in range(40))]
    assert sum(held) >= 34


def test_the_naive_regression_sees_an_anchoring_where_there_is_none():
    drawn = simulate(Plan(units=600, raters=8, arms=(0.15, 0.85, 0.0)), seed=1)
    r, model = drawn.ratings, drawn.model_of_rating()
    rest = (np.bincount(r.unit, r.value)[r.unit] - r.value) / 2
    assert np.polyfit(model - rest, r.value - rest, 1)[0] > 0.3
    found = anchoring(r, drawn.arm, model, "reveal")
    assert found.difference_low < 0 < found.difference_high


@pytest.mark.parametrize("planted", [0.1, 0.3])
def test_a_planted_anchoring_comes_back(planted):
    found = [measured(seed, raters=15, units=300, k=5, anchoring=planted) for seed in range(12)]
    values = np.array([each.value for each in found])
    assert values.mean() == pytest.approx(planted, abs=4 * values.std(ddof=1) / np.sqrt(12))
    assert values.std(ddof=1) < 0.1
    assert sum(each.low <= planted <= each.high for each in found) >= 9
    assert np.mean([each.blind_slope for each in found]) == pytest.approx(2.25 / 6.25, abs=0.05)


def test_who_follows_the_model_most_is_found():
    drawn = simulate(
        Plan(units=600, raters=6, k=4, arms=(0.4, 0, 0.6), model_sd=2.0, anchoring=0.1, anchoring_of=((3, 0.8),)),
        seed=2,
    )
    found = anchoring(drawn.ratings, drawn.arm, drawn.model_of_rating(), "assisted")
    shrunken = [each.shrunken for each in found.raters]
    raw = [each.raw for each in found.raters]
    assert int(np.argmax(shrunken)) == 3
    assert np.std(shrunken) < np.std(raw)
    assert raw[3] == pytest.approx(0.8, abs=4 * found.raters[3].error)


@pytest.mark.parametrize(
    ("plan", "reason"),
    [
        ({"arms": (1.0, 0.0, 0.0)}, "no answers in this arm"),
        ({"arms": (0.0, 1.0, 0.0)}, "no blind answers"),
        ({"raters": 3}, "fewer than four raters"),
        ({"unit_sd": 0.0, "model_sd": 0.0}, "the model gives every unit the same score"),
    ],
)
def test_what_cannot_be_told_says_why(plan, reason):
    found = measured(1, **plan)
    assert (found.value, found.difference, found.raters) == (None, None, ())
    assert reason in found.note


def test_a_model_that_is_all_but_right_tells_only_the_difference():
    found = measured(1, units=60, model_sd=0.0, unit_sd=2.0)
    assert (found.value, found.low) == (None, None)
    assert found.difference is not None
    assert "within two standard errors of 1" in found.note


def test_revisions_give_the_share_of_the_way():
    random = np.random.default_rng(1)
    own, model = random.normal(5, 1, 200), random.normal(5, 1, 200)
    rater = np.arange(200) % 5
    final = own + np.array([0.1, 0.2, 0.3, 0.2, 0.2])[rater] * (model - own)
    found = revision(own, final, model, rater)
    assert found.low < 0.2 < found.high
    assert found.value == pytest.approx(0.2, abs=0.03)
    assert revision(own[:3], final[:3], model[:3], [1, 2, 3]).value is None
    assert "agrees with every first answer" in revision(own, own, own, rater).note


def test_a_halo_stands_out_from_what_the_images_explain():
    random = np.random.default_rng(3)
    unit = np.repeat(np.arange(80), 4)
    rater = np.tile(np.arange(4), 80)
    quality = random.normal(size=80)[unit]
    impression = random.normal(size=320) * (rater == 2) * 1.5
    scores = {name: Ratings.of(unit, rater, quality + impression + random.normal(size=320)) for name in ("a", "b", "c")}
    found = {each.rater: each for each in halos(scores)}
    assert found["2"].low > max(found[name].high for name in "013")
    assert found["0"].raw > found["0"].residual
    with pytest.raises(ValueError, match="two attributes"):
        halos({"a": scores["a"]})
    few = {name: each.where(each.unit < 5) for name, each in scores.items()}
    assert "fewer than ten units" in halos(few)[0].note
