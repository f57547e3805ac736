"""The first administrator comes in by a link that the first start prints, and by no other."""

from __future__ import annotations

import io
import re
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from tests.harness.factories import PASSWORD, make_user
from webapp.accounts.models import Invitation, User
from webapp.accounts.set_up import make_set_up_link, usual_base

pytestmark = pytest.mark.django_db
ACCOUNT = {"username": "ada", "display_name": "Ada", "password1": PASSWORD, "password2": PASSWORD}


def printed() -> str:
    output = io.StringIO()
    call_command("set_up_link", base="https://judge.example.org", stdout=output)
    return output.getvalue()


def path_of(text: str) -> str:
    [path] = re.findall(r"https://judge\.example\.org(/invitations/[\w-]+/)", text)
    return str(path)


def test_the_link_makes_the_first_administrator_and_shows_the_first_steps():
    browser = Client()
    page = browser.get(path_of(printed()), follow=True)
    assert "Set up this installation" in page.content.decode()
    page = browser.post("/invitation/", ACCOUNT, follow=True)
    assert page.redirect_chain == [("/start/", 302)]
    assert "First steps" in page.content.decode()
    ada = User.objects.get(username="ada")
    assert (ada.is_superuser, ada.is_staff, ada.administrator_since is None) == (True, True, False)


def test_the_link_is_good_for_nothing_once_there_is_an_administrator():
    link = path_of(printed())
    browser = Client()
    assert browser.get(link, follow=True).status_code == 200
    make_user("olga", is_superuser=True)
    assert "has its administrator already" in Client().get(link, follow=True).content.decode()
    assert browser.post("/invitation/", ACCOUNT).status_code == 410
    assert User.objects.count() == 1
    assert printed() == ""


def test_an_administrator_whose_account_is_closed_is_none():
    make_user("olga", is_superuser=True, is_active=False)
    assert "Nobody administers this installation yet" in printed()


def test_a_newer_link_and_a_day_end_the_one_before():
    before, after = path_of(printed()), path_of(printed())
    assert "was withdrawn" in Client().get(before, follow=True).content.decode()
    assert Client().get(after, follow=True).status_code == 200
    Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert "time of this invitation is over" in Client().get(after, follow=True).content.decode()


def test_of_the_link_only_a_hash_is_kept():
    link = make_set_up_link("http://127.0.0.1:8000")
    assert link.startswith("http://127.0.0.1:8000/invitations/")
    assert link.split("/")[-2] not in str(Invitation.objects.values().get())


@pytest.mark.parametrize(
    ("hosts", "https", "public", "base"),
    [
        (["127.0.0.1", "localhost"], False, "", "http://127.0.0.1:8000"),
        ([".example.org"], True, "", "https://example.org"),
        (["*"], False, "", "http://127.0.0.1:8000"),
        (["a.example"], True, "https://judge.example.org", "https://judge.example.org"),
    ],
)
def test_the_address_is_told_by_the_settings(settings, hosts, https, public, base):
    settings.ALLOWED_HOSTS, settings.HTTPS, settings.PUBLIC_URL = hosts, https, public
    assert usual_base() == base
