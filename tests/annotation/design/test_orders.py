from collections import Counter
from itertools import combinations, pairwise
from statistics import fmean, pstdev

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chisquare, spearmanr

from annotation.design.arms import draw, smallest_block
from annotation.design.orders import Permutation, PersonalOrder, attribute_order


def first_round(order):
    return order.steps({}, order.size)


SIZES = st.lists(st.integers(1, 40), min_size=1, max_size=5).map(
    lambda sizes: {f"sub{number}": size for number, size in enumerate(sizes)}
)


@settings(max_examples=40)
@given(st.integers(1, 400), st.text(max_size=5))
def test_a_permutation_has_every_number_once_and_knows_the_place_of_each(size, key):
    permutation = Permutation(size, key)
    numbers = [permutation.number_at(place) for place in range(size)]
    assert sorted(numbers) == list(range(size))
    assert [permutation.place_of(number) for number in numbers] == list(range(size))


@pytest.mark.parametrize("size", [4, 5, 16, 1000])
def test_each_number_stands_at_each_place_about_equally_often(size):
    draws, cells = 2000, min(size, 8)
    for place in (0, size // 2, size - 1):
        counts = Counter(Permutation(size, f"{k}").number_at(place) * cells // size for k in range(draws))
        expected = [draws * sum(n * cells // size == cell for n in range(size)) / size for cell in range(cells)]
        # A false alarm in one of ten thousand.
        assert chisquare([counts[cell] for cell in range(cells)], expected).pvalue > 1e-4


def test_orders_of_two_people_have_nothing_in_common():
    orders = [[Permutation(500, f"person {k}").place_of(number) for number in range(500)] for k in range(40)]
    correlations = [spearmanr(one, other).statistic for one, other in combinations(orders, 2)]
    # The standard deviation is 1 / sqrt(499) = .045 (Kendall and Gibbons 1990).
    assert abs(fmean(correlations)) < 0.01
    assert 0.04 < pstdev(correlations) < 0.05


def test_who_follows_whom_differs_between_people():
    followers = Counter()
    for k in range(200):
        order = first_round(PersonalOrder({"a": 10, "b": 10}, f"{k}"))
        followers.update(pairwise(step[::2] for step in order))
    assert max(followers.values()) < 45, "of about 20 where all follow one another equally often"


@settings(max_examples=40)
@given(SIZES, st.text(max_size=5))
def test_every_image_stands_in_the_order_once_and_in_the_next_round_again(sizes, key):
    order = PersonalOrder(sizes, key)
    everything = sorted((name, number) for name, size in sizes.items() for number in range(size))
    steps = order.steps({}, 2 * order.size)
    assert sorted(step[::2] for step in steps) == everything
    assert [step[::2] for step in order.steps(sizes, order.size)] == [step[::2] for step in steps]


@settings(max_examples=40)
@given(SIZES, st.text(max_size=5), st.data())
def test_an_order_goes_on_from_wherever_somebody_is_as_it_would_have(sizes, key, data):
    order = PersonalOrder(sizes, key)
    steps = first_round(order)
    walked_steps = data.draw(st.integers(0, len(steps)))
    walked = {step.subcategory: step.place + 1 for step in steps[:walked_steps]}
    assert order.steps(walked, len(steps) - walked_steps) == steps[walked_steps:]
    left = data.draw(st.permutations([step[::2] for step in steps[walked_steps:]]))
    assert order.sort(left, walked) == steps[walked_steps:]


def test_the_order_depends_on_the_key_alone():
    sizes = {"a": 10, "b": 20, "c": 5}
    assert first_round(PersonalOrder(sizes, "alice")) == first_round(
        PersonalOrder(dict(reversed(sizes.items())), "alice")
    )
    assert first_round(PersonalOrder(sizes, "alice")) != first_round(PersonalOrder(sizes, "bob"))


def test_any_stretch_holds_the_subcategories_in_about_their_shares():
    order = first_round(PersonalOrder({"sub0": 300, "sub1": 100, "sub2": 50}, "alice"))
    for start in range(0, 450, 45):
        stretch = Counter(step.subcategory for step in order[start : start + 45])
        assert abs(stretch["sub0"] - 30) <= 2
        assert abs(stretch["sub1"] - 10) <= 2
        assert abs(stretch["sub2"] - 5) <= 2


def test_every_block_holds_the_arms_in_exactly_their_shares():
    shares = {"blind": 15, "reveal": 85, "assisted": 0}
    assert len(smallest_block(shares)) == 20
    for block in range(10):
        drawn = Counter(draw(shares, block * 20 + place, "alice:portrait") for place in range(20))
        assert drawn == {"blind": 3, "reveal": 17}


def test_blocks_differ_and_streams_differ_and_repeat():
    shares = {"blind": 20, "assisted": 80, "reveal": 0}
    streams = [[draw(shares, number, seed) for number in range(100)] for seed in ("a", "b", "a")]
    assert streams[0] == streams[2] != streams[1]
    assert len({tuple(streams[0][start : start + 5]) for start in range(0, 100, 5)}) > 1


def test_attributes_have_an_order_for_each_person_with_the_overall_judgement_last():
    keys = ["overall", *"abcdefg"]
    orders = {tuple(attribute_order(keys, "overall", f"person {n}")) for n in range(200)}
    assert all(order[-1] == "overall" and sorted(order[:-1]) == list("abcdefg") for order in orders)
    assert len(orders) > 150
    assert {order[0] for order in orders} == set("abcdefg")
    assert attribute_order(reversed(keys), "overall", "person 1") == attribute_order(keys, "overall", "person 1")


def test_a_number_that_came_after_the_sizes_were_read_stands_nowhere_yet():
    order = PersonalOrder({"portrait": 16}, "key")
    assert [step.number for step in order.sort([("portrait", 3), ("portrait", 16), ("still_life", 0)], {})] == [3]
    for ask in (Permutation(16, "key").place_of, Permutation(16, "key").number_at):
        with pytest.raises(IndexError, match="16 is not in range"):
            ask(16)
