from collections import Counter
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from annotation.design.arms import draw, smallest_block
from annotation.design.orders import Orderable, attribute_order, personal_order


def items(*sizes, groups=None):
    made = [(f"sub{number}", index) for number, size in enumerate(sizes) for index in range(size)]
    return [Orderable(key, sub, (groups or {}).get(key, key)) for key, (sub, _) in enumerate(made)]


@settings(max_examples=80)
@given(st.lists(st.integers(1, 12), min_size=1, max_size=5), st.text(max_size=5))
def test_every_image_stands_in_the_order_once(sizes, seed):
    made = items(*sizes)
    assert sorted(personal_order(made, seed)) == [item.key for item in made]


@settings(max_examples=80)
@given(st.lists(st.integers(0, 9), min_size=2, max_size=40), st.text(max_size=5))
def test_near_duplicates_are_never_neighbours_where_the_rest_allows_it(groups, seed):
    made = [Orderable(key, f"sub{key % 3}", group) for key, group in enumerate(groups)]
    order = personal_order(made, seed)
    group = {item.key: item.group for item in made}
    neighbours = sum(group[a] == group[b] for a, b in pairwise(order))
    largest = max(Counter(groups).values())
    if largest <= len(groups) / 3:
        assert neighbours == 0


def test_the_order_depends_on_the_seed_alone():
    made = items(10, 20, 5)
    assert personal_order(made, "alice") == personal_order(reversed(made), "alice")
    assert personal_order(made, "alice") != personal_order(made, "bob")


def test_any_stretch_holds_the_subcategories_in_about_their_shares():
    made = items(300, 100, 50)
    subcategory = {item.key: item.subcategory for item in made}
    order = personal_order(made, "alice")
    for start in range(0, 450, 45):
        stretch = Counter(subcategory[key] for key in order[start : start + 45])
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
