"""What a model says reaches nobody early by way of another campaign, a near duplicate, or a changed role."""

from __future__ import annotations

import pytest

from annotation.actions.answers import annotate
from annotation.actions.assignments import assign, look_ahead
from annotation.actions.campaigns.change_campaign import clone_campaign
from annotation.actions.campaigns.open_campaign import open_campaign
from annotation.actions.images.add_to_campaign import add_images
from annotation.models import Annotation, Assignment, Campaign, Image
from annotation.policy import visible_prefill
from annotation.roles import Role
from tests.harness.factories import (
    force_arm,
    give_roles,
    judge,
    make_campaign,
    make_content,
    make_image,
    prefill_all,
    tie,
)
from webapp.accounts.models import User

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


@pytest.fixture
def first(bob: User) -> Campaign:
    """A campaign of one image that bob is handed in the reveal arm."""
    campaign = make_campaign("first", people=(bob,), images=1, annotations_per_image=1)
    prefill_all(campaign)
    force_arm(campaign, reveal=100)
    return campaign


def campaign_on(image: Image, *people: User, **shares: int) -> Campaign:
    """Open a campaign on an image that is in another one already."""
    campaign = make_campaign("second", people=people, images=0, opened=False, annotations_per_image=1)
    add_images(campaign, [image], by=None)
    if not image.prefills.exists():
        prefill_all(campaign)
    campaign.shown_model = image.prefills.get().model_version
    force_arm(campaign, **shares)
    open_campaign(campaign, by=None)
    return campaign


def twin_of(image: Image) -> Image:
    twin = make_image()
    tie(image, twin)
    return twin


def commit(assignment: Assignment, user: User) -> Annotation:
    annotate.commit_annotation(assignment, make_content(), by=user)
    return Annotation.objects.get(assignment=assignment)


def open_for(campaign: Campaign, user: User) -> Assignment:
    assignment = assign.next_assignment(campaign, user)
    assert assignment is not None
    return assignment


def be_administrator_for_a_while(user: User) -> None:
    for is_administrator in (True, False):
        user.is_superuser = is_administrator
        user.save()


@pytest.mark.parametrize("shares", [{"assisted": 100}, {"reveal": 100}])
@pytest.mark.parametrize("twin", [False, True], ids=["the image", "a near duplicate"])
def test_what_is_open_in_one_campaign_is_not_handed_out_in_another_that_shows_a_model(
    first: Campaign, bob: User, shares: dict[str, int], twin: bool
) -> None:
    image = first.images.get()
    assignment = open_for(first, bob)
    second = campaign_on(twin_of(image) if twin else image, bob, **shares)
    assert assign.next_assignment(second, bob) is None
    assert assign.explain_no_assignment(second, bob) == "elsewhere"
    assert look_ahead.upcoming_images(second, bob) == []
    annotation = commit(assignment, bob)
    assert not annotation.exposed
    # The model has been revealed by now, so that nothing blind could come of it.
    assert assign.next_assignment(second, bob) is None
    assert assign.explain_no_assignment(second, bob) == "done"


def test_a_clone_shows_no_model_on_what_is_open_in_the_original(first: Campaign, bob: User, olga: User) -> None:
    give_roles(olga, first, Role.ORGANISER)
    assignment = open_for(first, bob)
    second = clone_campaign(first, "second", title="Second", by=olga)
    force_arm(second, assisted=100)
    open_campaign(second, by=olga)
    assert assign.next_assignment(second, bob) is None
    assert not commit(assignment, bob).exposed


def test_an_image_judged_blind_is_handed_out_again_where_a_model_is_shown(bob: User) -> None:
    first = make_campaign("first", people=(bob,), images=1)
    assignment = open_for(first, bob)
    second = campaign_on(first.images.get(), bob, assisted=100)
    assert assign.next_assignment(second, bob) is None
    commit(assignment, bob)
    assert assign.next_assignment(second, bob) is not None


@pytest.mark.parametrize("twin", [False, True], ids=["the image", "a near duplicate"])
def test_a_commit_reveals_nothing_of_what_is_still_to_be_judged_elsewhere(
    first: Campaign, bob: User, twin: bool
) -> None:
    assignment, image = open_for(first, bob), first.images.get()
    blind = campaign_on(twin_of(image) if twin else image, bob, blind=100)
    awaited = open_for(blind, bob)
    commit(assignment, bob)
    assignment.refresh_from_db()
    assert (assignment.state, visible_prefill(assignment)) == (Assignment.State.DONE, None)
    annotation = commit(awaited, bob)
    assert not annotation.exposed
    assert Annotation.objects.filter(pk=annotation.pk).untouched_by_model().exists()


