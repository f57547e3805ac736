"""Orders of images: whoever may judge one comes to it, however it came."""

import json
from collections import Counter
from itertools import pairwise

import pytest

from annotation.actions.assignments import assign
from annotation.actions.campaigns.change_campaign import clone_campaign
from annotation.actions.campaigns.open_campaign import invite_people, open_campaign, publish_rubric
from annotation.actions.images.add_to_campaign import add_images
from annotation.actions.places import orders
from annotation.actions.places.orders import FEW, WINDOW, Walk, images_ahead, take_next
from annotation.actions.rubrics.change_rubric import adopt_rubric, ask_assignments_again
from tests.harness.factories import judge, make_campaign, make_image, make_user, rubric_content, tie

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


def walk_all(campaign, person):
    """Give back each image at once, so that places decide nothing; return the images' rows in the person's order."""
    rows = []
    while assignment := assign.next_assignment(campaign, person):
        rows.append(campaign.entries.get(image=assignment.image_id))
        assign.skip_assignment(assignment, "cannot_judge", by=person)
    return rows


def test_whoever_walks_through_an_order_comes_to_each_image_once(alice):
    images = [*([make_image("portrait") for _ in range(12)]), *[make_image("sculpture") for _ in range(6)]]
    campaign = make_campaign_of(images, alice)
    rows = walk_all(campaign, alice)
    assert Counter(row.image_id for row in rows) == Counter(image.pk for image in images)
    for start in (0, 6, 12):
        assert Counter(row.subcategory for row in rows[start : start + 6])["sculpture"] in (1, 2, 3)


def test_numbers_of_a_stratum_run_on_without_a_gap(alice):
    campaign = make_campaign(people=(alice,), images=3, opened=False)
    add_images(campaign, [make_image("sculpture"), make_image(), make_image("sculpture")], by=None)
    rows = campaign.entries.values_list("block", "subcategory", "number")
    expected = [(0, "daily_photo", n) for n in range(4)] + [(0, "sculpture", n) for n in range(2)]
    assert sorted(rows) == expected
    assert {(row.subcategory, row.size) for row in campaign.strata.all()} == {("daily_photo", 4), ("sculpture", 2)}


def test_images_that_come_once_somebody_began_are_behind_the_others_and_shuffled(alice, bob):
    campaign = make_campaign(people=(alice, bob), images=4)
    judge(campaign, alice)
    add_images(campaign, [make_image() for _ in range(8)], by=None)
    # Nobody has begun with those: they are joined by what comes now.
    add_images(campaign, [make_image() for _ in range(4)], by=None)
    blocks = {person: walk_all(campaign, person) for person in (alice, bob)}
    assert [row.block for row in blocks[alice]] == [0] * 3 + [1] * 12
    assert [row.block for row in blocks[bob]] == [0] * 4 + [1] * 12
    later = [[row.pk for row in rows if row.block == 1] for rows in blocks.values()]
    assert later[0] != later[1]
    assert sorted(later[0]) == sorted(later[1]) != later[0]


def test_a_clone_has_an_order_of_its_own_that_nobody_has_begun(alice, olga):
    campaign = make_campaign(people=(alice,), images=6)
    judge(campaign, alice)
    clone = clone_campaign(campaign, "again", title="Again", by=olga)
    add_images(clone, [make_image()], by=None)
    open_campaign(clone, by=None)
    assert set(clone.entries.values_list("block", "number")) == {(0, number) for number in range(7)}
    assert len(walk_all(clone, alice)) == 7


def test_near_duplicates_are_never_neighbours_where_the_rest_allows_it(alice):
    images = [make_image() for _ in range(12)]
    for one, other in zip(images[:4], images[4:8], strict=True):
        tie(one, other)
    campaign = make_campaign_of(images, alice)
    for number in range(6):
        person = make_user(f"person-{number}")
        invite_people(campaign, [person], by=None)
        groups = [row.image.group_id for row in walk_all(campaign, person)]
        assert len(groups) == 12
        assert sum(one == other for one, other in pairwise(groups[:10])) == 0


def test_a_near_duplicate_waits_for_whatever_else_is_left_however_far_it_stands(alice, monkeypatch):
    for name, width in (("WINDOW", 1), ("WIDE_WINDOW", 2), ("FEW", 1)):
        monkeypatch.setattr(orders, name, width)
    images = [make_image() for _ in range(11)]
    for other in images[1:7]:
        tie(images[0], other)
    campaign = make_campaign_of(images, alice)
    people = [alice, *(make_user(f"person-{number}") for number in range(4))]
    invite_people(campaign, people, by=None)
    for person in people:
        groups = [row.image.group_id for row in walk_all(campaign, person)]
        assert len(groups) == 11
        for place, (one, other) in enumerate(pairwise(groups)):
            assert one != other or set(groups[place:]) == {one}, "something else was left"


