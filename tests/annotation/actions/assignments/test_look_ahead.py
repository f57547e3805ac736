"""Only the next two images of one's own order may be fetched ahead, and only by who is handed work."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from annotation.actions.answers import annotate
from annotation.actions.assignments import assign
from annotation.actions.assignments.look_ahead import may_fetch_image, upcoming_images
from annotation.models import Assignment, Campaign, Event, Image
from tests.harness.factories import make_campaign, make_content, make_user
from webapp.accounts.models import User

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


@pytest.fixture
def alice(db: None) -> User:
    return make_user("alice")


@pytest.fixture
def campaign(alice: User) -> Campaign:
    """An open campaign of five images, the first of them in alice's hands."""
    campaign = make_campaign(people=(alice,), images=5)
    assign.next_assignment(campaign, alice)
    return campaign


def test_what_is_told_ahead_is_what_is_handed_out(campaign: Campaign, alice: User):
    images = upcoming_images(campaign, alice)
    assert len(images) == 2
    for image in images:
        assign.skip_assignment(Assignment.objects.get(annotator=alice, state="open"), "cannot_judge", by=alice)
        handed = assign.next_assignment(campaign, alice)
        assert handed is not None
        assert handed.image == image


def test_a_hidden_repeat_is_told_like_any_other(campaign: Campaign, alice: User):
    first = campaign.assignments.get()
    annotate.commit_annotation(first, make_content(), by=alice)
    assign.next_assignment(campaign, alice)
    campaign.repeat_share, campaign.repeat_gap_days = 100, 0
    campaign.save()
    images = upcoming_images(campaign, alice)
    assert (images[0], len(images)) == (first.image, 2)
    assign.skip_assignment(campaign.assignments.get(state="open"), "cannot_judge", by=alice)
    handed = assign.next_assignment(campaign, alice)
    assert handed is not None
    assert (handed.image, handed.repeat) == (first.image, True)


def test_telling_ahead_takes_no_place_and_writes_nothing(campaign: Campaign, alice: User):
    def held() -> tuple[list[int], int, int]:
        places = list(campaign.entries.order_by("pk").values_list("places", flat=True))
        return places, Assignment.objects.count(), Event.objects.count()

    start_places = held()
    upcoming_images(campaign, alice)
    assert held() == start_places


def test_only_the_next_two_may_be_fetched(campaign: Campaign, alice: User):
    allowed = {image for image in Image.objects.all() if may_fetch_image(alice, image)}
    assert allowed == set(upcoming_images(campaign, alice))


def test_nobody_else_may_fetch_them(campaign: Campaign, alice: User, mallory: User, rita: User):
    image = upcoming_images(campaign, alice)[0]
    assert not any(may_fetch_image(person, image) for person in (mallory, rita))


@pytest.mark.parametrize("reason", ["paused", "capped", "left", "without consent", "not at work"])
def test_who_is_handed_no_work_is_told_nothing(campaign: Campaign, alice: User, reason: str):
    image = upcoming_images(campaign, alice)[0]
    if reason == "paused":
        campaign.state = Campaign.State.PAUSED
    elif reason == "without consent":
        campaign.consent_text, campaign.consent_version = "Published under a pseudonym.", 1
    elif reason == "not at work":
        assign.skip_assignment(campaign.assignments.get(), "cannot_judge", by=alice)
        campaign.assignments.update(finished_at=timezone.now() - timedelta(minutes=2))
    elif reason == "capped":
        campaign.memberships.update(cap=0)
    else:
        campaign.memberships.update(annotator=False)
    campaign.save()
    assert upcoming_images(campaign, alice) == []
    assert not may_fetch_image(alice, image)


def test_an_image_that_others_have_filled_is_passed_over(campaign: Campaign, alice: User):
    first, second = upcoming_images(campaign, alice)
    campaign.entries.filter(image=first).update(places=0)
    assert upcoming_images(campaign, alice)[0] == second
    assert not may_fetch_image(alice, first)