def test_what_was_returned_counts_as_still_to_be_judged(first: Campaign, bob: User) -> None:
    assignment = open_for(first, bob)
    Assignment.objects.filter(pk=assignment.pk).update(state=Assignment.State.RETURNED)
    second = campaign_on(first.images.get(), bob, assisted=100)
    assert assign.next_assignment(second, bob) is None


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.ORGANISER, Role.VIEWER])
@pytest.mark.parametrize("until", ["now", "dismissed"])
def test_who_may_read_of_an_image_elsewhere_meanwhile_is_exposed(
    first: Campaign, alice: User, bob: User, role: Role, until: str
) -> None:
    assignment = open_for(first, bob)
    second = campaign_on(first.images.get(), alice, reveal=100)
    give_roles(bob, second, role)
    if until == "dismissed":
        give_roles(bob, second)
    annotation = commit(assignment, bob)
    assert annotation.exposed
    assert Annotation.objects.filter(pk=annotation.pk).counted().exists(), "it keeps its place among the k"
    assert not Annotation.objects.filter(pk=annotation.pk).untouched_by_model().exists()


def test_who_could_read_of_an_image_elsewhere_is_not_handed_it(first: Campaign, alice: User, bob: User) -> None:
    second = campaign_on(first.images.get(), alice, reveal=100)
    give_roles(bob, second, Role.AUDITOR)
    give_roles(bob, second)
    assert assign.next_assignment(first, bob) is None
    assert assign.explain_no_assignment(first, bob) == "done"


def test_who_was_shown_what_a_model_says_of_a_near_duplicate_is_exposed(bob: User) -> None:
    campaign = make_campaign("twins", people=(bob,), images=2, annotations_per_image=1)
    tie(*campaign.images.all())
    prefill_all(campaign)
    force_arm(campaign, reveal=100)
    judge(campaign, bob)
    annotate.revise_annotation(open_for(campaign, bob), make_content(), by=bob)
    judge(campaign, bob)
    assert [annotation.exposed for annotation in Annotation.objects.order_by("pk")] == [False, True]


def test_a_repeat_follows_its_own_image_and_is_not_exposed(first: Campaign, bob: User) -> None:
    judge(first, bob)
    annotate.revise_annotation(open_for(first, bob), make_content(), by=bob)
    first.repeat_share, first.repeat_gap_days = 100, 0
    first.save()
    assert not commit(open_for(first, bob), bob).exposed


@pytest.mark.parametrize("twin", [False, True], ids=["the image", "a near duplicate"])
def test_who_was_an_administrator_is_not_handed_what_they_could_read_elsewhere(
    first: Campaign, alice: User, bob: User, twin: bool
) -> None:
    image = first.images.get()
    campaign_on(twin_of(image) if twin else image, alice, blind=100)
    be_administrator_for_a_while(bob)
    assert assign.next_assignment(first, bob) is None
    assert assign.explain_no_assignment(first, bob) == "done"
    assert look_ahead.upcoming_images(first, bob) == []


def test_who_was_an_administrator_while_an_image_was_with_them_is_exposed(first: Campaign, bob: User) -> None:
    assignment = open_for(first, bob)
    be_administrator_for_a_while(bob)
    assert commit(assignment, bob).exposed


def test_who_is_no_administrator_any_more_could_read_nothing_of_images_that_came_later(bob: User, carol: User) -> None:
    be_administrator_for_a_while(bob)
    first = make_campaign("first", people=(bob,), images=1, annotations_per_image=1)
    campaign_on(first.images.get(), carol, blind=100)
    assert not commit(open_for(first, bob), bob).exposed


def test_who_was_an_administrator_twice_was_one_until_the_last_time(bob: User) -> None:
    be_administrator_for_a_while(bob)
    first = make_campaign("first", people=(bob,), images=1, annotations_per_image=1)
    assignment = open_for(first, bob)
    be_administrator_for_a_while(bob)
    assert commit(assignment, bob).exposed


def test_that_somebody_was_an_administrator_is_noted_when_only_the_right_is_saved(first: Campaign, bob: User) -> None:
    assignment = open_for(first, bob)
    for is_administrator in (True, False):
        bob.is_superuser = is_administrator
        bob.save(update_fields=["is_superuser"])
    assert commit(assignment, User.objects.get(pk=bob.pk)).exposed
