"""Passwords changed, forgotten, and chosen anew by a link."""

from __future__ import annotations

import logging
import re
import time
from typing import Any

import pytest
from django.test import Client

from tests.harness.factories import PASSWORD, make_user
from tests.harness.installation import wait_until
from tests.harness.smtp_server import mail_server, silent_server
from webapp import checks
from webapp.accounts import mail
from webapp.accounts.models import User
from webapp.operations.redaction import HideTokens

pytestmark = pytest.mark.django_db
NEW = "quite another long word"


@pytest.fixture
def smtp(settings: Any) -> Any:
    """A mail server that the settings name."""
    with mail_server() as (port, messages):
        use_server(settings, port)
        yield messages


def use_server(settings: Any, port: int) -> None:
    settings.SMTP_URL = f"smtp+plain://127.0.0.1:{port}"
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", port, 1


def link_in(text: str) -> str:
    [link] = re.findall(r"http://testserver(/password/\w+-\S+?/)[\s<]", text)
    return str(link)


def choose(client: Client, link: str, password: str = NEW) -> Any:
    page = client.get(link, follow=True)
    return client.post(page.redirect_chain[-1][0], {"password1": password, "password2": password})


def may_sign_in(name: str, password: str) -> bool:
    return Client().post("/sign-in/", {"username": name, "password": password}).status_code == 302


def link_by_administrator(olga: User, person: User) -> str:
    browser = Client()
    browser.force_login(olga)
    return link_in(browser.post(f"/people/{person.pk}/password/").content.decode())


def test_whoever_knows_their_password_changes_it_and_stays_signed_in_here_only(client: Client, alice: User):
    other = Client()
    for browser in (client, other):
        browser.post("/sign-in/", {"username": "alice", "password": PASSWORD})
    fields = {"oldpassword": "a guess", "password1": NEW, "password2": NEW}
    assert client.post("/account/password/", fields).status_code == 200
    assert client.post("/account/password/", fields | {"oldpassword": PASSWORD}).headers["Location"] == "/account/"
    assert client.get("/account/").status_code == 200
    assert other.get("/account/").status_code == 302
    assert may_sign_in("alice", NEW)
    assert not may_sign_in("alice", PASSWORD)


@pytest.mark.parametrize("password", ["password123", "short word", "charlotte-b", "4815162342", "a long enough ward"])
def test_short_common_and_telling_passwords_and_those_typed_otherwise_twice_are_refused(client: Client, password: str):
    charlotte = make_user("charlotte-bronte")
    client.force_login(charlotte)
    again = PASSWORD if password.endswith("ward") else password
    if password == "short word":
        password = again = password[:9]
    page = client.post("/account/password/", {"oldpassword": PASSWORD, "password1": password, "password2": again})
    assert page.status_code == 200
    assert 'class="error"' in page.content.decode()
    assert may_sign_in("charlotte-bronte", PASSWORD)


def test_a_link_comes_by_mail_is_good_once_and_its_key_leaves_the_address_bar_at_once(client: Client, smtp: Any):
    make_user("ada", email="ada@example.org")
    assert client.post("/password/", {"email": "Ada@example.org"}).headers["Location"] == "/password/sent/"
    wait_until(lambda: smtp, "the message")
    link = link_in(smtp[0].replace("=\n", "").replace("=3D", "="))
    page = client.get(link)
    assert page.headers["Location"].endswith("-set-password/")
    assert page.headers["Referrer-Policy"] == "strict-origin"
    assert choose(client, link).headers["Location"] == "/sign-in/"
    assert may_sign_in("ada", NEW)
    assert "not good any more" in Client().get(link, follow=True).content.decode()


