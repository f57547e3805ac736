"""Second factors: set up, asked for, recovered from, demanded by role."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from allauth.mfa.utils import decrypt
from django.test import Client

from annotation.actions.people.erase_person import erase_person
from annotation.actions.people.export_person import export_person
from annotation.models import Campaign
from annotation.roles import Role
from tests.harness.factories import PASSWORD, give_roles, make_user
from tests.webapp.test_settings import start  # noqa: F401  the settings as a program reads them
from webapp.accounts.models import User

pytestmark = pytest.mark.django_db
KEY = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def code(key: str = KEY, *, periods: int = 0) -> str:
    return str(format_hotp_value(hotp_value(key, int(time.time()) // 30 + periods)))


def try_password(browser: Client, name: str = "alice", **options: Any) -> Any:
    return browser.post("/sign-in/", {"username": name, "password": PASSWORD}, **options)


def try_code(browser: Client, typed: str) -> Any:
    return browser.post("/sign-in/second-factor/", {"code": typed})


def is_signed_in(browser: Client) -> bool:
    return browser.get("/account/").status_code == 200


def confirmed(name: str) -> Client:
    """Somebody who has just given their password once more."""
    browser = Client()
    try_password(browser, name)
    assert browser.post("/account/confirm/", {"password": PASSWORD, "next": "/account/"}).status_code == 302
    return browser


@pytest.fixture
def alice_with_app(alice: User) -> User:
    TOTP.activate(alice, KEY)
    return alice


def test_an_app_is_set_up_after_the_password_and_its_first_code_and_gives_ten_recovery_codes_once(alice: User):
    browser = Client()
    try_password(browser)
    assert browser.get("/account/app/").headers["Location"] == "/account/confirm/?next=%2Faccount%2Fapp%2F"
    browser = confirmed("alice")
    [key] = re.findall(r"<code class=\"said\">(\w+)</code>", browser.get("/account/app/").content.decode())
    assert browser.post("/account/app/", {"code": "000000"}).status_code == 200
    page = browser.post("/account/app/", {"code": code(key)}, follow=True).content.decode()
    codes = re.findall(r"<code>(\d{8})</code>", page)
    assert len(codes) == 10
    assert codes[0] not in browser.get("/account/recovery-codes/").content.decode()
    stored = str(list(Authenticator.objects.values("data")))
    assert key not in stored
    assert codes[0] not in stored
    assert decrypt(Authenticator.objects.get(type="totp").data["secret"]) == key


def test_the_password_alone_lets_nobody_in_who_has_an_app(alice_with_app: User):
    browser = Client()
    assert try_password(browser).headers["Location"] == "/sign-in/second-factor/"
    assert not is_signed_in(browser)
    assert try_code(browser, "000000").status_code == 200
    assert not is_signed_in(browser)
    assert try_code(browser, code()).headers["Location"] == "/"
    assert is_signed_in(browser)


def test_a_code_is_good_once_and_half_a_minute_early_or_late_but_no_more(alice_with_app: User):
    assert try_code_of_a_new_browser(code(periods=-1))
    assert not try_code_of_a_new_browser(code(periods=-1))
    assert try_code_of_a_new_browser(code(periods=1))
    assert not try_code_of_a_new_browser(code(periods=3))


def try_code_of_a_new_browser(typed: str) -> bool:
    browser = Client()
    try_password(browser)
    try_code(browser, typed)
    return is_signed_in(browser)


def test_a_recovery_code_is_good_once(alice: User):
    browser = confirmed("alice")
    [key] = re.findall(r"<code class=\"said\">(\w+)</code>", browser.get("/account/app/").content.decode())
    page = browser.post("/account/app/", {"code": code(key)}, follow=True).content.decode()
    one, *_others = re.findall(r"<code>(\d{8})</code>", page)
    assert try_code_of_a_new_browser(one)
    assert not try_code_of_a_new_browser(one)


def test_codes_cannot_be_guessed_all_day(alice_with_app: User):
    browser = Client()
    try_password(browser)
    answers = [try_code(browser, f"{number:06}").content.decode() for number in range(6)]
    assert ["not right" in answer for answer in answers] == [True] * 5 + [False]
    assert try_code(browser, code()).status_code == 200
    assert not is_signed_in(browser)


def test_a_page_that_signs_in_in_place_says_that_more_is_asked_for(alice_with_app: User):
    browser = Client()
    answer = try_password(browser, headers={"accept": "application/json"})
    assert "second factor" in answer.json()["error"]
    assert "person" not in answer.json()
    assert browser.get("/sign-in/").headers["Location"] == "/sign-in/second-factor/"
    assert try_code(browser, code()).status_code == 302
    assert browser.get("/sign-in/", headers={"accept": "application/json"}).json() == {
        "person": alice_with_app.pseudonym
    }


def test_secrets_sealed_by_another_key_let_nobody_in_unless_that_key_is_named(alice_with_app: User, settings: Any):
    before = settings.SECRET_KEY
    settings.SECRET_KEY = "another key " + "x" * 50
    assert not try_code_of_a_new_browser(code())
    settings.SECRET_KEY_FALLBACKS = [before]
    assert try_code_of_a_new_browser(code(periods=1))


def test_an_administrator_takes_the_factors_away_of_whoever_lost_them(client: Client, olga: User, alice_with_app: User):
    client.force_login(olga)
    assert "TOTP" in client.get(f"/people/{alice_with_app.pk}/").content.decode()
    client.post(f"/people/{alice_with_app.pk}/remove-factors/")
    browser = Client()
    try_password(browser)
    assert is_signed_in(browser)


def test_a_new_password_does_not_do_without_the_second_factor(olga: User, alice_with_app: User):
    administrator, browser = Client(), Client()
    administrator.force_login(olga)
    page = administrator.post(f"/people/{alice_with_app.pk}/password/").content.decode()
    [link] = re.findall(r"http://testserver(/password/\w+-\S+?/)<", page)
    place = browser.get(link).headers["Location"]
    browser.post(place, {"password1": PASSWORD + "!", "password2": PASSWORD + "!"})
    answer = browser.post("/sign-in/", {"username": "alice", "password": PASSWORD + "!"})
    assert answer.headers["Location"] == "/sign-in/second-factor/"


def test_no_export_holds_a_secret_and_erasure_takes_them(olga: User, alice_with_app: User):
    [row] = export_person(alice_with_app, by=olga)["mfa.authenticator.user"]
    assert "data" not in row
    erase_person(alice_with_app, by=olga, reason="request")
    assert not Authenticator.objects.exists()


# Demanded by role.


@pytest.fixture
def demanded(settings: Any) -> None:
    settings.REQUIRE_SECOND_FACTOR = ["administrator", "organiser"]


@pytest.mark.usefixtures("demanded")
@pytest.mark.parametrize(
    ("name", "is_open"), [("olga", False), ("oscar", False), ("alice", True), ("arthur", True), ("mallory", True)]
)
def test_whoever_has_a_role_that_asks_for_it_reaches_their_account_only_until_they_have_one(
    campaign: Campaign, request: Any, name: str, is_open: bool
):
    for other in ("olga", "arthur", "mallory"):
        request.getfixturevalue(other)
    give_roles(make_user("oscar"), campaign, Role.ORGANISER)
    person = User.objects.get(username=name)
    browser = Client()
    browser.force_login(person)
    for address in ("/organiser/portraits/", "/workspace/portraits/", "/audit/portraits/events/", "/admin/", "/"):
        leads = browser.get(address).headers.get("Location", "")
        assert (leads == "/account/") == (not is_open), address
    api = browser.get("/api/v1/sent-back/")
    assert (api.status_code, "second factor" in api.content.decode()) == ((200, False) if is_open else (403, True))
    assert ("asks for a second factor" in browser.get("/account/").content.decode()) == (not is_open)
    assert browser.post("/language/setlang/", {"language": "en", "next": "/account/"}).status_code == 302
    TOTP.activate(person, KEY)
    assert browser.get("/").headers.get("Location") != "/account/"


@pytest.mark.usefixtures("demanded")
def test_strangers_and_pages_for_everybody_ask_for_no_factor(client: Client):
    assert client.get("/health/").status_code == 200
    assert client.get("/organiser/").headers["Location"] == "/sign-in/?next=/organiser/"


def test_roles_that_do_not_exist_end_every_start(start: Any):  # noqa: F811
    assert start(REQUIRE_SECOND_FACTOR="administrator, organiser")["REQUIRE_SECOND_FACTOR"] == [
        "administrator",
        "organiser",
    ]
    with pytest.raises(SystemExit, match=r"REQUIRE_SECOND_FACTOR: administrator, .* are accepted, not 'boss'"):
        start(REQUIRE_SECOND_FACTOR="boss")
