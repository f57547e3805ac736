"""A campaign made in the browser: by administrators, a draft with its rubric, or nothing at all."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from annotation.actions.campaigns import open_campaign
from annotation.actions.campaigns.open_campaign import create_campaign, propose_slug
from annotation.actions.rubrics.draft_rubric import start_draft
from annotation.actions.rubrics.shipped_rubric import shipped_rubric
from annotation.errors import BadInput
from annotation.models import Campaign, Event, RubricVersion
from annotation.roles import Role
from tests.harness.factories import give_roles, make_campaign, make_rubric, make_user
from webapp.accounts.models import User

pytestmark = pytest.mark.django_db

NEW = "/organiser/new/"
FIELDS = {
    "title": "Portraits, spring",
    "slug": "portraits-spring",
    "description": "Of three centuries.",
    "rubric": "artimuse",
    "annotations_per_image": 4,
    "preset": "blind-panel",
}


@pytest.fixture
def administrator(client: Client) -> Client:
    client.force_login(make_user("ada", is_superuser=True))
    return client


def send(client: Client, status: int = 200, **fields: Any) -> str:
    answer = client.post(NEW, FIELDS | fields, follow=True)
    assert answer.status_code == status
    return " ".join(answer.content.decode().split())


def test_an_empty_installation_offers_it_with_the_rubric_that_comes_with_the_program(administrator: Client):
    for address in ("/start/", "/organiser/"):
        assert f'href="{NEW}"' in administrator.get(address).content.decode()
    assert "ArtiMuse (published in this step)" in administrator.get(NEW).content.decode()
    page = send(administrator)
    assert "This is the campaign: a draft." in page
    assert "Of three centuries." in page
    campaign = Campaign.objects.get()
    assert (campaign.slug, campaign.title, campaign.state) == ("portraits-spring", "Portraits, spring", "draft")
    assert (campaign.annotations_per_image, campaign.preset, campaign.blind_share) == (4, "blind-panel", 100)
    version = campaign.rubric_version
    assert (version.slug, version.number, version.content) == ("artimuse", 1, shipped_rubric())
    assert version.published_at


def test_whoever_makes_it_organises_it_and_the_event_says_who(administrator: Client):
    send(administrator)
    [membership] = Campaign.objects.get().memberships.all()
    assert (membership.user.username, membership.roles) == ("ada", frozenset({Role.ORGANISER}))
    event = Event.objects.get(verb="campaign.created")
    assert (event.actor, event.details["preset"]) == (membership.user, "blind-panel")


def test_published_versions_are_offered_and_drafts_are_not(administrator: Client):
    version = make_rubric()
    draft = start_draft(version, by=None)
    page = administrator.get(NEW).content.decode()
    assert "(artimuse 1)" in page
    assert "(artimuse 2)" not in page
    assert "published in this step" not in page
    for rubric in (draft.pk, "artimuse", ""):
        send(administrator, 422, rubric=rubric)
    send(administrator, rubric=version.pk)
    assert Campaign.objects.get().rubric_version == version
    with pytest.raises(BadInput, match="rubric: a published version is accepted; artimuse 2 is a draft"):
        create_campaign("other", title="Other", rubric_version=draft, by=None)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"slug": "rubrics"}, "rubrics is the address of another page; choose another short name"),
        ({"slug": "new"}, "new is the address of another page; choose another short name"),
        ({"slug": "taken"}, "campaign &#x27;taken&#x27; is there already; choose another short name"),
        ({"slug": "a b"}, "Enter a valid “slug”"),
        ({"slug": "x" * 51}, "at most 50 characters"),
        ({"title": " "}, "This field is required."),
        ({"title": "x" * 201}, "at most 200 characters"),
        ({"description": "x" * 10_001}, "at most 10000 characters"),
        ({"annotations_per_image": 0}, "greater than or equal to 1"),
        ({"annotations_per_image": 100}, "less than or equal to 99"),
        ({"preset": "guess"}, "Select a valid choice"),
        ({"rubric": "other"}, "Select a valid choice"),
    ],
)
def test_what_is_not_accepted_is_named_and_nothing_is_made(administrator: Client, fields, words):
    make_campaign("taken")
    versions = RubricVersion.objects.count()
    page = send(administrator, 422, **({"rubric": RubricVersion.objects.get().pk} | fields))
    assert words in page
    assert fields.get("title", "Portraits, spring") in page
    assert Campaign.objects.count() == 1
    assert RubricVersion.objects.count() == versions


@pytest.mark.parametrize(
    ("title", "slug"),
    [("Portraits, spring", "portraits-spring"), ("Rubrics", "rubrics-2"), ("肖像", "campaign"), ("é" * 200, "e" * 45)],
)
def test_a_short_name_left_empty_is_made_from_the_title(administrator: Client, title, slug):
    send(administrator, title=title, slug="")
    assert Campaign.objects.get().slug == slug


def test_a_name_is_proposed_that_nobody_has():
    make_campaign("portraits")
    make_campaign("portraits-2")
    assert propose_slug("Portraits") == "portraits-3"


def test_of_two_who_take_a_name_in_the_same_moment_the_later_is_told(administrator: Client, monkeypatch):
    version = make_campaign("taken").rubric_version
    monkeypatch.setattr(open_campaign, "check_slug", lambda slug: slug)
    with pytest.raises(BadInput, match="'taken' is there already"):
        create_campaign("taken", title="Taken", rubric_version=version, by=None)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"title": ""}, "title: 1 to 200 characters"),
        ({"title": "\0"}, "title: 1 to 200 characters"),
        ({"description": "x" * 10_001}, "description: a text of at most 10000"),
        ({"preset": "guess"}, "preset 'guess' is unknown"),
        ({"annotations_per_image": 0}, "annotations_per_image: 1 or more"),
    ],
)
def test_the_action_refuses_as_the_page_does_and_publishes_nothing(options, words):
    with pytest.raises(BadInput, match=words):
        create_campaign("spring", **({"title": "Spring", "rubric_version": None, "by": None} | options))
    assert not Campaign.objects.exists()
    assert not RubricVersion.objects.exists()


def test_an_organiser_is_not_offered_what_only_administrators_may(client: Client):
    oscar: User = make_user("oscar")
    give_roles(oscar, make_campaign(), Role.ORGANISER)
    client.force_login(oscar)
    assert NEW not in client.get("/organiser/").content.decode()
    assert client.get(NEW).status_code == client.post(NEW, FIELDS).status_code == 404
    assert Campaign.objects.count() == 1
