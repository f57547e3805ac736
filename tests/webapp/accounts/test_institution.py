"""Single sign-on against a real provider: who comes in, and who does not."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP
from allauth.socialaccount.models import SocialAccount, SocialToken
from django.test import Client
from oidc_provider_mock import User as Claims
from oidc_provider_mock import run_server_in_thread

from annotation.actions.people.erase_person import erase_person
from annotation.actions.people.export_person import export_person
from annotation.models import Campaign, Membership
from annotation.roles import Role
from tests.harness.factories import make_user
from tests.harness.installation import free_port
from webapp import checks
from webapp.accounts.invite import Invitee, invite
from webapp.accounts.models import Invitation, User

# What the provider itself is built on warns of its own next version.
pytestmark = [pytest.mark.django_db, pytest.mark.filterwarnings("ignore::DeprecationWarning")]
ADA = {"email": "ada@example.org", "email_verified": True, "name": "Ada Byron", "given_name": "Ada"}


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    """The institution."""
    people = [
        Claims(sub="ada", claims=ADA | {"family_name": "Byron", "preferred_username": "ada.byron"}),
        Claims(sub="unverified", claims=ADA | {"email_verified": False}),
        Claims(sub="nameless", claims={}),
        Claims(sub="olga", claims={"email": "olga@example.org", "email_verified": True, "preferred_username": "OLGA"}),
    ]
    with run_server_in_thread(user_claims=people) as server:
        yield f"http://localhost:{server.server_port}"


@pytest.fixture(autouse=True)
def institution(settings: Any, provider: str) -> None:
    use(settings, provider)


def use(settings: Any, url: str) -> None:
    settings.OIDC_URL, settings.OIDC_NAME = url, "Example University"
    app: dict[str, Any] = {"provider_id": "institution", "name": "Example University", "client_id": "us", "secret": "s"}
    app |= {"settings": {"server_url": url}}
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [app]}}


def come_as(subject: str, browser: Client | None = None, *, onwards: str = "", **form: str) -> tuple[Client, Any]:
    """Sign in at the institution, and come back with what it says."""
    browser = browser or Client()
    there = browser.get("/sign-in/institution/start/", {"next": onwards}).headers["Location"]
    assert "code_challenge=" in there
    back = requests.post(there, data={"sub": subject} | form, allow_redirects=False, timeout=30).headers["Location"]
    parts = urlsplit(back)
    return browser, browser.get(f"{parts.path}?{parts.query}")


def is_signed_in(browser: Client) -> bool:
    return browser.get("/account/").status_code == 200


def invite_ada(campaign: Campaign, email: str = "ada@example.org") -> str:
    [link] = invite([Invitee(email=email, roles=frozenset({Role.ANNOTATOR}))], by=None, campaign=campaign)
    return f"/invitations/{link.token}/"


def test_the_sign_in_page_leads_to_the_institution_only_where_there_is_one(client: Client, settings: Any):
    assert "Sign in with Example University" in client.get("/sign-in/").content.decode()
    settings.OIDC_URL = ""
    assert "Example University" not in client.get("/sign-in/").content.decode()


@pytest.mark.parametrize("subject", ["ada", "unverified", "nameless"])
def test_nobody_comes_in_whom_nobody_expects(subject: str):
    browser, answer = come_as(subject)
    assert (answer.status_code, "not invited yet" in answer.content.decode()) == (403, True)
    assert not is_signed_in(browser)
    assert not User.objects.exists()


def test_an_invited_address_comes_in_lands_in_the_campaign_and_is_known_again(campaign: Campaign):
    invite_ada(campaign)
    _browser, answer = come_as("ada")
    assert answer.headers["Location"] == "/workspace/portraits/"
    ada = User.objects.get(username="ada.byron")
    assert (ada.email, ada.first_name, ada.has_usable_password()) == ("ada@example.org", "Ada Byron", False)
    assert EmailAddress.objects.get(user=ada).verified
    assert Membership.objects.get(user=ada, campaign=campaign).annotator
    assert Invitation.objects.get().accepted_by == ada
    again, answer = come_as("ada", onwards="/account/")
    assert answer.headers["Location"] == "/account/"
    assert is_signed_in(again)
    assert SocialAccount.objects.count() == 1
    assert not SocialToken.objects.exists()


def test_an_address_that_the_institution_did_not_verify_opens_no_invitation_but_the_link_does(campaign: Campaign):
    link = invite_ada(campaign)
    browser, answer = come_as("unverified")
    assert answer.status_code == 403
    browser.get(link)
    _browser, answer = come_as("unverified", browser)
    assert answer.headers["Location"] == "/workspace/portraits/"
    assert not EmailAddress.objects.filter(verified=True).exists()


def test_a_proven_address_of_an_account_is_that_account_and_an_unproven_one_is_not():
    ada = make_user("ada-here", email="ada@example.org")
    address = EmailAddress.objects.create(user=ada, email="ada@example.org", primary=True)
    browser, answer = come_as("ada")
    assert answer.status_code == 403
    ada.refresh_from_db()
    assert ada.has_usable_password()
    address.verified = True
    address.save()
    assert come_as("unverified")[1].status_code == 403
    browser, _answer = come_as("ada")
    assert browser.session["_auth_user_id"] == str(ada.pk)
    ada.refresh_from_db()
    assert ada.has_usable_password()


def test_a_name_that_is_taken_is_another_persons(olga: User, campaign: Campaign):
    invite_ada(campaign, "olga@example.org")
    browser, answer = come_as("olga")
    assert answer.status_code == 302
    assert browser.session["_auth_user_id"] != str(olga.pk)
    assert User.objects.get(email="olga@example.org").username.startswith("OLGA-")


def test_everybody_of_the_institution_comes_in_where_a_setting_says_so(settings: Any):
    settings.OIDC_SIGN_UP = True
    browser, _answer = come_as("nameless")
    assert is_signed_in(browser)
    person = User.objects.get()
    assert (person.is_superuser, person.is_staff, Membership.objects.exists()) == (False, False, False)


def test_a_closed_account_stays_closed(campaign: Campaign):
    invite_ada(campaign)
    come_as("ada")
    User.objects.filter(username="ada.byron").update(is_active=False)
    browser, answer = come_as("ada")
    assert answer.headers["Location"] == "/sign-in/"
    assert not is_signed_in(browser)


def test_a_second_factor_is_asked_for_all_the_same(campaign: Campaign):
    invite_ada(campaign)
    come_as("ada")
    TOTP.activate(User.objects.get(username="ada.byron"), "JBSWY3DPEHPK3PXP")
    browser, answer = come_as("ada")
    assert answer.headers["Location"] == "/sign-in/second-factor/"
    assert not is_signed_in(browser)


def test_who_turns_back_at_the_institution_is_back_at_the_sign_in_page():
    browser, answer = come_as("ada", action="deny")
    assert answer.headers["Location"] == "/sign-in/"
    assert "came to nothing" in browser.get("/sign-in/").content.decode()


def test_an_answer_that_nobody_asked_for_lets_nobody_in(campaign: Campaign):
    invite_ada(campaign)
    one = Client()
    there = one.get("/sign-in/institution/start/").headers["Location"]
    back = urlsplit(requests.post(there, data={"sub": "ada"}, allow_redirects=False, timeout=30).headers["Location"])
    other = Client()
    other.get(f"{back.path}?{back.query}")
    assert not is_signed_in(other)
    assert not User.objects.filter(username="ada.byron").exists()


def test_an_institution_that_is_away_is_said_so(client: Client, settings: Any):
    use(settings, f"http://localhost:{free_port()}/{uuid.uuid4().hex}")
    assert "came to nothing" in client.get("/sign-in/institution/start/", follow=True).content.decode()


def test_what_the_institution_told_is_exported_and_erased(campaign: Campaign):
    invite_ada(campaign)
    come_as("ada")
    ada = User.objects.get(username="ada.byron")
    [row] = export_person(ada, by=ada)["socialaccount.socialaccount.user"]
    assert "Ada Byron" in str(row["extra_data"])
    erase_person(ada, by=None, reason="request")
    assert not SocialAccount.objects.exists()


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({"OIDC_URL": ""}, []),
        ({"OIDC_URL": "https://login.example.edu"}, ["connoisseur.E009"]),
        ({"OIDC_URL": "https://login.example.edu", "OIDC_CLIENT_ID": "us", "OIDC_SECRET": "s"}, []),
        ({"OIDC_URL": "http://login.example.edu", "OIDC_CLIENT_ID": "us", "OIDC_SECRET": "s"}, ["connoisseur.E010"]),
        ({"OIDC_URL": "http://localhost:9400", "OIDC_CLIENT_ID": "us", "OIDC_SECRET": "s"}, []),
    ],
)
def test_settings_of_single_sign_on_are_checked(settings: Any, fields: dict[str, str], found: list[str]):
    for name in ("OIDC_URL", "OIDC_CLIENT_ID", "OIDC_SECRET"):
        setattr(settings, name, fields.get(name, ""))
    assert [message.id for message in checks.check_institution(None)] == found
