"""Every state of the judging page: seen, and held to the rules of access.

In Chinese, and in every size in both themes, it takes a while and is left to `make screenshots`.
"""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Visitor
from tests.e2e.test_flow import wait_for_form
from tests.harness.installation import PASSWORD, Installation
from tests.harness.views import View, look, speak

pytestmark = pytest.mark.browser

SET_UP = """
from annotation.actions.campaigns import consent
from annotation.actions.campaigns.open_calibration import choose_anchor_set, open_calibration
from annotation.actions.campaigns.open_campaign import create_campaign, invite_people, open_campaign, show_model
from annotation.actions.images.add_to_campaign import add_images
from annotation.design.calibration import Rule
from annotation.models import Campaign
from webapp.accounts.models import User
demo, prefilled = (Campaign.objects.get(slug=slug) for slug in ("demo", "demo-prefilled"))
olga = User.objects.get(username="olga")
people = [User(username=name) for name in ("dora", "duo", "nils", "nora")]
for person in people:
    person.set_password("{password}")
    person.save()
dora, duo, nils, nora = people

def make(slug, title, images, people=(dora, duo), **shares):
    made = create_campaign(slug, title=title, rubric_version=demo.rubric_version, by=olga, is_demo=True)
    for arm in ("blind", "reveal", "assisted"):
        setattr(made, f"{{arm}}_share", shares.get(arm, 0))
    made.save()
    add_images(made, images, by=olga)
    show_model(made, demo.shown_model, by=olga)
    invite_people(made, people, by=olga)
    open_campaign(made, by=olga)
    return made

with_answers = list(demo.images.filter(annotations__campaign=demo).distinct().order_by("pk"))
states = make("states", "Chamber of states", with_answers[:6], reveal=100)
make("prefills", "Chamber of prefills", prefilled.images.order_by("pk")[:3], assisted=100)
consented = make("consented", "Chamber of consent", with_answers[6:8], blind=100)
consent.ask_for_consent(consented, "Your answers are published under a pseudonym.", by=olga)
calibrated = make("calibrated", "Chamber of taste", prefilled.images.order_by("pk")[:3], [nils], blind=100)
choose_anchor_set(states, open_calibration(calibrated, demo, rule=Rule(1.5, 0.5), anchors=5, by=olga), by=olga)
"""
CRITIQUES = {
    "en": "The roofs lead the eye along a diagonal to the one lit window, and the small figure at its edge keeps the "
    "dark field from falling apart. The horizon lies a little low: without the upper fifth the tension were stronger. ",
    "zh-hans": "画面以屋顶的对角线引导视线，最终停在那扇亮着灯的窗前；边缘的小小身影使大片暗部不致松散。"
    "地平线略低，若裁去上方五分之一，张力会更强。",
}
PART = "[data-part]:not([hidden])"


@pytest.fixture(scope="module")
def campaigns(seeded: Installation) -> None:
    """Add a campaign in each arm, one with consent, for dora and duo, and anchors to compare with; nora has none."""
    seeded.manage("shell", "-c", SET_UP.format(password=PASSWORD))


@pytest.fixture(params=["en", pytest.param("zh-hans", marks=pytest.mark.soak)])
def dora(request: Any, campaigns: None, visitor: Visitor) -> Visitor:
    """Dora, who reads English, or duo, who reads Chinese."""
    speak(visitor, request.param)
    visitor.sign_in("dora" if request.param == "en" else "duo")
    return visitor


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def open_judging(visitor: Visitor, slug: str) -> None:
    visitor.open(f"/workspace/{slug}/")
    dialog = visitor.page.locator("[data-dialog=viewing][open] [data-choice=later]")
    if dialog.count():
        dialog.click()
    wait_for_form(visitor.page)


def critique(page: Page) -> str:
    return CRITIQUES[str(page.get_attribute("html", "lang"))]


def fill_in(page: Page) -> None:
    """Fill in the whole form by keyboard, lengths short of and within what is asked for."""
    press(page, "Space", "Control+Enter")
    for number in range(8):
        press(page, str(4 + number % 5), *"." * (number % 2), "Enter", "Control+A")
        page.keyboard.insert_text(critique(page) * (1 + number % 2))
        press(page, *["Control+Enter"] * (number < 7))


