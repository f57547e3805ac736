"""The organiser's pages: what they show, what they queue, how many queries they take."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from annotation.actions.agreement.measure_agreement import measure_agreement
from annotation.actions.assignments import assign
from annotation.actions.campaigns.change_campaign import change_annotations_per_image
from annotation.actions.campaigns.open_campaign import invite_people
from annotation.actions.images.add_to_campaign import add_images
from annotation.actions.places.open_cases import open_case
from annotation.actions.releases.withdraw import withdraw_image, withdraw_person
from annotation.actions.reviews.review import adjudicate_case
from annotation.models import Campaign, Report
from tests.harness.factories import judge, make_campaign, make_image, make_user
from webapp.accounts.models import User

pytestmark = pytest.mark.django_db


def read(client: Client, address: str) -> str:
    answer = client.get(address, follow=True)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_an_organiser_without_campaigns_is_told_how_to_begin(organiser: Client):
    assert "There is no campaign yet. Make one" in read(organiser, "/organiser/")


def test_counts_of_one_campaign_do_not_multiply_each_other(campaign: Campaign, alice: User, bob: User):
    judge(campaign, alice)
    judge(campaign, alice)
    judge(campaign, bob)
    make_campaign("other", images=2, people=(alice,))
    assert counts_of("portraits") == {"n_images": 3, "n_people": 3, "n_annotations": 3, "n_wanted": 9}
    assert counts_of("other") == {"n_images": 2, "n_people": 1, "n_annotations": 0, "n_wanted": 6}


def test_progress_counts_images_that_have_all_their_answers(alice: User, bob: User):
    campaign = make_campaign(people=(alice, bob), images=2, annotations_per_image=2)
    judge(campaign, alice)
    judge(campaign, alice)
    judge(campaign, bob)
    assert campaign.progress() == {"images": 2, "complete": 1, "annotations": 3, "wanted": 4}


def test_what_is_wanted_is_what_is_to_be_judged_and_the_rest_is_named(
    alice: User, bob: User, carol: User, rita: User, olga: User, client: Client
):
    campaign = make_campaign(people=(alice, bob, carol), images=4, annotations_per_image=2)
    for _ in range(3):
        judge(campaign, alice)
    gone, excluded, _kept = (work.image for work in campaign.assignments.order_by("created_at"))
    withdraw_image(gone, by=None, reason="licence")
    entry = campaign.entries.get(image=excluded)
    adjudicate_case(open_case(entry, "flag", ["broken"]), by=rita, cause="slip", reason="Cut off.", exclude=True)
    withdraw_person(campaign, bob, by=None)
    assert campaign.progress() == {"images": 4, "complete": 0, "annotations": 1, "wanted": 4}
    assert counts_of("portraits") == {"n_images": 4, "n_people": 2, "n_annotations": 1, "n_wanted": 4}
    assert campaign.annotations_by_person() == {alice.pk: (1, 2)}
    client.force_login(olga)
    page = " ".join(client.get("/organiser/portraits/").content.decode().split())
    assert "1 image excluded, wanted no more" in page
    assert "1 image withdrawn, wanted no more" in page
    assert "2 of images or people that are excluded or withdrawn" in page
    assert "imported" not in page, "what is nowhere is not listed"


def test_an_answer_too_many_since_fewer_are_asked_for_is_wanted_all_the_same(
    campaign: Campaign, alice: User, bob: User
):
    judge(campaign, alice)
    judge(campaign, bob)
    change_annotations_per_image(campaign, 1, by=None)
    progress = campaign.progress()
    assert progress["annotations"] == 2
    assert progress["wanted"] in (3, 4), "three images, of which one may have both"


def test_repeats_are_no_progress(campaign: Campaign, alice: User):
    judge(campaign, alice)
    campaign.assignments.update(repeat=True)
    assert campaign.progress()["annotations"] == 0
    assert counts_of("portraits")["n_annotations"] == 0
    assert judged_by_subcategory(campaign) == {"daily_photo": (3, 0, 9)}


def test_the_tally_counts_answers_of_this_campaign_only(campaign: Campaign, alice: User):
    other = make_campaign("other", images=0, people=(alice,))
    add_images(other, campaign.images.all(), by=None)
    judge(campaign, alice)
    assert judged_by_subcategory(campaign) == {"daily_photo": (3, 1, 9)}
    assert judged_by_subcategory(other) == {"daily_photo": (3, 0, 9)}


def test_the_page_shows_people_by_name_and_marks_the_simulated(organiser: Client, campaign: Campaign, alice: User):
    invite_people(campaign, [make_user("ada", simulated=True)], by=None)
    judge(campaign, alice)
    page = read(organiser, "/organiser/portraits/")
    assert 'ada <span class="badge simulated">simulated</span>' in page
    assert 'alice <span class="badge simulated">' not in page
    assert f'{alice.pseudonym}</td> <td class="number">1</td>' in page


@pytest.mark.usefixtures("at_once")
def test_asking_for_agreement_computes_a_report_in_the_organisers_name(
    organiser: Client,
    campaign: Campaign,
    alice: User,
    bob: User,
    olga: User,
    django_capture_on_commit_callbacks: Callable[..., Any],
):
    judge(campaign, alice, 3)
    judge(campaign, bob, 8)
    with django_capture_on_commit_callbacks(execute=True):
        organiser.post("/organiser/portraits/agreement/")
    assert Report.objects.get().requested_by == olga
    assert "All attributes and the method" in read(organiser, "/organiser/portraits/")


def test_the_number_of_queries_grows_with_neither_people_nor_images(organiser: Client, olga: User):
    pages = ("/organiser/", "/organiser/portraits/", "/audit/", "/audit/portraits/agreement/")
    campaign = make_campaign(people=(make_user("anna"), make_user("bert")), images=2)
    fill(campaign)
    for page in pages:
        read(organiser, page)
    before = {page: queries(organiser, page) for page in pages}
    invite_people(campaign, [make_user(name) for name in ("cleo", "dora", "emil")], by=olga)
    add_images(campaign, [make_image() for _ in range(4)], by=olga)
    campaign.annotations_per_image = 5
    campaign.save()
    fill(campaign)
    make_campaign("other", images=2, people=(make_user("fred"),))
    assert {page: queries(organiser, page) for page in pages} == before
    assert max(before.values()) <= 33


def judged_by_subcategory(campaign: Campaign) -> dict[str, tuple[int, int, int]]:
    return {key: (row["judged"], row["annotations"], row["wanted"]) for key, row in campaign.tally().items()}


def counts_of(slug: str) -> dict[str, int]:
    campaign = Campaign.objects.with_counts().get(slug=slug)
    return {name: getattr(campaign, name) for name in ("n_images", "n_people", "n_annotations", "n_wanted")}


def fill(campaign: Campaign) -> None:
    """Let everyone judge all that is left, and compute a report."""
    for membership in campaign.memberships.annotators().select_related("user"):
        while assign.next_assignment(campaign, membership.user):
            judge(campaign, membership.user)
    measure_agreement(campaign, by=None, replicates=10)


def queries(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        client.get(address)
    return len(captured)
