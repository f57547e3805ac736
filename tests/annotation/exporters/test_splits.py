import hashlib
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotation.exporters.splits import JOINED, PLACED, SPLITS, TEST, TRAIN, VALIDATION, Member, place

SUBCATEGORIES = ("portrait", "sketch", "aigc", "sculpture")


def sha(number):
    return hashlib.sha256(str(number).encode()).hexdigest()


def members(*sizes, start=0):
    """Make groups of the given sizes, their subcategories in turn."""
    numbers = iter(range(start, start + sum(sizes)))
    return [
        Member(sha(next(numbers)), f"group {start}-{group}", SUBCATEGORIES[group % len(SUBCATEGORIES)])
        for group, size in enumerate(sizes)
        for _ in range(size)
    ]


def after(before, placement):
    """Return the members with the places they were given."""
    return [
        Member(m.sha256, m.group, m.subcategory, m.split or placement.placed.get(m.sha256, ("", ""))[0]) for m in before
    ]


def splits_by_group(placed):
    found = {}
    for member in placed:
        if member.split:
            found.setdefault(member.group, set()).add(member.split)
    return found


groups = st.lists(st.integers(1, 6), max_size=60)
seeds = st.integers(0, 2**63)


@given(groups, seeds)
def test_no_group_lies_in_two_splits(sizes, seed):
    placed = after(members(*sizes), place(members(*sizes), seed))
    assert all(member.split in SPLITS for member in placed)
    assert all(len(splits) == 1 for splits in splits_by_group(placed).values())


@given(groups, seeds, st.randoms())
def test_the_order_of_the_images_does_not_matter(sizes, seed, shuffler):
    found = members(*sizes)
    shuffled = found.copy()
    shuffler.shuffle(shuffled)
    assert place(found, seed) == place(shuffled, seed)


@given(groups, groups, seeds)
def test_images_that_have_a_place_keep_it_when_others_come(old, new, seed):
    before = members(*old)
    first = after(before, place(before, seed))
    second = place([*first, *members(*new, start=1000)], seed)
    assert not second.placed.keys() & {member.sha256 for member in before}
    assert second.held_back == {}


@given(st.lists(st.integers(1, 50), min_size=10, max_size=40), seeds)
def test_ten_groups_leave_no_split_empty(sizes, seed):
    placed = after(members(*sizes), place(members(*sizes), seed))
    assert {member.split for member in placed} == set(SPLITS)


def test_growing_groups_leave_no_split_empty():
    sizes = [2**power for power in range(10)]
    found = [Member(sha((s, i)), s, f"{s:05d}") for s in sizes for i in range(s)]
    assert {split for split, _ in place(found, 1).placed.values()} == set(SPLITS)


@pytest.mark.parametrize("seed", range(50))
def test_a_planted_near_duplicate_never_straddles(seed):
    found = members(*[1] * 40)
    twin = Member(sha("twin"), found[7].group, "sketch")
    placed = {m.sha256: m.split for m in after([*found, twin], place([*found, twin], seed))}
    assert placed[twin.sha256] == placed[found[7].sha256]


@pytest.mark.parametrize("images", [30, 45, 100, 997])
def test_two_images_a_subcategory_or_many_the_shares_come_near_80_10_10(images):
    found = [Member(sha(n), n, f"subcategory {n % 15}") for n in range(images)]
    totals = Counter(split for split, _ in place(found, 3).placed.values())
    assert abs(totals[TRAIN] - 0.8 * images) <= 2
    assert abs(totals[VALIDATION] - 0.1 * images) <= 2
    assert abs(totals[TEST] - 0.1 * images) <= 2


def test_every_large_subcategory_is_split_80_10_10():
    found = [Member(sha(n), n, f"subcategory {n % 5}") for n in range(500)]
    placed = after(found, place(found, 3))
    for subcategory in {member.subcategory for member in found}:
        counts = Counter(member.split for member in placed if member.subcategory == subcategory)
        assert (abs(counts[TRAIN] - 80) <= 2, abs(counts[TEST] - 10) <= 2) == (True, True), counts


def test_every_band_of_scores_is_split_too():
    found = [Member(sha(n), n, f"subcategory {n % 3}", score=n % 50 / 5) for n in range(900)]
    placed = place(found, 3).placed
    for band in range(5):
        counts = Counter(placed[member.sha256][0] for member in found if member.band == band)
        size = counts.total()
        assert size == 180
        assert (abs(counts[TRAIN] - 144) <= 3, abs(counts[TEST] - 18) <= 3) == (True, True), counts


def test_newcomers_go_where_most_is_missing():
    old = [Member(sha(n), n, "portrait", TRAIN) for n in range(18)]
    new = [Member(sha(n), n, "portrait") for n in range(18, 20)]
    placement = place([*old, *new], 1)
    assert sorted(placement.placed.values()) == [(TEST, PLACED), (VALIDATION, PLACED)]


def test_a_newcomer_joins_its_near_duplicates():
    old = Member(sha(1), "heron", "portrait", TEST)
    placement = place([old, Member(sha(2), "heron", "sketch")], 1)
    assert placement.placed == {sha(2): (TEST, JOINED)}


def test_a_newcomer_that_would_tie_two_splits_together_is_held_back():
    old = [Member(sha(1), "heron", "portrait", TEST), Member(sha(2), "heron", "portrait", TRAIN)]
    placement = place([*old, Member(sha(3), "heron", "portrait")], 1)
    assert placement.placed == {}
    assert placement.held_back == {sha(3): (TRAIN, TEST)}


def test_another_seed_gives_another_split():
    found = [Member(sha(n), n, "portrait") for n in range(40)]
    assert place(found, 1) != place(found, 2)
    assert place(found, 1) == place(found, 1)
