"""Distance from a panel and rank order within a set, against figures worked out by hand."""

from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotation.design.calibration import Candidate, Rule, choose, compare, rank_agreement, ranks, spreads, stand

PANEL = {
    "low": {"light": [2, 4], "holistic": [2, 4]},
    "middle": {"light": [5, 5, 5], "holistic": [5, 5, 5]},
    "high": {"light": [6, 9], "holistic": [6, 9]},
}
# Within-image variances 2, 0 and 4.5 with 1, 2 and 1 degrees of freedom.
SPREAD = sqrt((2 * 1 + 0 * 2 + 4.5 * 1) / 4)


def mine(**scores):
    return {image: {"light": score, "holistic": score} for image, score in scores.items()}


def test_the_spread_is_pooled_over_the_images():
    assert spreads(PANEL, 0.5)["light"] == pytest.approx(SPREAD)


def test_a_unanimous_panel_has_a_spread_of_one_step():
    assert spreads({"one": {"light": [5, 5]}}, 0.5) == {"light": 0.5}
    assert spreads({"one": {"light": [5]}}, 0.5) == {"light": 0.5}


def test_the_distance_is_in_spreads_from_the_panels_mean():
    compared = compare(mine(low=5), PANEL, 0.5)["low"]["light"]
    assert (compared.mean, compared.panel) == (3, (2, 4))
    assert compared.distance == pytest.approx(2 / SPREAD)


def test_standing_after_all_anchors():
    standing = stand(mine(low=4, middle=4, high=7.5), PANEL, 0.5)
    assert (standing.judged, standing.anchors, standing.is_complete) == (3, 3, True)
    assert standing.distance == pytest.approx((1 + 1 + 0) / 3 / SPREAD)
    assert standing.shift == pytest.approx(0)
    assert standing.attributes["light"].distance == pytest.approx(standing.distance)
    # 4, 4, 7.5 against 3, 5, 7.5: ranks 1.5, 1.5, 3 against 1, 2, 3.
    assert standing.rank == pytest.approx(sqrt(3) / 2)


def test_before_the_first_answer_nothing_is_said():
    standing = stand({}, PANEL, 0.5)
    assert (standing.judged, standing.distance, standing.shift, standing.rank) == (0, None, None, None)
    assert not standing.passes(Rule())


@pytest.mark.parametrize(
    ("rule", "passes"),
    [
        (Rule(), True),
        (Rule(farthest=0.6), True),
        (Rule(farthest=0.5), False),
        (Rule(least_rank=0.8), True),
        (Rule(least_rank=0.9), False),
        (Rule(farthest=0.6, least_rank=0.9), False),
    ],
)
def test_the_rule_is_the_organisers(rule, passes):
    assert stand(mine(low=4, middle=4, high=7.5), PANEL, 0.5).passes(rule) is passes


def test_an_unfinished_set_and_an_undefined_rank_do_not_pass():
    assert not stand(mine(low=3, middle=5), PANEL, 0.5).passes(Rule())
    flat = stand(mine(low=5, middle=5, high=5), PANEL, 0.5)
    assert flat.rank is None
    assert flat.passes(Rule())
    assert not flat.passes(Rule(least_rank=0))


def test_ranks_count_from_the_highest_and_average_ties():
    assert ranks(mine(low=4, middle=4, high=7.5), PANEL) == {"low": (2.5, 3), "middle": (2.5, 2), "high": (1, 1)}


@given(st.lists(st.integers(0, 20), min_size=3, max_size=3, unique=True), st.integers(1, 5), st.integers(0, 9))
def test_rank_agreement_does_not_change_with_a_rising_scale(scores, factor, offset):
    own = mine(**dict(zip(PANEL, scores, strict=True)))
    other = mine(**{image: factor * score + offset for image, score in zip(PANEL, scores, strict=True)})
    assert rank_agreement(own, PANEL) == pytest.approx(rank_agreement(other, PANEL))


def test_anchors_are_spread_over_levels_and_subcategories():
    candidates = [Candidate(f"{n:03}", n / 10, "portrait" if n % 2 else "oil") for n in range(100)]
    chosen = choose(candidates, 10)
    assert [int(one.level) for one in chosen] == list(range(10))
    assert sorted(one.subcategory for one in chosen) == ["oil"] * 5 + ["portrait"] * 5


def test_no_more_anchors_are_chosen_than_there_are():
    assert len(choose([Candidate("a", 5, "oil"), Candidate("b", 4, "oil")], 5)) == 2
