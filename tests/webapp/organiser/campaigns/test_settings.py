"""Settings of a campaign that its page sets: description, pace, limits, what opens a case, what arms are drawn for."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from annotation.actions.assignments import assign
from annotation.actions.campaigns import campaign_settings
from annotation.errors import BadInput, Conflict, NotAllowed
from annotation.models import Campaign, Case, Event, Membership
from tests.harness.factories import judge, make_campaign
from webapp.accounts.models import User

pytestmark = pytest.mark.django_db


def send(client: Client, change: str, status: int = 200, **fields: Any) -> str:
    answer = client.post(f"/organiser/portraits/{change}/", fields, follow=True)
    assert answer.status_code == status
    return " ".join(answer.content.decode().split())


def changes() -> list[dict[str, Any]]:
    return list(Event.objects.filter(verb="campaign.changed").order_by("pk").values_list("details", flat=True))


def test_an_organiser_describes_the_campaign_and_releases_say_it(organiser: Client, campaign: Campaign):
    page = send(organiser, "description", title="Faces", description=" Portraits of three centuries. ")
    assert "Releases made from now on say this." in page
    assert Campaign.objects.get().description == "Portraits of three centuries."
    assert changes() == [{"title": "Faces", "description": "Portraits of three centuries."}]
    send(organiser, "description", title="Faces", description="Portraits of three centuries.")
    assert len(changes()) == 1  # The same again is no change.


def test_pace_and_limits_hold_from_now_on(organiser: Client, campaign: Campaign, alice: User):
    send(organiser, "pace", lease_minutes=45, daily_cap=1, correction_minutes=0)
    campaign.refresh_from_db()
    assert (campaign.lease_minutes, campaign.daily_cap, campaign.correction_minutes) == (45, 1, 0)
    assignment = assign.next_assignment(campaign, alice)
    assert assignment is not None
    assert timedelta(minutes=44) < assignment.lease_until - timezone.now() <= timedelta(minutes=45)
    judge(campaign, alice)
    assert assign.next_assignment(campaign, alice) is None
    assert changes()[-1] == {"lease_minutes": 45, "daily_cap": 1, "correction_minutes": 0}
    send(organiser, "pace", lease_minutes=45, daily_cap="", correction_minutes=0)
    campaign.refresh_from_db()
    assert assign.next_assignment(campaign, alice) is not None


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"lease_minutes": 9}, "greater than or equal to 10"),
        ({"lease_minutes": 1441}, "less than or equal to 1440"),
        ({"daily_cap": 0}, "greater than or equal to 1"),
        ({"correction_minutes": -1}, "greater than or equal to 0"),
        ({"correction_minutes": 10**12}, "less than or equal to 43200"),
        ({"lease_minutes": "soon"}, "Enter a whole number"),
    ],
)
def test_a_pace_that_is_not_accepted_is_refused_at_its_field(organiser: Client, campaign: Campaign, fields, words):
    pace = {"lease_minutes": 30, "daily_cap": "", "correction_minutes": 60} | fields
    assert words in send(organiser, "pace", 422, **pace)
    assert not changes()
    with pytest.raises(BadInput):
        campaign_settings.choose_pace(campaign, by=None, lease_minutes=5, daily_cap=None, correction_minutes=60)


@pytest.mark.parametrize(("points", "steps", "cases"), [("2.5", 5, 1), ("3.5", 7, 0), ("", None, 0)])
def test_a_spread_opens_cases_of_images_completed_from_then_on(
    organiser: Client, alice: User, bob: User, points, steps, cases
):
    campaign = make_campaign(people=(alice, bob), images=1, annotations_per_image=2)
    send(organiser, "case-spread", points=points)
    campaign.refresh_from_db()
    assert campaign.case_spread == steps
    judge(campaign, alice, 5)
    judge(campaign, bob, 8)
    assert Case.objects.filter(campaign=campaign, rule="spread").count() == cases


@pytest.mark.parametrize(
    ("points", "words"),
    [
        ("0.3", "Steps of 0.5 are accepted."),
        ("0", "1 to 20 are accepted"),
        ("11", "1 to 20"),
        ("NaN", "Enter a number"),
    ],
)
def test_a_spread_that_the_scale_does_not_have_is_refused(organiser: Client, campaign: Campaign, points, words):
    assert words in send(organiser, "case-spread", 422, points=points)
    assert Campaign.objects.get().case_spread == campaign.case_spread


def test_draws_and_grey_are_chosen_in_a_draft_and_stay(organiser: Client, alice: User):
    campaign = make_campaign(people=(alice,), opened=False)
    addresses = ("/organiser/portraits/draws/", "/organiser/portraits/surround/")
    assert all(address in organiser.get("/organiser/portraits/").content.decode() for address in addresses)
    send(organiser, "draws", arms_by="person", seed=7)
    send(organiser, "surround", surround=60)
    assert changes() == [{"arms_by": "person", "seed": 7}, {"surround": 60}]
    Campaign.objects.update(state=Campaign.State.OPEN)
    assert not any(address in organiser.get("/organiser/portraits/").content.decode() for address in addresses)
    page = send(organiser, "draws", 422, arms_by="assignment", seed=8)
    assert "arms_by, seed: this stays once a campaign was opened" in page
    assert "surround: this stays once a campaign was opened" in send(organiser, "surround", 422, surround=61)
    campaign.refresh_from_db()
    assert (campaign.arms_by, campaign.seed, campaign.surround) == ("person", 7, 60)
    with pytest.raises(Conflict):
        campaign_settings.choose_draws(campaign, "person", 8, by=None)


@pytest.mark.parametrize(
    ("change", "fields", "words"),
    [
        ("draws", {"arms_by": "moon", "seed": 1}, "Select a valid choice"),
        ("draws", {"arms_by": "person", "seed": -1}, "greater than or equal to 0"),
        ("draws", {"arms_by": "person", "seed": 10**9}, "less than or equal to 999999999"),
        ("surround", {"surround": 47}, "greater than or equal to 48"),
        ("surround", {"surround": 125}, "less than or equal to 124"),
        ("description", {"title": ""}, "This field is required."),
    ],
)
def test_what_a_draft_does_not_accept_is_refused_at_its_field(organiser: Client, olga: User, change, fields, words):
    make_campaign(opened=False)
    assert words in send(organiser, change, 422, **fields)
    assert not changes()


def test_the_actions_refuse_what_is_out_of_bounds(campaign: Campaign):
    for refused in (
        lambda: campaign_settings.choose_draws(campaign, "moon", 1, by=None),
        lambda: campaign_settings.choose_draws(campaign, "person", -1, by=None),
        lambda: campaign_settings.choose_surround(campaign, 255, by=None),
        lambda: campaign_settings.change_description(campaign, " ", "", by=None),
    ):
        with pytest.raises(BadInput):
            refused()


def test_a_capped_person_gets_no_further_image(organiser: Client, campaign: Campaign, alice: User, bob: User):
    judge(campaign, alice)
    page = send(organiser, "cap", person=alice.pk, cap=1)
    assert "alice gets no further image after 1 answers." in page
    assert assign.next_assignment(campaign, alice) is None
    assert assign.next_assignment(campaign, bob) is not None
    assert Event.objects.get(verb="person.capped").details == {"user": alice.pk, "cap": 1}
    send(organiser, "cap", person=alice.pk, cap="")
    assert Membership.objects.get(campaign=campaign, user=alice).cap is None
    assert assign.next_assignment(campaign, alice) is not None


def test_nobody_is_capped_who_does_not_annotate_here(organiser: Client, campaign: Campaign, rita: User, mallory: User):
    for person in (rita, mallory):
        send(organiser, "cap", 422, person=person.pk, cap=1)
        with pytest.raises(BadInput, match="does not annotate"):
            campaign_settings.cap_person(campaign, person, 1, by=None)


def test_only_organisers_change_settings(campaign: Campaign, alice: User, arthur: User):
    pace: dict[str, Any] = {"lease_minutes": 30, "daily_cap": None, "correction_minutes": 60}
    for person in (alice, arthur):
        for change in (
            lambda by: campaign_settings.change_description(campaign, "Mine", "Mine.", by=by),
            lambda by: campaign_settings.choose_pace(campaign, **pace, by=by),
            lambda by: campaign_settings.choose_case_spread(campaign, None, by=by),
            lambda by: campaign_settings.choose_draws(campaign, "person", 1, by=by),
            lambda by: campaign_settings.cap_person(campaign, alice, 1, by=by),
        ):
            with pytest.raises(NotAllowed):
                change(person)
    assert not changes()
