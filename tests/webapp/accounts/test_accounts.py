"""Signing in, signing out, and being sent to one's room."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache
from django.core.checks import CheckMessage
from django.test import Client

from annotation.models import Campaign
from annotation.roles import Role
from tests.harness.factories import PASSWORD, give_roles, make_campaign, make_user
from webapp import checks
from webapp.accounts.forms import TRIES_PER_ACCOUNT, TRIES_PER_ADDRESS
from webapp.accounts.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nobody_has_tried_yet() -> None:
    cache.clear()


def try_to_sign_in(client: Client, name: str, password: str = PASSWORD, **options: Any) -> Any:
    return client.post("/sign-in/", {"username": name, "password": password, **options})


@pytest.mark.parametrize(
    ("role", "room"),
    [
        (Role.ANNOTATOR, "/workspace/"),
        (Role.ADJUDICATOR, "/workspace/cases/"),
        (Role.ORGANISER, "/organiser/"),
        (Role.AUDITOR, "/audit/"),
        (Role.VIEWER, "/audit/"),
    ],
)
def test_whoever_signs_in_is_sent_to_the_room_of_their_role(client: Client, role: Role, room: str):
    give_roles(make_user("someone"), make_campaign(), role)
    assert try_to_sign_in(client, "someone").headers["Location"] == "/"
    assert client.get("/").headers["Location"] == room


def test_administrators_begin_among_all_campaigns(client: Client):
    make_user("someone", is_superuser=True)
    try_to_sign_in(client, "someone")
    assert client.get("/").headers["Location"] == "/organiser/"


def test_whoever_has_no_role_yet_is_told_so(client: Client, mallory: User):
    client.force_login(mallory)
    assert "You have no role in a campaign" in client.get("/").content.decode()


def test_a_page_asked_for_before_signing_in_opens_afterwards(client: Client, arthur: User):
    answer = try_to_sign_in(client, "arthur", next="/audit/")
    assert answer.headers["Location"] == "/audit/"


def test_signing_in_never_leads_to_another_site(client: Client, arthur: User):
    answer = try_to_sign_in(client, "arthur", next="https://elsewhere.example/")
    assert answer.headers["Location"] == "/"


def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(client: Client, alice: User):
    words = "This name and password do not go together"
    known, unknown = try_to_sign_in(client, "alice", "guess"), try_to_sign_in(client, "zoe", "guess")
    assert words in known.content.decode()
    assert words in unknown.content.decode()
    assert known.status_code == unknown.status_code == 200


def test_an_account_can_be_tried_ten_times_a_minute_and_then_not_even_with_the_right_password(
    client: Client, alice: User, bob: User
):
    for number in range(TRIES_PER_ACCOUNT):
        answer = try_to_sign_in(client, "alice", "guess", REMOTE_ADDR=f"10.0.0.{number}")
        assert answer.status_code == 200
    refused = try_to_sign_in(client, "Alice")
    assert refused.status_code == 429
    assert refused.headers["Retry-After"] == "60"
    assert "Too many tries" in refused.content.decode()
    assert "_auth_user_id" not in client.session
    assert try_to_sign_in(client, "bob").status_code == 302


def test_an_address_can_try_twenty_times_a_minute_whatever_the_names(client: Client, alice: User):
    for number in range(TRIES_PER_ADDRESS):
        assert try_to_sign_in(client, f"name-{number}", "guess").status_code == 200
    assert try_to_sign_in(client, "alice").status_code == 429
    from_elsewhere = Client(REMOTE_ADDR="192.0.2.7")
    assert try_to_sign_in(from_elsewhere, "alice").status_code == 302


def test_signing_out_takes_a_post(client: Client, alice: User):
    client.force_login(alice)
    assert client.get("/sign-out/").status_code == 405
    assert client.post("/sign-out/").headers["Location"] == "/sign-in/"
    assert client.get("/workspace/").status_code == 302


def test_the_language_can_be_chosen_without_signing_in(client: Client):
    client.post("/language/setlang/", {"language": "zh-hans", "next": "/sign-in/"})
    assert '<html lang="zh-hans">' in client.get("/sign-in/").content.decode()


def test_a_theme_once_chosen_is_in_the_page_from_the_start(client: Client):
    client.cookies["theme"] = "dark"
    assert 'data-theme="dark"' in client.get("/sign-in/").content.decode()
    client.cookies["theme"] = '"><script>'
    assert "<script>" not in client.get("/sign-in/").content.decode()


def test_health_is_told_to_anyone(client: Client):
    assert client.get("/health/").json() == {"status": "ok"}


def test_staff_can_add_and_change_people(client: Client):
    client.force_login(make_user("staff", is_staff=True, is_superuser=True))
    for page in ("/admin/accounts/user/", "/admin/accounts/user/add/"):
        assert client.get(page).status_code == 200


# Checks of the settings.


def ids(messages: list[CheckMessage]) -> list[str | None]:
    return [message.id for message in messages]


def test_settings_as_they_come_are_right():
    for check in (checks.check_secret_key, checks.check_folders, checks.check_hosts, checks.check_debug):
        assert check(None) == []


def test_a_short_secret_is_reported_where_the_public_comes_in(settings: Any):
    settings.SECRET_KEY = "short"
    assert checks.check_secret_key(None) == []
    settings.HTTPS = True
    assert ids(checks.check_secret_key(None)) == ["connoisseur.E001"]


def test_a_folder_that_is_a_file_is_reported(settings: Any, tmp_path: Any):
    (tmp_path / "file").write_text("")
    settings.MEDIA_ROOT = tmp_path / "file" / "media"
    settings.RELEASES_DIR = tmp_path / "file"
    assert ids(checks.check_folders(None)) == ["connoisseur.E002", "connoisseur.E003"]


@pytest.mark.parametrize(
    ("hosts", "found"), [([], ["connoisseur.E004"]), (["*"], ["connoisseur.W001"]), (["a.example"], [])]
)
def test_host_names_must_be_named(settings: Any, hosts: list[str], found: list[str]):
    settings.ALLOWED_HOSTS = hosts
    assert ids(checks.check_hosts(None)) == found


def test_debugging_pages_in_public_are_reported(settings: Any):
    settings.DEBUG = settings.HTTPS = True
    assert ids(checks.check_debug(None)) == ["connoisseur.E005"]


def test_roles_have_names_in_the_language_of_the_page(client: Client, campaign: Campaign, alice: User):
    client.force_login(alice)
    assert "annotator</span>" in client.get("/workspace/").content.decode()
    client.cookies["django_language"] = "zh-hans"
    assert "标注专家</span>" in client.get("/workspace/").content.decode()


def test_signing_in_in_place_tells_the_page_who_it_is(client, campaign, alice):
    headers = {"accept": "application/json"}
    wrong = client.post("/sign-in/", {"username": "alice", "password": "guess"}, headers=headers)
    assert (wrong.status_code, "do not go together" in wrong.json()["error"]) == (400, True)
    right = client.post("/sign-in/", {"username": "alice", "password": PASSWORD}, headers=headers)
    assert right.json() == {"person": alice.pseudonym}
    assert client.get("/workspace/").status_code == 200