def look_beside_an_attribute(dora: Visitor, views: tuple[View, ...]) -> None:
    """Look at what comes when called for: explanation, pins, anchor images, loupe, dialogs, and the panel folded."""
    page = dora.page
    press(page, "Control+Shift+Enter")
    look(dora, "missing", views=views)
    press(page, "Space", "Control+Enter", "6", "d")
    look(dora, "attribute", views=views)
    press(page, "d", "m", "Shift+ArrowRight", "Shift+ArrowDown")
    look(dora, "pins", views=views)
    press(page, "Delete")
    page.locator("[data-tab]").nth(1).focus()
    press(page, "c")
    page.wait_for_selector("[data-beside][data-state=shown]")
    look(dora, "anchors", views=views)
    press(page, "Escape", "l")
    page.locator("[data-loupe] canvas").first.wait_for()
    look(dora, "loupe", views=views)
    press(page, "l", "h")
    look(dora, "folded", views=views)
    press(page, "h")
    for key, name in (("?", "keys"), ("s", "skip"), ("q", "question")):
        press(page, key)
        look(dora, name, views=views)
        press(page, "Escape")


def look_in_trouble(dora: Visitor, views: tuple[View, ...]) -> None:
    """Look at a lost network and at a login that ended."""
    page = dora.page
    page.locator("textarea:visible").focus()
    page.context.set_offline(True)
    page.keyboard.insert_text("!")
    page.wait_for_selector("[data-save-state][data-state=kept]")
    look(dora, "offline", views=views)
    page.context.set_offline(False)
    page.context.clear_cookies(name="sessionid")
    page.keyboard.insert_text("!")
    page.wait_for_selector("[data-dialog=signed-out][open]")
    expect(page.locator("[data-sign-in] [name=password]")).to_be_focused()
    page.keyboard.type("a wrong guess")
    press(page, "Enter")
    page.wait_for_selector("[data-sign-in-error]:not([hidden])")
    look(dora, "signed-out", views=views)
    page.fill("[data-sign-in] [name=password]", PASSWORD)
    press(page, "Enter")
    page.wait_for_selector("[data-save-state][data-state=saved]")
    dora.complaints.clear()  # The browser notes what found no network, and what was refused.


def test_every_state_of_judging_and_of_the_reveal(dora, views):
    page = dora.page
    dora.open("/workspace/states/")
    page.wait_for_selector("[data-dialog=viewing][open]")
    look(dora, "viewing", views=views)
    page.locator("[data-choice=later]").click()
    wait_for_form(page)
    look(dora, "blank", views=views)
    look_beside_an_attribute(dora, views)
    page.locator("[data-tab=subcategory]").click()
    fill_in(page)
    look(dora, "filled", views=views)
    page.locator("[data-holistic]").click()
    look(dora, "weights", views=views)
    press(page, "Escape")
    look_in_trouble(dora, views)
    press(page, "Control+Shift+Enter")
    page.wait_for_selector("[data-annotate][data-form=reveal][data-stage=judging]")
    look(dora, "reveal-states", views=views)
    page.locator(f"{PART} [data-field=critique] [data-decide=edit]").click()
    page.keyboard.insert_text("!")
    look(dora, "reveal-edited", views=views)
    press(page, "Control+Shift+Enter")
    page.wait_for_selector("[data-annotate][data-form=own][data-stage=judging]")
    dora.open("/workspace/states/recent/")
    look(dora, "recent-answers", views=views)
    page.locator("main a[href*=correct]").first.click()
    wait_for_form(page)
    look(dora, "correction", views=views)


def test_every_state_of_a_prefilled_form(dora, views):
    page = dora.page
    open_judging(dora, "prefills")
    look(dora, "prefills", views=views)
    press(page, "Space", "n", "a")
    page.locator(f"{PART} [data-field=critique] [data-decide=edit]").click()
    page.keyboard.insert_text("!")
    look(dora, "prefills-edited", views=views)
    press(page, "Control+Shift+Enter")
    look(dora, "prefills-waiting", views=views)


ENDS = ["done", "capped", "taken", "elsewhere", "calibration", "paused", "closed"]


def test_every_way_in_which_there_is_no_image(dora, views):
    page = dora.page
    handed: dict[str, Any] = {"status": 503, "body": ""}
    page.route("**/next/", lambda route: route.fulfill(**handed))
    open_judging(dora, "states")
    look(dora, "nothing-error", views=views)
    for reason in ENDS:
        handed.clear()
        handed["json"] = {"assignment": None, "reason": reason, "progress": {"done": 6, "total": 6}}
        before = page.inner_text("[data-nothing-title]")
        page.locator("[data-do=ask-again]").click()
        expect(page.locator("[data-nothing-title]")).not_to_have_text(before)
        look(dora, f"nothing-{reason}", views=views if reason == "done" else views[:1])
    page.unroute("**/next/")
    page.route("**/images/*/display/", lambda route: route.abort())
    open_judging(dora, "states")
    page.wait_for_selector("[data-image-note]:not([hidden])")
    assert page.locator("[data-viewer] [data-image]").inner_text() == "", "what is said of it is said in words of ours"
    look(dora, "image-missing", views=views)
    dora.complaints.clear()  # The browser notes what it was not given.