def test_no_answer_tells_whether_an_account_has_an_address_and_strangers_get_no_mail(client: Client, smtp: Any):
    make_user("ada", email="ada@example.org")
    make_user("gone", email="gone@example.org", is_active=False)
    answers = [
        (answer.status_code, answer.headers["Location"])
        for name in ("nobody", "gone", "ada")
        for answer in [client.post("/password/", {"email": f"{name}@example.org"})]
    ]
    assert len(set(answers)) == 1
    wait_until(lambda: smtp, "the message to ada")
    assert ["To: ada@example.org" in message for message in smtp] == [True]


def test_a_mail_server_that_never_answers_keeps_nobody_waiting(client: Client, settings: Any, caplog: Any):
    make_user("ada", email="ada@example.org")
    with silent_server() as port:
        use_server(settings, port)
        began = time.monotonic()
        assert client.post("/password/", {"email": "ada@example.org"}).status_code == 302
        assert time.monotonic() - began < 1
        wait_until(lambda: "mail could not be sent" in caplog.text, "the line in the log")
    assert "/password/" not in caplog.text


def test_without_mail_the_page_says_whom_to_ask(client: Client):
    assert not mail.sends_mail()
    for page in (client.get("/password/"), client.post("/password/", {"email": "ada@example.org"})):
        assert "Ask an administrator" in page.content.decode()


def test_an_administrator_makes_a_link_that_is_good_once(client: Client, olga: User, alice: User):
    link = link_by_administrator(olga, alice)
    assert choose(client, link, "short").status_code == 200
    assert choose(client, link).status_code == 302
    assert may_sign_in("alice", NEW)
    assert "not good any more" in client.get(link, follow=True).content.decode()


def test_a_link_ends_with_its_day_and_when_the_person_signs_in(client: Client, settings: Any, olga: User, alice: User):
    link = link_by_administrator(olga, alice)
    client.post("/sign-in/", {"username": "alice", "password": PASSWORD})
    assert "not good any more" in Client().get(link, follow=True).content.decode()
    link = link_by_administrator(olga, alice)
    settings.PASSWORD_RESET_TIMEOUT = -1
    assert "not good any more" in Client().get(link, follow=True).content.decode()


def test_a_link_opened_by_somebody_else_who_is_signed_in_signs_them_out_first(client: Client, olga: User, alice: User):
    client.force_login(olga)
    assert choose(client, link_by_administrator(olga, alice)).status_code == 302
    assert may_sign_in("olga", PASSWORD)
    assert may_sign_in("alice", NEW)
    assert client.get("/organiser/").status_code == 302


@pytest.mark.parametrize("word", ["/password/1-cx3ab9-0123456789abcdef/", "Not Found: /invitations/abcdefghijkl/"])
def test_the_log_holds_no_token(word: str):
    record = logging.LogRecord("django.request", logging.WARNING, "", 0, "%s: %s", ("Not Found", word), None)
    assert HideTokens().filter(record)
    assert "abcdef" not in record.getMessage()
    assert "…" in record.getMessage()


def test_tries_to_change_a_password_are_limited(client: Client, alice: User):
    client.force_login(alice)
    fields = {"oldpassword": "a guess", "password1": NEW, "password2": NEW}
    assert [client.post("/account/password/", fields).status_code for _ in range(6)] == [200] * 5 + [429]


@pytest.mark.parametrize(
    ("url", "sender", "found"),
    [
        ("", "nonsense", []),
        ("smtps://mail.example.org", "judge@example.org", []),
        ("smtps://mail.example.org", "Judges <judge@example.org>", []),
        ("smtps://mail.example.org", "nonsense", ["connoisseur.E008"]),
        ("smtp+plain://127.0.0.1", "judge@example.org", []),
        ("smtp+plain://mail.example.org", "judge@example.org", ["connoisseur.W003"]),
    ],
)
def test_settings_of_mail_are_checked(settings: Any, url: str, sender: str, found: list[str]):
    settings.SMTP_URL, settings.DEFAULT_FROM_EMAIL = url, sender
    settings.EMAIL_HOST = url.partition("//")[2]
    assert [message.id for message in checks.check_mail(None)] == found
