"""Drafting, comparing and publishing a rubric in a real browser: weights add up, two windows lose nothing."""

import pytest

from tests.harness import views as looks
from tests.harness.views import violations

pytestmark = pytest.mark.browser

GESTALT = "attributes.overall_gestalt.definition.en"


def field(page, name):
    return page.locator(f"[name='{name}']")


def test_olga_drafts_compares_and_publishes_and_sees_what_taking_it_up_would_do(visitor):
    page = visitor.page
    visitor.sign_in("olga")
    visitor.open("/organiser/rubrics/artimuse/1/")
    page.get_by_role("button", name="Draft the next version").click()
    page.wait_for_selector("[data-weights]:text-is('100')")
    field(page, "attributes.composition_design.weight").fill("17")
    page.wait_for_selector("[data-weights]:text-is('110')")
    assert page.locator("[data-unsaved]").is_visible()
    field(page, GESTALT).fill("Ask whether all parts of the work fuse into one.")
    page.get_by_role("button", name="Save the draft").click()
    assert "the weights add up to 110, not to 100" in page.inner_text("main")
    visitor.complaints.clear()  # The browser's own line on the status 422.
    visitor.image("rubric-refused")
    field(page, "attributes.composition_design.weight").fill("7")
    page.get_by_role("button", name="Save and read the changes").click()
    assert page.locator("del").count() > 0
    look(visitor, ["/organiser/rubrics/artimuse/2/edit/", "/organiser/rubrics/artimuse/2/changes/"])
    look(visitor, ["/organiser/rubrics/artimuse/2/source/", "/organiser/rubrics/"])
    visitor.open("/organiser/rubrics/artimuse/2/changes/")
    page.get_by_label("changes the meaning").check()
    page.get_by_role("button", name="Publish artimuse 2").click()
    assert "artimuse 2 is published" in page.inner_text("main")
    look(visitor, ["/organiser/rubrics/artimuse/2/", "/organiser/demo/rubric/"])
    visitor.open("/organiser/demo/rubric/")
    assert "answers are asked for again" in page.inner_text("main")


def test_two_windows_on_one_draft_lose_nothing(visitor):
    page = visitor.page
    visitor.sign_in("olga")
    visitor.open("/organiser/rubrics/artimuse/1/")
    page.get_by_role("button", name="Draft the next version").or_(page.get_by_role("link", name="Go on")).click()
    if page.get_by_role("link", name="Edit", exact=True).count():
        page.get_by_role("link", name="Edit", exact=True).click()
    here = page.url
    second = page.context.new_page()
    second.goto(here)
    field(second, GESTALT).fill("Words of the second window.")
    field(second, "attributes.composition_design.name.zh-hans").fill("构图与设计")
    second.get_by_role("button", name="Save the draft").click()
    second.wait_for_selector("text=The draft is saved.")
    field(page, GESTALT).fill("Words of the first window.")
    page.get_by_role("button", name="Save the draft").click()
    assert "saved this draft at" in page.inner_text("main")
    assert field(page, GESTALT).input_value() == "Words of the first window."
    assert "Words of the second window." in page.inner_text(".stored-text")
    for mark, words in (("del", "second"), ("ins", "first")):  # Only the words that differ.
        page.wait_for_selector(f"[data-difference] {mark}:text-is('{words}')", state="attached")
    assert field(page, "attributes.composition_design.name.zh-hans").input_value() == "构图与设计"
    visitor.complaints.clear()  # The browser's own line on the status 409.
    visitor.image("rubric-clash", whole=True)
    assert violations(page) == []
    page.get_by_role("button", name="Save the draft").click()
    assert "The draft is saved." in page.inner_text("main")
    second.close()


def test_olga_words_the_consent_and_sets_repeats(visitor):
    page = visitor.page
    visitor.sign_in("olga")
    visitor.open("/organiser/demo-prefilled/consent/")
    page.get_by_label("English").fill("Your answers are published under a pseudonym.")
    page.get_by_label("Chinese").fill("您的评审以化名发布。")
    page.get_by_role("button", name="See it as annotators do").click()
    assert page.locator("p:has-text('您的评审以化名发布。')").count() == 1
    assert violations(page) == []
    visitor.image("consent-preview", whole=True)
    visitor.open("/organiser/demo-prefilled/")
    page.get_by_text("Hidden repeats").first.click()
    page.get_by_label("Hidden repeats in per cent").fill("5")
    page.locator("form[action*='/repeats/'] button").click()
    assert "5 % of what is handed out" in page.inner_text("main")
    page.get_by_text("More answers where experts differ").first.click()
    visitor.image("campaign-repeats", whole=True)
    look(visitor, ["/organiser/demo-prefilled/consent/"])


def look(visitor, paths):
    for path in paths:
        visitor.open(path)
        looks.look(visitor, path.strip("/").replace("/", "-"))
