"""Every page of every role: seen in English, light, and in Chinese, dark, held to the rules of access, and narrow.

Every size in both themes and languages is left to `make screenshots`.
"""

from __future__ import annotations

import pytest

from tests.e2e.conftest import SCREENSHOTS, Visitor
from tests.e2e.test_flow import wait_for_form
from tests.harness.views import LANGUAGES, NARROW, look, speak, too_wide, views_in

pytestmark = pytest.mark.browser

PAGES = {
    "": ["/sign-in/", "/password/"],
    "alice": [
        "/account/",
        "/account/password/",
        "/workspace/",
        "/workspace/demo/",
        "/workspace/demo-prefilled/",
        "/workspace/questions/",
    ],
    "rita": ["/workspace/cases/", "/workspace/cases/2/"],
    "olga": [
        "/organiser/",
        "/organiser/new/",
        "/organiser/plan/",
        "/organiser/rubrics/",
        "/organiser/rubrics/artimuse/1/",
        "/organiser/demo/",
        "/organiser/demo/consent/",
        "/organiser/demo/rubric/",
        "/organiser/demo/calibration/",
        "/organiser/demo/questions/",
        "/organiser/demo/skips/",
        "/organiser/demo/cases/",
        "/organiser/demo/images/1/",
        "/organiser/demo/near-duplicates/",
        "/organiser/demo/hours/",
        "/organiser/demo/analysis-plan/",
        "/organiser/demo/releases/new/",
        "/organiser/demo/runs/1/",
        "/organiser/demo/invitations/",
        "/people/",
        "/people/1/",
        "/people/1/password/",
        "/people/invitations/",
        "/start/",
    ],
    "arthur": [
        "/audit/",
        "/audit/demo/agreement/",
        "/audit/demo/retest/",
        "/audit/demo/analysis-plan/",
        "/audit/demo/releases/",
        "/audit/demo/events/",
        "/audit/demo-prefilled/agreement/",
        "/releases/demo/0.1.0/",
    ],
}


def open_page(visitor: Visitor, path: str) -> None:
    visitor.open(path)
    if path.startswith("/workspace/demo"):
        wait_for_form(visitor.page)


@pytest.mark.parametrize("person", PAGES)
def test_every_page_in_both_languages(visitor, views, person):
    if person:
        visitor.sign_in(person)
    for path in PAGES[person]:
        for language in LANGUAGES:
            speak(visitor, language)
            open_page(visitor, path)
            look(visitor, path.strip("/").replace("/", "-"), views=views_in(language, views))
        visitor.page.set_viewport_size(NARROW)
        assert too_wide(visitor.page) <= 0, f"{path} is too wide for a telephone"


def test_what_is_refused_and_what_is_not_there(visitor, views):
    page = visitor.page
    for language in LANGUAGES:
        speak(visitor, language)
        visitor.open("/sign-in/")
        page.fill("[name=username]", "mallory")
        page.fill("[name=password]", "a guess")
        page.keyboard.press("Enter")
        page.wait_for_selector("[role=alert]")
        look(visitor, "sign-in-refused", views=views_in(language, views))
        visitor.open("/nowhere/")
        look(visitor, "not-found", views=views_in(language, views))
    visitor.complaints.clear()  # The browser's own line on the status 404.
    visitor.sign_in("olga")
    visitor.open("/organiser/plan/?images=none&k=0")
    assert page.locator(".error").count()
    look(visitor, "plan-refused", views=views)
    visitor.open("/organiser/demo/")
    for summary in page.locator("main details > summary").all():
        summary.click()
    look(visitor, "organiser-demo-unfolded", views=views)
    page.locator(".account summary").click()
    look(visitor, "account", views=views)


def test_the_screenshots_were_taken():
    assert len(list(SCREENSHOTS.rglob("*.png"))) > 60
