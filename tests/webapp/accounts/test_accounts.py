"""Signing in, signing out, and being sent to one's room."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest
from django.core.checks import CheckMessage
from django.test import Client

from annotation.models import Campaign
from annotation.roles import Role
from tests.harness.factories import PASSWORD, give_roles, make_campaign, make_user
from webapp import checks
from webapp.accounts.models import User

pytestmark = pytest.mark.django_db


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


@pytest.mark.parametrize("name", ["alice", "zoe", "alice@example.org", "zoe@example.org", "closed", "none"])
def test_a_wrong_password_an_unknown_name_and_a_closed_account_get_the_same_answer(client: Client, name: str):
    make_user("alice", email="alice@example.org")
    make_user("closed", is_active=False)
    User.objects.create(username="none", password="!")
    password = PASSWORD if name == "closed" else "guess"
    answer = try_to_sign_in(client, name, password)
    assert answer.status_code == 200
    assert "This name and password do not go together" in answer.content.decode()


@pytest.mark.parametrize("typed", ["alice", "Alice", "alice@example.org", " Alice@Example.org "])
def test_people_sign_in_by_name_or_e_mail(client: Client, typed: str):
    alice = make_user("alice", email="alice@example.org")
    assert try_to_sign_in(client, typed).headers["Location"] == "/"
    assert client.session["_auth_user_id"] == str(alice.pk)


def test_a_person_whose_name_is_somebody_elses_e_mail_is_still_told_apart_by_the_password(client: Client):
    make_user("alice", email="alice@example.org")
    other = User(username="alice@example.org")
    other.set_password("quite another word")
    other.save()
    try_to_sign_in(client, "alice@example.org", "quite another word")
    assert client.session["_auth_user_id"] == str(other.pk)


def test_nobody_signs_up_by_themselves(client: Client):
    for address in ("/sign-up/", "/signup/", "/accounts/signup/"):
        assert client.get(address).status_code == 404
    assert "sign-up" not in client.get("/sign-in/").content.decode()


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


def test_a_proxy_that_is_not_counted_is_reported_where_there_must_be_one(settings: Any):
    assert checks.check_proxies(None) == []
    settings.HTTPS = True
    [error] = checks.check_proxies(None)
    assert (error.id, "NUM_PROXIES=1" in str(error.hint)) == ("connoisseur.E007", True)
    settings.REST_FRAMEWORK = settings.REST_FRAMEWORK | {"NUM_PROXIES": 1}
    assert checks.check_proxies(None) == []


@pytest.mark.parametrize(("mode", "found"), [(0o711, ["connoisseur.W002"]), (0o700, [])])
def test_a_database_that_everybody_can_read_is_reported(
    settings: Any, monkeypatch: pytest.MonkeyPatch, mode: int, found: list[str]
):
    # Not in pytest's folder, which is private as a whole.
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(mode)
        file = Path(folder) / "db.sqlite3"
        file.touch(mode=0o644)
        monkeypatch.setitem(settings.DATABASES["default"], "NAME", str(file))
        assert ids(checks.check_database_file(None)) == found


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
