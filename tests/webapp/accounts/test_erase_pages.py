"""Administrators export and erase people; nobody else finds a way to."""

from __future__ import annotations

import pytest
from django.test import Client

from annotation.models import Campaign
from tests.harness.factories import judge, make_user
from webapp.accounts.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(alice: User) -> str:
    return f"/admin/accounts/user/{alice.pk}"


@pytest.fixture
def administrator(client: Client, olga: User) -> Client:
    olga.is_staff = True
    olga.save()
    client.force_login(olga)
    return client


def test_an_administrator_erases_a_person_from_their_page(
    administrator: Client, page: str, campaign: Campaign, alice: User
):
    judge(campaign, alice)
    change = administrator.get(f"{page}/change/").content.decode()
    assert f"{page}/erase/" in change
    assert f"{page}/delete/" not in change
    assert "cannot be undone" in administrator.get(f"{page}/erase/").content.decode()
    answer = administrator.post(f"{page}/erase/", {"reason": "request", "with_annotations": "on"}, follow=True)
    alice.refresh_from_db()
    assert f"the account is {alice.username} now" in answer.content.decode()
    assert not alice.is_active
    assert campaign.withdrawals.get().person == alice
    assert "/erase/" not in administrator.get(f"{page}/change/").content.decode()
    assert "is erased already" in administrator.post(f"{page}/erase/", {"reason": "request"}).content.decode()


def test_an_administrator_downloads_what_is_kept_of_a_person(administrator: Client, page: str, alice: User):
    answer = administrator.get(f"{page}/export/")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{alice.pseudonym}.json"'
    assert answer.json()["account"]["username"] == "alice"


def test_for_others_there_is_no_such_page(client: Client, page: str, alice: User, mallory: User):
    stan = make_user("stan", is_staff=True)
    for person in (stan, alice, mallory):
        client.force_login(person)
        for address in ("export/", "erase/"):
            assert client.get(f"{page}/{address}").status_code in (302, 404)
            assert client.post(f"{page}/{address}", {"reason": "request"}).status_code in (302, 404)
    alice.refresh_from_db()
    assert alice.is_active
