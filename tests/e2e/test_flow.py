"""The main job in a real browser: judge by keyboard, see the reveal, read the agreement, download the release."""

import zipfile

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import wait_until_kept
from tests.harness.installation import wait_until
from tests.harness.views import NARROW, too_wide, violations

pytestmark = pytest.mark.browser


def wait_for_form(page):
    """Wait until a form is there to be filled in, or nothing is left."""
    page.wait_for_selector("[data-annotate][data-stage='judging'], [data-nothing]:not([hidden])", timeout=60_000)


def skip_image(page):
    """Skip the first image of a page, also where something is filled in, or another was skipped before."""
    sure = page.locator("[data-dialog=skip-draft][open] [data-sure]")
    fetches = []
    # What the page shows of a skip it may still show of the one before; the next image it fetches once it is done.
    page.on("request", lambda request: fetches.append(request) if request.url.endswith("/next/") else None)
    page.keyboard.press("s")
    page.click("[data-reason=cannot_judge]")
    wait_until(lambda: fetches or sure.is_visible(), "the skip, or to be asked whether it is meant")
    if not fetches:
        sure.click()
    wait_until(lambda: sure.is_hidden() and fetches, "the next image to be fetched")
    expect(page.locator("[data-do=take-back]:visible").first).to_be_visible()


def is_revealed(page):
    return page.locator("[data-decide]:visible").count() > 0


def judge_with_the_keyboard(page):
    """Fill in one whole form without touching the mouse."""
    wait_for_form(page)
    page.keyboard.press("Space")
    page.keyboard.press("Control+Enter")
    for number in range(8):
        page.keyboard.press(str(4 + number % 4))
        page.keyboard.press(".")
        page.keyboard.press("Enter")
        page.keyboard.insert_text(f"A clear thought about part {number + 1}.")
        if number < 7:
            page.keyboard.press("Control+Enter")


def test_alice_judges_two_images_with_the_keyboard_and_sees_the_model_only_afterwards(visitor):
    page = visitor.page
    answers = []
    page.on("response", lambda response: answers.append(response) if "/api/" in response.url else None)
    visitor.sign_in("alice")
    visitor.open("/")
    visitor.image("workspace-home")
    visitor.open("/workspace/demo/")
    seen_reveal = 0
    for number in range(2):
        judge_with_the_keyboard(page)
        if number == 0:
            visitor.image("judging")
        before = "".join(response.text() for response in answers if "/commit/" not in response.url)
        if not seen_reveal:
            assert "measured" not in before.lower()
        done = page.inner_text("[data-progress]")
        page.keyboard.press("Control+Enter")
        wait_until(lambda done=done: is_revealed(page) or page.inner_text("[data-progress]") != done, "the answer")
        if is_revealed(page):
            seen_reveal += 1
            visitor.image("reveal")
            page.keyboard.press("Control+Shift+Enter")
            wait_until(lambda done=done: page.inner_text("[data-progress]") != done, "the next image")
    assert seen_reveal, "85 of 100 assignments reveal; two blind ones in a row would be odd with the demo's seed"
    visitor.open("/workspace/")
    assert "2" in page.inner_text("main")


def review_with_single_keys(page):
    """Accept a score, reject the next one for one's own, and edit the first critique, which stays open."""
    page.keyboard.press("Space")
    page.keyboard.press("n")
    page.keyboard.press("a")
    page.keyboard.press("n")
    page.keyboard.press("r")
    page.keyboard.type("3")
    page.keyboard.press("p")
    page.keyboard.press("Tab")
    page.locator("[data-part]:not([hidden]) [data-field=critique] [data-decide=edit]").focus()
    page.keyboard.press("e")
    page.keyboard.press("Control+End")
    page.keyboard.type(" Words of bob's own.")


