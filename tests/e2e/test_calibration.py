"""Calibrating, asking, pasting and correcting in a real browser, where only a browser shows that they work."""

import json

import pytest

from tests.e2e.conftest import SIZES
from tests.e2e.test_flow import judge_with_the_keyboard, wait_for_form
from tests.harness.installation import wait_until
from tests.harness.views import violations

pytestmark = pytest.mark.browser

CALIBRATE = """
import uuid
from annotation.actions.answers import annotate
from annotation.actions.assignments import assign
from annotation.actions.campaigns import open_calibration
from annotation.actions.campaigns.open_campaign import create_campaign, invite_people, open_campaign
from annotation.actions.images.add_to_campaign import add_images
from annotation.design.calibration import Rule
from annotation.models import Campaign, Image
from webapp.accounts.models import User
demo = Campaign.objects.get(slug="demo")
olga = User.objects.get(username="olga")
taste = create_campaign("taste", title="Chamber of taste", rubric_version=demo.rubric_version, by=olga,
                        preset="blind-panel", is_demo=True)
inside = list(Campaign.objects.get(slug="demo-prefilled").images.all())
add_images(taste, inside, by=olga)
invite_people(taste, [User.objects.get(username="carol")], by=olga)
open_campaign(taste, by=olga)
open_calibration.open_calibration(taste, demo, rule=Rule(1.5, 0.5), anchors=5, by=olga)
"""


@pytest.fixture(scope="module")
def taste(seeded, address):
    """Add a campaign that asks for a calibration against the demo's simulated experts."""
    seeded.manage("shell", "-c", CALIBRATE)


def test_carol_calibrates_asks_and_corrects(visitor, taste, seeded, address):
    page = visitor.page
    visitor.sign_in("carol")
    visitor.open("/workspace/taste/")
    assert page.url.endswith("/workspace/taste/calibration/")
    visitor.image("calibration-before")
    page.get_by_role("link", name="Begin calibrating").click()
    wait_for_form(page)
    # A question from the image; what is typed is not taken for keys.
    page.keyboard.press("q")
    page.keyboard.type("Is the frame part of the image?")
    visitor.image("question")
    page.get_by_role("button", name="Send").click()
    page.wait_for_selector("text=Your question is sent.")
    for number in range(5):
        judge_with_the_keyboard(page)
        page.keyboard.press("Control+Enter")
        page.wait_for_selector("[data-dialog=feedback][open]")
        if number == 1:
            visitor.image("feedback")
            assert violations(page) == []
        page.keyboard.press("Enter")
        page.wait_for_selector("[data-nothing]:not([hidden])" if number == 4 else "[data-note]:has-text('Stored')")
    visitor.open("/workspace/taste/calibration/")
    visitor.image("calibration", whole=True)
    assert violations(page) == []
    visitor.open("/workspace/questions/")
    visitor.image("questions")
    assert "Is the frame part of the image?" in page.inner_text("main")


def test_carol_corrects_a_slip_and_pasted_words_are_counted(visitor):
    page = visitor.page
    visitor.sign_in("carol")
    visitor.open("/workspace/demo/")
    sent = []
    page.on("request", lambda request: sent.append(request) if "/commit/" in request.url else None)
    judge_with_the_keyboard(page)
    page.keyboard.press("Control+A")
    page.keyboard.press("Control+C")
    page.keyboard.press("End")
    page.keyboard.press("Control+V")
    page.keyboard.press("Control+Enter")
    wait_until(lambda: sent, "the answer to be sent")
    pasted = {key: judged["pasted"] for key, judged in json.loads(sent[0].post_data)["judgements"].items()}
    assert pasted["comprehensive_evaluation"] == len("A clear thought about part 8.")
    assert sum(pasted.values()) == pasted["comprehensive_evaluation"]
    wait_until(lambda: page.get_attribute("[data-annotate]", "data-stage") == "judging", "the next step")
    if page.locator("[data-decide]:visible").count():
        page.keyboard.press("Control+Shift+Enter")
        wait_until(lambda: page.get_attribute("[data-annotate]", "data-form") == "own", "the next image")
    page.get_by_role("link", name="Correct…").click()
    visitor.image("recent")
    page.get_by_role("link", name="Correct the answer of").first.click()
    wait_for_form(page)
    assert "correcting" in page.inner_text("[data-form-line]")
    page.keyboard.press("9")
    visitor.image("correcting")
    with page.expect_response("**/correct/") as corrected:
        page.keyboard.press("Control+Shift+Enter")
    assert corrected.value.status == 200
    page.wait_for_selector("text=The correction is stored.")


def test_olga_sets_the_rule_and_answers(visitor, taste, address):
    page = visitor.page
    visitor.sign_in("olga")
    for size, language, scheme in [("1280", "en", "light"), ("1920", "zh-hans", "dark")]:
        page.set_viewport_size(SIZES[size])
        page.emulate_media(color_scheme=scheme)
        page.context.add_cookies([{"name": "django_language", "value": language, "url": address}])
        for path in ("/organiser/taste/calibration/", "/organiser/taste-calibration/questions/"):
            visitor.open(path)
            visitor.image(f"{size}-{language}-{scheme}{path.replace('/', '-')}", whole=True)
            assert violations(page) == []


AGAIN = """
import copy, uuid
from annotation.actions.answers import annotate
from annotation.actions.assignments import assign
from annotation.actions.rubrics.change_rubric import adopt_rubric
from annotation.actions.rubrics.draft_rubric import draft_version, publish_version
from annotation.actions.campaigns.open_campaign import create_campaign, invite_people, open_campaign, publish_rubric
from annotation.actions.images.add_to_campaign import add_images
from annotation.models import Campaign
from webapp.accounts.models import User
demo = Campaign.objects.get(slug="demo")
carol, olga = User.objects.get(username="carol"), User.objects.get(username="olga")
content = copy.deepcopy(demo.rubric_version.content) | {"slug": "taste"}
rubric = publish_rubric(content)
again = create_campaign("again", title="Again", rubric_version=rubric, by=olga, preset="blind-panel", is_demo=True)
add_images(again, [Campaign.objects.get(slug="demo-prefilled").images.order_by("pk")[0]], by=olga)
invite_people(again, [carol], by=olga)
open_campaign(again, by=olga)
judged = {key: {"score": 6.5, "critique": "What I wrote before."} for key in demo.rubric.by_key}
answer = {"key": str(uuid.uuid4()), "rubric_version": 1, "subcategory": "daily_photo", "judgements": judged}
annotate.commit_annotation(assign.next_assignment(again, carol), answer, by=carol)
content = copy.deepcopy(content)
content["attributes"][0]["definition"]["en"] += " And what it is for."
draft = draft_version(rubric, content, by=olga)
adopt_rubric(again, publish_version(draft, semantic=["attributes"], by=olga), by=olga)
"""


def test_carol_sees_her_earlier_answer_after_the_rubric_changed_its_meaning(visitor, seeded, address):
    seeded.manage("shell", "-c", AGAIN)
    page = visitor.page
    visitor.sign_in("carol")
    visitor.open("/workspace/again/")
    wait_for_form(page)
    page.keyboard.press("Space")
    page.keyboard.press("Control+Enter")
    earlier = page.locator("[data-part]:not([hidden]) [data-earlier]")
    assert "by version 1 of the rubric: 6.5" in earlier.inner_text()
    assert "What I wrote before." in earlier.inner_text()
    visitor.image("earlier-answer")
    assert violations(page) == []
    earlier.get_by_role("button", name="Use these words again").click()
    assert page.locator("[data-part]:not([hidden]) textarea").input_value() == "What I wrote before."
