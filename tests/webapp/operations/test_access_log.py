"""The access log: who, from where, what, when; and no secret."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client

from annotation.actions.campaigns.change_campaign import dismiss_person
from annotation.actions.campaigns.open_campaign import invite_people
from annotation.models import Campaign
from annotation.roles import Role
from tests.harness.factories import PASSWORD, make_user
from webapp.accounts.forms import TRIES_PER_ACCOUNT
from webapp.accounts.models import User

pytestmark = pytest.mark.django_db


class Lines(logging.Handler):
    """What was written since, as JSON."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[dict[str, Any]] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(json.loads(record.getMessage()))


Log = Callable[[Callable[[], object]], list[dict[str, Any]]]


@pytest.fixture
def log(django_capture_on_commit_callbacks: Any) -> Iterator[Log]:
    """Do something, and return the lines that this left."""
    handler = Lines()
    logger = logging.getLogger("connoisseur.access")
    logger.addHandler(handler)

    def lines_of(step: Callable[[], object]) -> list[dict[str, Any]]:
        handler.lines.clear()
        with django_capture_on_commit_callbacks(execute=True):
            step()
        return list(handler.lines)

    yield lines_of
    logger.removeHandler(handler)


def sign_in(client: Client, name: str, password: str) -> None:
    client.post(
        "/sign-in/", {"username": name, "password": password}, REMOTE_ADDR="192.0.2.7", HTTP_USER_AGENT="Firefox"
    )


def test_signing_in_and_out_is_recorded(client: Client, alice: User, log: Log):
    [line] = log(lambda: sign_in(client, "alice", PASSWORD))
    assert line.pop("at").endswith("+00:00")
    assert line == {"what": "signed in", "who": "alice", "from": "192.0.2.7", "agent": "Firefox", "account": "alice"}
    [line] = log(lambda: client.post("/sign-out/"))
    assert (line["what"], line["who"]) == ("signed out", "alice")


def test_a_failure_is_recorded_with_the_account_and_without_what_was_typed(client: Client, alice: User, log: Log):
    [line] = log(lambda: sign_in(client, "alice", "a secret guess"))
    assert (line["what"], line["who"], line["account"]) == ("sign-in failed", None, "alice")
    [other] = log(lambda: sign_in(client, "my password, in the wrong field", "x"))
    assert (other["what"], other["account"]) == ("sign-in failed", None)
    assert "secret" not in str(line)
    assert "wrong field" not in str(other)


def test_a_try_beyond_the_limit_is_recorded(client: Client, alice: User, log: Log):
    for _number in range(TRIES_PER_ACCOUNT):
        sign_in(client, "alice", "guess")
    [line] = log(lambda: sign_in(client, "alice", PASSWORD))
    assert line["what"] == "sign-in refused: too many tries"


def test_what_is_taken_along_is_recorded_and_what_is_only_read_is_not(
    client: Client, campaign: Campaign, olga: User, log: Log
):
    client.force_login(olga)
    [line] = log(lambda: client.get("/organiser/portraits/hours.csv"))
    assert (line["what"], line["who"], line["path"]) == ("downloaded", "olga", "/organiser/portraits/hours.csv")
    assert log(lambda: client.get("/organiser/portraits/")) == []


def test_roles_given_and_taken_are_recorded(campaign: Campaign, olga: User, mallory: User, log: Log):
    lines = log(lambda: invite_people(campaign, [mallory], by=olga, roles=frozenset({Role.AUDITOR})))
    assert [(line["account"], line["campaign"], line["roles"]) for line in lines][-1] == (
        "mallory",
        "portraits",
        ["auditor"],
    )
    lines = log(lambda: dismiss_person(campaign, mallory, by=olga))
    assert [(line["what"], line["roles"]) for line in lines] == [("roles changed", [])]


def test_changes_of_accounts_are_recorded_without_the_password(log: Log):
    [line] = log(lambda: make_user("zoe"))
    assert (line["what"], line["account"], line["from"]) == ("account made", "zoe", "this machine")
    zoe = User.objects.get(username="zoe")
    zoe.is_superuser = True
    zoe.set_password("another long word")
    lines = log(zoe.save)
    assert [line["what"] for line in lines] == ["rights changed", "password changed"]
    assert lines[0]["is_superuser"] is True
    assert "another" not in str(lines)
    zoe.first_name = "Zoe"
    assert log(zoe.save) == []


def test_what_a_client_sends_makes_no_line_of_its_own(client: Client, alice: User, log: Log):
    agent = 'x"}\n{"what": "signed in"}' + "y" * 1000
    [line] = log(
        lambda: client.post("/sign-in/", {"username": "alice", "password": "x"}, headers={"user-agent": agent})
    )
    assert (line["what"], len(line["agent"])) == ("sign-in failed", 200)