def test_bob_reviews_a_prefilled_form(visitor):
    page = visitor.page
    visitor.sign_in("bob")
    visitor.open("/workspace/demo-prefilled/")
    page.wait_for_selector("[data-dialog=viewing][open]")
    assert violations(page) == []
    visitor.image("viewing")
    page.keyboard.type("7")
    page.keyboard.press("Tab")
    page.keyboard.type("8")
    with page.expect_response("**/viewing-checks/") as stored:
        page.get_by_role("button", name="Store and begin").click()
    assert stored.value.status == 201
    wait_for_form(page)
    visitor.page.wait_for_timeout(300)
    visitor.image("prefilled")
    review_with_single_keys(page)
    assert page.inner_text("[data-part]:not([hidden]) [data-edits] ins") == " Words of bob's own."
    assert violations(page) == []
    visitor.image("prefilled-edited")
    page.keyboard.press("Control+Shift+Enter")
    assert "Not looked at yet" in page.inner_text("[data-note]")
    page.get_by_role("button", name="Accept all the rest").click()
    with page.expect_response("**/commit/?next") as stored:
        page.keyboard.press("Control+Shift+Enter")
    address = f"/api/v1/assignments/{stored.value.json()['assignment']['id']}/"
    own = page.evaluate("address => fetch(address).then((response) => response.json())", address)
    judged = list(own["assignment"]["first_revision"]["judgements"].values())
    origins = [(each["score_origin"], each["critique_origin"]) for each in judged]
    assert sorted(origins) == sorted([("accepted", "edited"), ("own", "bulk"), *[("bulk", "bulk")] * 6])


def test_rita_adjudicates_a_case_by_keyboard_and_a_reload_loses_nothing(visitor):
    page = visitor.page
    visitor.sign_in("rita")
    visitor.open("/workspace/cases/1/")
    apart = [float(words.split()[0]) for words in page.locator(".dispute .form-part-head span").all_text_contents()]
    disputed = page.locator("[data-scale]").count()
    assert apart[:disputed] == sorted(apart[:disputed], reverse=True)
    for _ in range(disputed):
        page.keyboard.press("n")
        page.keyboard.type("6.")
    page.keyboard.press("Enter")
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.type("The theme is plain to see.")
    wait_until_kept(page, "The theme is plain to see.")
    visitor.open("/workspace/cases/1/")
    expect(page.locator("[data-score-value]").first).to_have_text("6.5")
    assert page.input_value("textarea[name=reason]") == "The theme is plain to see."
    page.click("[data-take] >> nth=0")
    page.focus("textarea[name=reason]")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/workspace/cases/")
    assert "Case 1 is adjudicated." in page.inner_text("main")
    page.set_viewport_size(NARROW)
    assert too_wide(page) <= 0


def test_olga_reads_the_agreement_and_downloads_the_release(visitor, tmp_path):
    page = visitor.page
    visitor.sign_in("olga")
    visitor.open("/")
    visitor.image("organiser-home")
    visitor.open("/organiser/demo/")
    visitor.image("organiser-campaign", whole=True)
    visitor.open("/audit/demo/agreement/")
    assert "Krippendorff" in page.inner_text("main")
    assert "Overall Gestalt" in page.inner_text("main")
    visitor.image("agreement", whole=True)
    page.locator("#widest a").first.click()
    assert "What the experts said" in page.inner_text("main")
    assert violations(page) == []
    visitor.image("agreement-image", whole=True)
    visitor.open("/releases/demo/0.1.0/")
    visitor.image("release", whole=True)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download all").click()
    saved = tmp_path / "release.zip"
    download.value.save_as(saved)
    names = zipfile.ZipFile(saved).namelist()
    assert any(name.endswith("MANIFEST.sha256") for name in names)
    assert any("data/train-" in name for name in names)


def test_olga_asks_a_model_and_the_run_appears_without_a_reload_and_has_a_page(visitor):
    page = visitor.page
    visitor.sign_in("olga")
    visitor.open("/organiser/demo/")
    rows = page.locator("tbody [data-run]")
    before = rows.count()
    page.get_by_role("button", name="Ask for all missing prefills").click()
    expect(rows).to_have_count(before + 1)
    rows.first.get_by_role("link").click()
    assert "Model run" in page.inner_text("h1")
    assert page.locator("tbody [data-run][data-state=done]").count() == 1
    assert "gives no probabilities" in page.inner_text("main")


def test_arthur_reads_events_and_cannot_change_anything(visitor):
    visitor.sign_in("arthur")
    visitor.open("/audit/demo/events/")
    visitor.image("events")
    assert visitor.page.locator("main form[method=post]").count() == 0
