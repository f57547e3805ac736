import hashlib
from collections import Counter
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotation.dataset.contents.splits import (
    JOINED_REASON,
    PLACED_REASON,
    SPLITS,
    TEST,
    TRAIN,
    VALIDATION,
    Member,
    Place,
    connected_groups,
    place,
)

SUBCATEGORIES = ("portrait", "sketch", "aigc", "sculpture")


def sha(number):
    return hashlib.sha256(str(number).encode()).hexdigest()


def members(*sizes, start=0):
    """Make groups of the given sizes, their subcategories in turn."""
    numbers = iter(range(start, start + sum(sizes)))
    return [
        [Member(sha(next(numbers)), SUBCATEGORIES[group % len(SUBCATEGORIES)]) for _ in range(size)]
        for group, size in enumerate(sizes)
    ]


def flat(groups):
    return [member for group in groups for member in group]


def chained(groups):
    """Tie the members of each group in a chain, so that the first and the last are tied through all others."""
    return [(first.sha256, second.sha256) for group in groups for first, second in pairwise(group)]


def after(old_images, placement):
    """Return the members with the places they were given."""
    return [
        replace(m, split=where.split, group=where.group) if (where := placement.placed.get(m.sha256)) else m
        for m in old_images
    ]


def splits_of(groups, placed_images):
    where = {member.sha256: member.split for member in placed_images}
    return [{where[member.sha256] for member in group} for group in groups]


groups = st.lists(st.integers(1, 6), max_size=60)
seeds = st.integers(0, 2**63)


@given(groups, seeds)
def test_no_group_lies_in_two_splits(sizes, seed):
    images = members(*sizes)
    placed_images = after(flat(images), place(flat(images), chained(images), seed))
    assert all(member.split in SPLITS for member in placed_images)
    assert all(len(splits) == 1 for splits in splits_of(images, placed_images))
    names = [
        {member.group for member in placed_images if member.sha256 in {m.sha256 for m in group}} for group in images
    ]
    assert names == [{min(member.sha256 for member in group)} for group in images]


@given(groups, seeds, st.randoms())
def test_the_order_of_images_and_pairs_does_not_matter(sizes, seed, shuffler):
    images = members(*sizes)
    images_in_other_order, pairs = flat(images), [pair[:: shuffler.choice([1, -1])] for pair in chained(images)]
    shuffler.shuffle(images_in_other_order)
    shuffler.shuffle(pairs)
    assert place(flat(images), chained(images), seed) == place(images_in_other_order, pairs, seed)


@given(groups, groups, seeds)
def test_images_that_have_a_place_keep_it_when_others_come(old, new, seed):
    old_images, new_images = members(*old), members(*new, start=1000)
    first = after(flat(old_images), place(flat(old_images), chained(old_images), seed))
    second = place([*first, *flat(new_images)], chained([*old_images, *new_images]), seed)
    assert not second.placed.keys() & {member.sha256 for member in first}
    assert second.held == {}


@given(st.lists(st.integers(1, 50), min_size=10, max_size=40), seeds)
def test_ten_groups_leave_no_split_empty(sizes, seed):
    images = members(*sizes)
    placed_images = after(flat(images), place(flat(images), chained(images), seed))
    assert {member.split for member in placed_images} == set(SPLITS)


def test_growing_groups_leave_no_split_empty():
    images = [[Member(sha((s, i)), f"{s:05d}") for i in range(s)] for s in (2**power for power in range(10))]
    placed_images = place(flat(images), chained(images), 1).placed
    assert {where.split for where in placed_images.values()} == set(SPLITS)


@pytest.mark.parametrize("seed", range(50))
def test_a_planted_near_duplicate_never_straddles(seed):
    images = flat(members(*[1] * 40))
    twin = Member(sha("twin"), "sketch")
    placement = place([*images, twin], [(twin.sha256, images[7].sha256)], seed)
    placed_images = {m.sha256: m.split for m in after([*images, twin], placement)}
    assert placed_images[twin.sha256] == placed_images[images[7].sha256]


@pytest.mark.parametrize("images", [30, 45, 100, 997])
def test_two_images_a_subcategory_or_many_the_shares_come_near_80_10_10(images):
    image_groups = [Member(sha(n), f"subcategory {n % 15}") for n in range(images)]
    totals = Counter(where.split for where in place(image_groups, [], 3).placed.values())
    assert abs(totals[TRAIN] - 0.8 * images) <= 2
    assert abs(totals[VALIDATION] - 0.1 * images) <= 2
    assert abs(totals[TEST] - 0.1 * images) <= 2


