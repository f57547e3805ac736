"""What waits for somebody is told on the organiser's first page and on the campaign's."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from annotation.actions.assignments import assign
from annotation.actions.campaigns.change_campaign import dismiss_person
from annotation.actions.campaigns.question import ask_question
from annotation.actions.reviews.send_back import send_back
from annotation.models import Assignment, Campaign, Membership
from tests.harness.factories import judge
from webapp.accounts.models import User
from webapp.organiser.campaigns.stuck import stuck_work

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

PAGES = ("/organiser/", "/organiser/portraits/")


def told(campaign: Campaign) -> dict[str, int]:
    return stuck_work([Campaign.objects.get(pk=campaign.pk)]).get(campaign.pk, {})


def test_nothing_is_told_where_nothing_waits(campaign: Campaign):
    assert told(campaign) == {}


def test_questions_flags_skips_and_what_was_sent_back_are_counted_on_both_pages(
    organiser: Client, campaign: Campaign, alice: User, bob: User, olga: User
):
    done = judge(campaign, alice)
    ask_question(done, "Is this a seal?", by=alice)
    send_back(done, "Look again.", by=olga)
    flagged = assign.next_assignment(campaign, bob)
    assert flagged is not None
    assign.skip_assignment(flagged, "broken", by=bob)
    assert told(campaign) == {"questions": 1, "cases": 1, "held": 1, "skips": 1, "sent_back": 1}
    for page in PAGES:
        html = organiser.get(page).content.decode()
        for words in ("1 question waits", "1 open case", "1 image held", "1 skip<", "1 answer sent back"):
            assert words in html
        assert html.count('href="/organiser/portraits/cases/"') == 2, "open cases and held images lead to one list"


def test_open_cases_are_listed_with_why_and_whether_they_hold_the_image(
    organiser: Client, campaign: Campaign, alice: User, bob: User
):
    images = []
    for user, reason in ((alice, "wrong_category"), (bob, "broken")):
        skipped = assign.next_assignment(campaign, user)
        assert skipped is not None
        assign.skip_assignment(skipped, reason, by=user)
        images.append(skipped.image_id)
    page = "/organiser/portraits/cases/"
    html = organiser.get(page).content.decode()
    assert html.count("/thumbnail/") == told(campaign)["cases"] == 2
    assert html.count("held back</span>") == told(campaign)["held"] == 1
    for words in ("The image is broken", "It fits none of the categories", *(f"/images/{pk}/" for pk in images)):
        assert words in html
    campaign.cases.update(state="closed")
    assert "No case is open" in organiser.get(page).content.decode()


def test_images_that_nobody_may_judge_are_told_once_those_who_could_have_left(
    organiser: Client, campaign: Campaign, alice: User, bob: User, carol: User, olga: User
):
    judge(campaign, alice)
    dismiss_person(campaign, bob, by=olga)
    dismiss_person(campaign, carol, by=olga)
    assert told(campaign) == {"nobody": 1}, "alice has had one of three; nobody is left for its other answers"
    assert "1 image that nobody may judge" in organiser.get("/organiser/").content.decode()
    Membership.objects.filter(user=alice).update(categories=["calligraphy"])
    assert told(campaign) == {"nobody": 3}, "the images are of no category she may judge"


def test_images_left_with_people_who_are_away_are_told(organiser: Client, campaign: Campaign, alice: User):
    assert assign.next_assignment(campaign, alice)
    assert told(campaign) == {}
    Assignment.objects.update(lease_until=timezone.now() - timedelta(days=3))
    assert told(campaign) == {"away": 1}
    assert "1 image left with somebody who is away" in organiser.get("/organiser/portraits/").content.decode()
