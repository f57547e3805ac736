"""What only a browser shows of accounts: passkeys, links that are copied, the way from a link to the first image."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Visitor
from tests.harness.installation import PASSWORD, Installation

pytestmark = pytest.mark.browser


@pytest.fixture
def local(visitor: Visitor) -> Visitor:
    """Somebody at the name of the site, as its number is given no passkeys, with a device that keeps some."""
    visitor.address = visitor.address.replace("127.0.0.1", "localhost")
    session = visitor.page.context.new_cdp_session(visitor.page)
    session.send("WebAuthn.enable")
    device = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    device |= {"isUserVerified": True, "automaticPresenceSimulation": True}
    session.send("WebAuthn.addVirtualAuthenticator", {"options": device})
    return visitor


def fill_in(page: Page, **fields: str) -> None:
    for name, value in fields.items():
        page.fill(f"[name={name}]", value)


def invite_by_form(visitor: Visitor) -> str:
    visitor.sign_in("olga")
    visitor.open("/organiser/demo/invitations/")
    visitor.page.get_by_role("button", name="Invite", exact=True).click()
    link = visitor.page.locator("[id^=link-]").inner_text()
    visitor.page.context.clear_cookies()
    return link


def test_an_invited_person_comes_from_the_link_to_their_first_image_in_one_form(visitor: Visitor):
    link = invite_by_form(visitor)
    page = visitor.page
    page.goto(link)
    assert re.search(r"/invitation/$", page.url)
    fill_in(page, username="wanda", display_name="Wanda", password1=PASSWORD, password2=PASSWORD)
    page.get_by_role("button", name="Make my account and accept").click()
    page.wait_for_selector("[data-dialog=viewing]")
    assert page.url.endswith("/workspace/demo/")


def test_an_invited_person_comes_in_with_a_passkey_and_signs_in_by_it_alone(local: Visitor, seeded: Installation):
    page = local.page
    page.goto(invite_by_form(local))
    fill_in(page, username="petra")
    page.locator("[name=passkey]").check()
    page.get_by_role("button", name="Make my account and accept").click()
    page.get_by_role("button", name="Add it").click()
    expect(page.locator("#codes li")).to_have_count(10)
    page.get_by_role("link", name="Go on").click()
    page.wait_for_url("**/workspace/demo/")
    page.context.clear_cookies()
    local.open("/sign-in/?next=/account/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url("**/account/")
    expect(page.get_by_role("heading", name="Passkeys")).to_be_visible()
    assert "petra" in page.content()


def test_a_passkey_of_somebody_else_lets_nobody_in(local: Visitor):
    page = local.page
    local.open("/sign-in/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    # This device has none for this site.
    expect(page.locator("[data-passkey-failed]")).to_be_visible()
    local.open("/account/")
    assert "/sign-in/" in page.url
