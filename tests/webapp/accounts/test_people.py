"""Administrators see and end accounts; everybody looks after their own."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.core.cache import caches
from django.test import Client

from annotation.actions.assignments import assign
from annotation.models import Campaign
from annotation.roles import Role
from tests.harness.factories import PASSWORD, give_roles, judge, make_campaign, make_user
from tests.harness.installation import wait_until
from tests.harness.smtp_server import mail_server
from webapp.accounts.models import User
from webapp.accounts.user_agents import name_of

from .test_passwords import use_server

pytestmark = pytest.mark.django_db


def signed_in(name: str) -> Client:
    browser = Client()
    assert browser.post("/sign-in/", {"username": name, "password": PASSWORD}).status_code == 302
    return browser


@pytest.fixture
def administrator(client: Client, olga: User) -> Client:
    client.force_login(olga)
    return client


def said(answer: Any) -> str:
    return str(answer.content.decode())


def test_the_list_has_all_accounts_with_their_roles_and_when_they_were_here(
    administrator: Client, campaign: Campaign, mallory: User
):
    signed_in("alice")
    page = said(administrator.get("/people/"))
    assert re.search(r"alice</a>.*?Portraits: <span class=\"soft\">annotator</span>.*?<time", page, re.DOTALL)
    assert re.search(r"mallory</a>.*?never", page, re.DOTALL)


def test_people_are_found_by_name_e_mail_or_pseudonym(administrator: Client):
    ada = make_user("ada", email="lovelace@example.org", first_name="Ada Byron")
    make_user("bert")
    for words in ("ADA", "lovelace@", "Byron", ada.pseudonym):
        page = said(administrator.get("/people/", {"q": words}))
        assert ">ada</a>" in page
        assert ">bert</a>" not in page
    assert "Nobody is called so" in said(administrator.get("/people/?q=zoe"))


def test_the_list_asks_as_often_for_many_as_for_few(administrator: Client, django_assert_max_num_queries: Any):
    def fill(numbers: range) -> None:
        for number in numbers:
            give_roles(make_user(f"p{number}"), make_campaign(f"c{number}", images=0), Role.VIEWER)

    fill(range(2))
    administrator.get("/people/")
    with django_assert_max_num_queries(30) as few:
        administrator.get("/people/")
    fill(range(2, 12))
    with django_assert_max_num_queries(len(few)):
        administrator.get("/people/")


def test_an_account_that_is_ended_is_out_at_once_and_comes_back_when_it_is_opened_again(
    administrator: Client, campaign: Campaign, alice: User
):
    browser = signed_in("alice")
    assignment = assign.next_assignment(campaign, alice)
    assert assignment is not None
    assert browser.get("/workspace/portraits/").status_code == 200
    administrator.post(f"/people/{alice.pk}/end/")
    assert browser.get("/workspace/portraits/").status_code == 302
    assert browser.post(f"/api/v1/assignments/{assignment.pk}/heartbeat/").status_code == 403
    assert browser.post("/sign-in/", {"username": "alice", "password": PASSWORD}).status_code == 200
    administrator.post(f"/people/{alice.pk}/reopen/")
    assert browser.get("/workspace/portraits/").status_code == 302
    signed_in("alice")


def test_a_person_is_signed_out_everywhere_and_may_sign_in_again(administrator: Client, alice: User):
    browsers = [signed_in("alice"), Client()]
    browsers[1].force_login(alice)
    administrator.post(f"/people/{alice.pk}/sign-out/")
    assert [browser.get("/account/").status_code for browser in browsers] == [302, 302]
    signed_in("alice")


def test_administrators_are_made_and_unmade_and_it_holds_at_once(administrator: Client, mallory: User):
    other = signed_in("mallory")
    assert other.get("/people/").status_code == 404
    administrator.post(f"/people/{mallory.pk}/make-administrator/")
    assert other.get("/people/").status_code == 200
    administrator.post(f"/people/{mallory.pk}/unmake-administrator/")
    assert other.get("/people/").status_code == 404


@pytest.mark.parametrize("verb", ["end", "unmake-administrator"])
def test_the_last_administrator_stays(administrator: Client, olga: User, verb: str):
    make_user("closed", is_superuser=True, is_active=False)
    page = said(administrator.post(f"/people/{olga.pk}/{verb}/", follow=True))
    assert "olga is the last administrator; make another one first" in page
    olga.refresh_from_db()
    assert (olga.is_active, olga.is_superuser) == (True, True)


def test_closed_and_simulated_accounts_administer_nothing(administrator: Client):
    for name, fields in (("closed", {"is_active": False}), ("robot", {"simulated": True})):
        person = make_user(name, **fields)
        administrator.post(f"/people/{person.pk}/make-administrator/")
        person.refresh_from_db()
        assert not person.is_superuser
        assert administrator.get(f"/people/{person.pk}/password/").status_code == 404


def test_an_administrator_erases_a_person_once_and_for_good(administrator: Client, alice: User, olga: User):
    assert "cannot be undone" in said(administrator.get(f"/people/{alice.pk}/erase/"))
    assert administrator.post(f"/people/{alice.pk}/erase/", {"reason": "whim"}).status_code == 422
    refused = administrator.post(f"/people/{olga.pk}/erase/", {"reason": "request"})
    assert (refused.status_code, "last administrator" in said(refused)) == (422, True)
    page = said(administrator.post(f"/people/{alice.pk}/erase/", {"reason": "request"}, follow=True))
    assert "Erased; the account is erased-" in page
    assert ">alice</a>" not in page
    assert "was erased, which is for good" in said(administrator.post(f"/people/{alice.pk}/reopen/", follow=True))
    alice.refresh_from_db()
    assert not alice.is_active


# One's own account.


def test_sessions_are_listed_and_all_others_end(alice: User):
    here, there, older = signed_in("alice"), signed_in("alice"), Client()
    older.force_login(alice)
    assert said(here.get("/account/")).count("last seen") == 2
    assert "2 other sessions are ended" in said(here.post("/account/sessions/", follow=True))
    assert [browser.get("/account/").status_code for browser in (here, there, older)] == [200, 302, 302]


def test_that_a_session_is_in_use_is_noted_now_and_then(alice: User, django_assert_num_queries: Any):
    browser = signed_in("alice")
    began = UserSession.objects.get().last_seen_at
    caches["process"].clear()
    browser.get("/account/password/")
    noted = UserSession.objects.get().last_seen_at
    assert noted > began
    browser.get("/account/password/")
    assert UserSession.objects.get().last_seen_at == noted


def test_the_name_is_changed(alice: User):
    browser = signed_in("alice")
    browser.post("/account/name/", {"display_name": "Alice 李"})
    alice.refresh_from_db()
    assert alice.first_name == "Alice 李"
    assert browser.post("/account/name/", {"display_name": "x" * 151}).status_code == 422


def test_the_e_mail_takes_the_password_and_without_mail_counts_at_once_unproven(alice: User):
    browser = signed_in("alice")
    fields = {"email": "Alice@Example.org", "password": "a guess"}
    assert "This is not your password" in said(browser.post("/account/e-mail/", fields))
    assert browser.post("/account/e-mail/", fields | {"password": PASSWORD}).status_code == 302
    alice.refresh_from_db()
    assert alice.email == "alice@example.org"
    assert not EmailAddress.objects.get(user=alice).verified
    assert browser.post("/account/e-mail/", {"email": "no address", "password": PASSWORD}).status_code == 422
    browser.post("/account/e-mail/", {"email": "", "password": PASSWORD})
    assert not EmailAddress.objects.exists()


def test_where_mail_is_sent_an_address_counts_once_its_link_was_opened(alice: User, settings: Any):
    browser = signed_in("alice")
    browser.post("/account/e-mail/", {"email": "old@example.org", "password": PASSWORD})
    with mail_server() as (port, mails):
        use_server(settings, port)
        browser.post("/account/e-mail/", {"email": "new@example.org", "password": PASSWORD})
        wait_until(lambda: mails, "the message")
    alice.refresh_from_db()
    assert alice.email == "old@example.org"
    [link] = re.findall(r"http://testserver(/account/e-mail/\S+/)", mails[0].replace("=\n", ""))
    stranger = Client()
    assert "Is this your address" in said(stranger.get(link))
    assert stranger.post(link).status_code == 302
    alice.refresh_from_db()
    assert alice.email == "new@example.org"
    assert [(row.email, row.verified) for row in EmailAddress.objects.all()] == [("new@example.org", True)]
    assert stranger.get("/account/").status_code == 302


def test_an_address_that_somebody_has_proven_is_nobody_elses(alice: User, bob: User, settings: Any):
    EmailAddress.objects.create(user=bob, email="bob@example.org", verified=True, primary=True)
    browser = signed_in("alice")
    with mail_server() as (port, mails):
        use_server(settings, port)
        browser.post("/account/e-mail/", {"email": "bob@example.org", "password": PASSWORD})
        wait_until(lambda: mails, "the message")
    [link] = re.findall(r"http://testserver(/account/e-mail/\S+/)", mails[0].replace("=\n", ""))
    browser.post(link)
    alice.refresh_from_db()
    assert alice.email == ""
    assert not EmailAddress.objects.filter(user=alice, verified=True).exists()


def test_people_take_along_what_is_kept_of_them_but_nothing_that_unblinds_them(campaign: Campaign, alice: User):
    judge(campaign, alice)
    browser = signed_in("alice")
    answer = browser.post("/account/export/")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    exported = json.loads(answer.content)
    assert exported["account"]["username"] == "alice"
    [assignment] = exported["annotation.assignment.annotator"]
    assert {"arm", "repeat", "shown_prefill"}.isdisjoint(assignment)
    assert exported["annotation.annotation.annotator"][0]["revisions"][0]["judgements"]
    assert str(browser.session.session_key) not in answer.content.decode()
    assert browser.get("/account/export/").status_code == 405


@pytest.mark.parametrize(
    ("says", "name"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox, Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36", "Chrome, Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140 Safari/537.36 Edg/140", "Edge, Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1", "Safari, iPhone"),
        ("python-requests/2.32", "python-requests/2.32"),
        ("", "–"),
    ],
)
def test_people_know_their_browsers_again(says: str, name: str):
    assert name_of(says) == name