def test_every_large_subcategory_is_split_80_10_10():
    images = [Member(sha(n), f"subcategory {n % 5}") for n in range(500)]
    placed_images = after(images, place(images, [], 3))
    for subcategory in {member.subcategory for member in images}:
        counts = Counter(member.split for member in placed_images if member.subcategory == subcategory)
        assert (abs(counts[TRAIN] - 80) <= 2, abs(counts[TEST] - 10) <= 2) == (True, True), counts


def test_every_band_of_scores_is_split_too():
    images = [Member(sha(n), f"subcategory {n % 3}", score=n % 50 / 5) for n in range(900)]
    placed_images = place(images, [], 3).placed
    for band in range(5):
        counts = Counter(placed_images[member.sha256].split for member in images if member.band == band)
        size = counts.total()
        assert size == 180
        assert (abs(counts[TRAIN] - 144) <= 3, abs(counts[TEST] - 18) <= 3) == (True, True), counts


def test_newcomers_go_where_most_is_missing():
    old = [Member(sha(n), "portrait", TRAIN, group=sha(n)) for n in range(18)]
    new = [Member(sha(n), "portrait") for n in range(18, 20)]
    placement = place([*old, *new], [], 1)
    assert sorted((where.split, where.reason) for where in placement.placed.values()) == [
        (TEST, PLACED_REASON),
        (VALIDATION, PLACED_REASON),
    ]


def placed_before(number, split):
    return Member(sha(number), "portrait", split, group=sha(f"group of {number}"))


def newcomer(number):
    return Member(sha(number), "sketch")


def pairs(*numbers):
    return [(sha(first), sha(second)) for first, second in numbers]


def test_a_newcomer_joins_its_near_duplicates_and_their_name():
    placement = place([placed_before(1, TEST), newcomer(2)], pairs((2, 1)), 1)
    assert placement.placed == {sha(2): Place(TEST, JOINED_REASON, sha("group of 1"))}


def test_a_newcomer_that_would_tie_two_splits_together_is_held():
    old = [placed_before(1, TEST), placed_before(2, TRAIN)]
    placement = place([*old, newcomer(3)], pairs((1, 3), (2, 3)), 1)
    assert placement.placed == {}
    assert placement.held == {sha(3): (TRAIN, TEST)}


def test_newcomers_that_tie_two_splits_only_together_are_all_held():
    old = [placed_before(1, TEST), placed_before(2, TRAIN)]
    placement = place([*old, newcomer(3), newcomer(4)], pairs((1, 3), (3, 4), (4, 2)), 1)
    assert placement.placed == {}
    assert placement.held == dict.fromkeys([sha(3), sha(4)], (TRAIN, TEST))


def test_who_touches_one_end_only_of_a_tie_joins_that_end():
    old = [placed_before(1, TEST), placed_before(2, TRAIN)]
    placement = place([*old, newcomer(3), newcomer(4)], pairs((1, 3), (2, 3), (4, 2)), 1)
    assert placement.placed == {sha(4): Place(TRAIN, JOINED_REASON, sha("group of 2"))}
    assert placement.held.keys() == {sha(3)}


def test_images_outside_a_release_tie_those_inside():
    placement = place([placed_before(1, TEST), newcomer(3)], pairs((1, "outside"), ("outside", 3)), 1)
    assert placement.placed == {sha(3): Place(TEST, JOINED_REASON, sha("group of 1"))}


def test_ties_between_images_placed_apart_are_told_by_the_smallest_of_each_split():
    old = [placed_before(1, TEST), placed_before(2, TRAIN), placed_before(5, TRAIN), placed_before(6, TEST)]
    images = connected_groups([*old, newcomer(3)], pairs((1, 3), (3, 2), (2, 5)))
    assert images == [tuple(sorted([sha(1), min(sha(2), sha(5))]))]


def test_another_seed_gives_another_split():
    images = [Member(sha(n), "portrait") for n in range(40)]
    assert place(images, [], 1) != place(images, [], 2)
    assert place(images, [], 1) == place(images, [], 1)