def test_what_is_asked_again_counts_as_the_image_before_too(alice):
    campaign = make_campaign(people=(alice,), images=3)
    judged = {judge(campaign, alice).image_id for _ in range(2)}
    ask_assignments_again(campaign, campaign.assignments.all())
    handed, before = [], []
    for _ in range(2):
        handed.append(judge(campaign, alice).image_id)
        before.append(campaign.memberships.get(user=alice).latest_image_id)
    assert set(handed) == judged
    assert before == handed


def test_two_near_duplicates_alone_follow_one_another(alice):
    images = [make_image() for _ in range(2)]
    tie(*images)
    campaign = make_campaign_of(images, alice)
    assert len(walk_all(campaign, alice)) == 2


def test_what_comes_next_is_what_was_seen_ahead(alice):
    campaign = make_campaign(people=(alice,), images=30)
    membership = campaign.memberships.get(user=alice)
    ahead = images_ahead(membership, 10)
    assert [row.image for row in walk_all(campaign, alice)][:10] == ahead


@pytest.mark.parametrize("left", [1, 3, FEW + 2])
def test_the_last_images_with_places_are_found_wherever_they_stand(alice, left, django_assert_max_num_queries):
    campaign = make_large_campaign(alice, 40 * WINDOW + left)
    kept = set(campaign.entries.order_by("?").values_list("pk", flat=True)[:left])
    campaign.entries.exclude(pk__in=kept).update(places=0)
    membership = campaign.memberships.with_what_orders_need().get(user=alice)
    order = [row.pk for step in [Walk(membership)] for row in through(step)]
    assert set(order) == kept
    with django_assert_max_num_queries(7):
        assert take_next(campaign.memberships.with_what_orders_need().get(user=alice)).pk == order[0]


def test_a_place_that_comes_back_is_found_by_who_went_by(alice):
    campaign = make_large_campaign(alice, 60)
    missed = campaign.entries.get(pk=next(through(Walk(campaign.memberships.get(user=alice)))).pk)
    campaign.entries.filter(pk=missed.pk).update(places=0)
    for _ in range(59):
        assign.skip_assignment(assign.next_assignment(campaign, alice), "cannot_judge", by=alice)
    assert assign.next_assignment(campaign, alice) is None
    campaign.entries.filter(pk=missed.pk).update(places=1)
    assert assign.next_assignment(campaign, alice).image_id == missed.image_id


def test_a_subcategory_that_moves_to_another_category_goes_to_whom_may_judge_that(alice, bob):
    campaign = make_campaign(people=(alice,), images=1)
    invite_people(campaign, [bob], by=None, categories=["design_3d"])
    assert assign.next_assignment(campaign, bob) is None
    content = json.loads(rubric_content())
    categories = {category["key"]: category["subcategories"] for category in content["categories"]}
    [moved] = [one for one in categories["photography"] if one["key"] == "daily_photo"]
    categories["photography"].remove(moved)
    categories["design_3d"].append(moved)
    adopt_rubric(campaign, publish_rubric(content), by=None)
    campaign.refresh_from_db()
    assert assign.next_assignment(campaign, bob) is not None


def test_how_much_was_handed_out_equals_a_recount(alice):
    campaign = make_campaign_of([make_image("portrait") for _ in range(3)] + [make_image("sculpture")], alice)
    walk_all(campaign, alice)
    assert campaign.memberships.get(user=alice).handed_out == {"portrait": 3, "sculpture": 1}


def make_campaign_of(images, person):
    """Make an open campaign of these images."""
    campaign = make_campaign(people=(person,), images=0)
    add_images(campaign, images, by=None)
    open_campaign(campaign, by=None)
    return campaign


def make_large_campaign(person, images):
    """Make an open campaign of so many images of one subcategory, one file behind them all."""
    campaign = make_campaign(people=(person,), images=1, annotations_per_image=1)
    first = campaign.images.get()
    rows = [{"sha256": f"{number:064x}", "perceptual_hash": f"{number:016x}"} for number in range(1, images)]
    for row in rows:
        make_row_like(first, row)
    add_images(campaign, type(first).objects.all(), by=None)
    assert campaign.entries.count() == images
    return campaign


def make_row_like(image, values):
    """Make another row of the same image, in a group of its own."""
    image.pk, image.group = None, type(image.group).objects.create()
    for name, value in values.items():
        setattr(image, name, value)
    image.save(force_insert=True)


def through(walk):
    """Yield what is left for the person, in their order."""
    while entry := walk.take(skip_locked=True):
        yield entry
        walk.images = walk.images.exclude(pk=entry.pk)
