"""Guessing a password is slow, from one address or from many, and locks nobody out who has been here before."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import caches
from django.db import connection
from django.test import Client
from django.utils import timezone

from tests.harness.factories import PASSWORD, make_user
from webapp.accounts.forms import TRIES_BY_STRANGERS, TRIES_PER_ACCOUNT, TRIES_PER_ADDRESS
from webapp.accounts.models import SignInTries, User
from webapp.accounts.tries import Limit, count_try, network_of

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


def try_to_sign_in(client: Client, name: str, password: str = PASSWORD, address: str = "10.0.0.1") -> Any:
    return client.post("/sign-in/", {"username": name, "password": password}, REMOTE_ADDR=address)


def test_an_account_can_be_tried_ten_times_a_minute_from_one_address_and_then_not_even_with_the_right_password(
    client: Client, alice: User, bob: User
):
    for _number in range(TRIES_PER_ACCOUNT):
        assert try_to_sign_in(client, "alice", "guess").status_code == 200
    refused = try_to_sign_in(client, "Alice")
    assert refused.status_code == 429
    assert 0 < int(refused.headers["Retry-After"]) <= 60
    assert "Too many tries" in refused.content.decode()
    assert "_auth_user_id" not in client.session
    assert try_to_sign_in(client, "bob").status_code == 302


def test_an_address_can_try_twenty_times_a_minute_whatever_the_names(client: Client, alice: User):
    for number in range(TRIES_PER_ADDRESS):
        assert try_to_sign_in(client, f"name-{number}", "guess").status_code == 200
    assert try_to_sign_in(client, "alice").status_code == 429
    assert try_to_sign_in(client, "alice", address="192.0.2.7").status_code == 302


def test_an_account_that_is_tried_from_everywhere_is_closed_to_strangers_and_open_to_who_was_here(alice: User):
    own_browser = Client()
    assert try_to_sign_in(own_browser, "alice", address="192.0.2.7").status_code == 302
    own_browser.post("/sign-out/")
    for number in range(TRIES_BY_STRANGERS):
        assert try_to_sign_in(Client(), "alice", "guess", address=f"10.0.1.{number}").status_code == 200
    refused = try_to_sign_in(Client(), "alice", address="10.0.2.1")
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 3000
    assert "in which you did so before" in refused.content.decode()
    assert try_to_sign_in(own_browser, "alice", address="192.0.2.7").status_code == 302


def test_a_known_browser_guesses_no_more_than_others_and_only_at_its_own_account(alice: User, bob: User):
    browser = Client()
    try_to_sign_in(browser, "alice")
    browser.post("/sign-out/")
    for number in range(TRIES_PER_ACCOUNT):
        assert try_to_sign_in(browser, "alice", "guess", address=f"10.0.1.{number}").status_code == 200
    assert try_to_sign_in(browser, "alice", address="10.0.2.1").status_code == 429
    for number in range(TRIES_BY_STRANGERS):
        assert try_to_sign_in(browser, "bob", "guess", address=f"10.0.3.{number}").status_code == 200
    assert try_to_sign_in(browser, "bob", address="10.0.4.1").status_code == 429


def test_a_forged_cookie_makes_no_known_browser(alice: User):
    browser = Client()
    browser.cookies["known-browser"] = f"me {Limit('alice', 0, 0).key}"
    for number in range(TRIES_BY_STRANGERS):
        try_to_sign_in(browser, "alice", "guess", address=f"10.0.1.{number}")
    assert try_to_sign_in(browser, "alice", address="10.0.2.1").status_code == 429


def test_who_signs_in_at_once_takes_nobodys_tries(client: Client):
    for number in range(TRIES_PER_ADDRESS + 5):
        make_user(f"person-{number}")
        assert try_to_sign_in(Client(), f"person-{number}").status_code == 302


def test_a_count_ends_with_its_time(client: Client, alice: User):
    for _number in range(TRIES_PER_ACCOUNT):
        try_to_sign_in(client, "alice", "guess")
    SignInTries.objects.update(ends_at=timezone.now() - timedelta(seconds=1))
    assert try_to_sign_in(client, "alice").status_code == 302
    assert SignInTries.objects.filter(ends_at__lte=timezone.now()).count() == 0


@pytest.mark.usefixtures("transactional_db")
def test_of_sixty_tries_at_once_no_more_than_the_limit_get_through():
    limit = [Limit("account alice", 10, 60)]

    def try_once(_number: int) -> int:
        return count_try(limit)[1]

    def try_in_thread(number: int) -> int:
        try:
            return try_once(number)
        finally:
            connection.close()

    if connection.vendor == "sqlite":
        # In memory a thread has a database of its own: one after the other is all there is to see.
        refused = list(map(try_once, range(60)))
    else:
        with ThreadPoolExecutor(12) as pool:
            refused = list(pool.map(try_in_thread, range(60)))
    assert refused.count(0) == 10


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:aaaa::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff:1:2:3", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("fe80::1%eth0", "fe80::/64"),
        ("unknown", "unknown"),
    ],
)
def test_who_may_choose_among_addresses_of_a_network_is_counted_as_one(address: str, network: str):
    assert network_of(address) == network


def test_signing_in_asks_no_cache_that_others_can_write_to():
    assert {type(caches[name]).__name__ for name in caches.settings} == {"DatabaseCache", "LocMemCache"}


def test_an_account_is_counted_once_whether_its_name_or_its_e_mail_is_tried(client: Client):
    make_user("ada", email="ada@example.org")
    for number in range(TRIES_PER_ACCOUNT):
        name = ("ada", "ada@example.org", "ADA@example.org")[number % 3]
        assert try_to_sign_in(client, name, "guess").status_code == 200
    assert try_to_sign_in(client, "ada@example.org").status_code == 429
    assert try_to_sign_in(client, "ada").status_code == 429
