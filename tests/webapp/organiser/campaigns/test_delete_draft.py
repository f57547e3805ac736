"""A draft is deleted on its page, once somebody says that this is meant."""

from __future__ import annotations

import pytest
from django.test import Client

from annotation.models import Campaign
from annotation.roles import Role
from tests.harness.factories import give_roles, make_campaign, make_user
from webapp.accounts.invite import Invitee, invite, what_is_wrong
from webapp.accounts.models import Invitation, User

pytestmark = pytest.mark.django_db

DELETE = "/organiser/portraits/delete/"


def test_an_organiser_deletes_a_draft_and_its_invitations(organiser: Client, olga: User):
    draft = make_campaign(opened=False)
    other = make_campaign("other")
    give_roles(olga, draft, Role.ORGANISER)
    give_roles(olga, other, Role.ORGANISER)
    invite([Invitee(roles=frozenset({Role.VIEWER}))], by=olga, campaign=draft)
    assert DELETE in organiser.get("/organiser/portraits/").content.decode()
    page = organiser.post(DELETE, {"confirmed": "on"}, follow=True)
    assert page.redirect_chain[-1] == ("/organiser/", 302)
    assert "The draft Portraits is deleted." in page.content.decode()
    assert "/organiser/portraits/" not in page.content.decode()
    assert organiser.get("/organiser/portraits/").status_code == 404
    assert organiser.get(f"/organiser/deleted-{draft.pk}/").status_code == 404
    assert "withdrawn" in what_is_wrong(Invitation.objects.get())


def test_it_is_asked_whether_that_is_meant(organiser: Client, olga: User):
    give_roles(olga, make_campaign(opened=False), Role.ORGANISER)
    page = organiser.post(DELETE)
    assert page.status_code == 422
    assert "Tick this to confirm that the draft is deleted." in page.content.decode()
    assert Campaign.objects.get().state == "draft"


def test_an_open_campaign_offers_no_deletion_and_refuses_it(organiser: Client, campaign: Campaign, olga: User):
    invite([Invitee(roles=frozenset({Role.VIEWER}))], by=olga, campaign=campaign)
    assert DELETE not in organiser.get("/organiser/portraits/").content.decode()
    page = organiser.post(DELETE, {"confirmed": "on"})
    assert page.status_code == 422
    assert "only a draft can be deleted" in page.content.decode()
    # Nothing half done: the invitation waits as before.
    assert Invitation.objects.waiting().count() == 1


def test_whoever_organised_nothing_else_is_led_to_where_they_begin(client: Client):
    oscar = make_user("oscar")
    give_roles(oscar, make_campaign(opened=False), Role.ORGANISER)
    client.force_login(oscar)
    assert "No campaign yet" in client.post(DELETE, {"confirmed": "on"}, follow=True).content.decode()
