"""What comes between somebody and their annotation: a session of someone else, a key too many, another rubric."""

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Visitor, sessions
from tests.e2e.test_flow import skip_image, wait_for_form
from tests.e2e.test_sitting import begin_first_attribute, state, texts
from tests.e2e.test_states import critique, fill_in, open_judging
from tests.harness.installation import PASSWORD, wait_until
from tests.harness.views import violations

pytestmark = pytest.mark.browser

SIGNED_OUT = "[data-dialog=signed-out][open]"
SET_UP = """
from annotation.actions.campaigns.open_campaign import create_campaign, invite_people, open_campaign, publish_rubric
from annotation.actions.images.add_to_campaign import add_images
from annotation.models import Campaign
from webapp.accounts.models import User
demo = Campaign.objects.get(slug="demo")
rosa = User(username="rosa")
rosa.set_password("{password}")
rosa.save()
# A rubric of its own: other tests publish the next version of the demo's.
rubric = publish_rubric(demo.rubric_version.content | {{"slug": "words"}})
made = create_campaign("rewording", title="Chamber of words", rubric_version=rubric, by=None, is_demo=True)
made.blind_share, made.reveal_share, made.assisted_share = 100, 0, 0
made.save()
add_images(made, list(demo.images.order_by("pk")[:2]), by=None)
invite_people(made, [rosa], by=None)
open_campaign(made, by=None)
"""
REWORD = """
import copy
from annotation.actions.rubrics import change_rubric, draft_rubric
from annotation.models import Campaign
campaign = Campaign.objects.get(slug="rewording")
content = copy.deepcopy(campaign.rubric_version.content)
content["attributes"][0]["definition"]["en"] = "How far the image carries one clear thought."
draft = draft_rubric.draft_version(campaign.rubric_version, content)
change_rubric.adopt_rubric(campaign, draft_rubric.publish_version(draft), by=None)
"""


@pytest.fixture
def carol(visitor):
    """Carol with a fresh image before her."""
    visitor.sign_in("carol")
    visitor.open("/workspace/demo/")
    wait_for_form(visitor.page)
    skip_image(visitor.page)
    wait_for_form(visitor.page)
    yield visitor
    visitor.complaints.clear()  # The browser notes what was refused while another was signed in.


def write(page, words):
    page.keyboard.press("6")
    page.keyboard.press("Enter")
    page.keyboard.press("Control+A")
    page.keyboard.type(words)


def enter_session_of(page, name, address):
    page.context.clear_cookies(name="sessionid")
    page.context.add_cookies(sessions[address, name])


def test_a_session_that_came_back_is_noticed_and_that_of_somebody_else_saves_nothing(carol, chromium):
    page = carol.page
    begin_first_attribute(page)
    write(page, "Words of mine. ")
    wait_until(lambda: state(page) == "saved", "the first save")
    page.context.clear_cookies(name="sessionid")
    page.keyboard.type("Written while signed out. ")
    page.wait_for_selector(SIGNED_OUT)
    page.keyboard.press("Escape")
    page.keyboard.type("And after Escape. ")
    enter_session_of(page, "carol", carol.address)
    wait_until(lambda: state(page) == "saved", "the words to be saved after the session came back")
    with chromium.new_context() as context:
        Visitor(context.new_page(), carol.address).sign_in("bob")
    enter_session_of(page, "bob", carol.address)
    del sessions[carol.address, "bob"]  # Carol signs in over it, which ends it.
    page.keyboard.type("Not in his name. ")
    expect(page.locator("[data-someone-else]")).to_be_visible()
    assert violations(page) == []
    carol.image("someone-else")
    page.fill("[data-sign-in] [name=password]", "a wrong guess")
    page.keyboard.press("Enter")
    expect(page.locator("[data-sign-in-error]")).to_be_visible()
    page.evaluate("window.dispatchEvent(new Event('online'))")  # Another save is tried, and refused.
    page.wait_for_timeout(500)
    expect(page.locator("[data-sign-in-error]")).to_be_visible()
    page.fill("[data-sign-in] [name=password]", PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator(SIGNED_OUT)).to_have_count(0)
    wait_until(lambda: state(page) == "saved", "all of it to be saved")
    page.reload()
    wait_for_form(page)
    assert "Written while signed out. And after Escape. Not in his name. " in texts(page)


def test_no_typing_throws_a_filled_in_form_away_and_a_skip_is_taken_back(carol):
    page = carol.page
    begin_first_attribute(page)
    write(page, "Words that took a while.")
    page.locator("[data-tab]").nth(1).focus()
    page.keyboard.type("s the s is early ")
    page.keyboard.press("Enter")
    expect(page.locator("[data-dialog=skip]")).to_be_visible()
    page.click("[data-reason=cannot_judge]")
    expect(page.locator("[data-dialog=skip-draft]")).to_be_visible()
    carol.image("skip-draft")
    assert violations(page) == []
    page.keyboard.press("Enter")
    page.keyboard.press("Space")
    expect(page.locator("[data-dialog=skip-draft]")).to_be_visible()
    page.click("[data-dialog=skip-draft] [data-close]")
    assert "Words that took a while." in texts(page)
    skip_image(page)
    wait_for_form(page)
    assert "Words that took a while." not in texts(page)
    carol.image("skipped")
    page.locator("[data-do=take-back]:visible").click()
    page.wait_for_selector("[data-note]:has-text('taken back')")
    wait_for_form(page)
    assert "Words that took a while." in texts(page)
    expect(page.locator("[data-do=take-back]:visible")).to_have_count(0)


def test_a_rubric_that_changed_meanwhile_is_shown_and_looked_at_before_the_annotation_is_sent(visitor, seeded):
    seeded.manage("shell", "-c", SET_UP.format(password=PASSWORD))
    page = visitor.page
    visitor.sign_in("rosa")
    open_judging(visitor, "rewording")
    fill_in(page)
    wait_until(lambda: state(page) == "saved", "the draft")
    seeded.manage("shell", "-c", REWORD)
    page.keyboard.press("Control+Shift+Enter")
    change = page.locator("[data-rubric-change]:visible")
    expect(change).to_contain_text("one clear thought")
    assert critique(page) in texts(page), "the draft is kept"
    assert violations(page) == []
    visitor.image("rubric-changed")
    page.keyboard.press("Control+Shift+Enter")
    assert "rubric has changed" in page.inner_text("[data-note]")
    change.locator("[data-looked-at]").click()
    page.keyboard.press("Control+Shift+Enter")
    page.wait_for_selector("[data-note]:has-text('Stored'), [data-nothing]:not([hidden])")
    visitor.complaints.clear()  # The refused annotation is in the console.
