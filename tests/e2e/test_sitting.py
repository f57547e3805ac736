"""What only a browser shows of a sitting: a login that ends in the middle, undo, a lost network, two tabs."""

import subprocess
from contextlib import suppress

import pytest
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import expect

from tests.e2e.conftest import SCREENSHOTS, Visitor, wait_until_kept
from tests.e2e.test_flow import skip_image, wait_for_form
from tests.harness import browser as browsers
from tests.harness.installation import PASSWORD, wait_until
from tests.harness.views import violations

pytestmark = pytest.mark.browser


def score(page):
    return page.inner_text("[data-part]:not([hidden]) [data-score-value]")


def state(page):
    return page.get_attribute("[data-save-state]", "data-state")


@pytest.fixture
def carol(visitor):
    """Carol with a fresh image before her; the one the test before left is skipped."""
    visitor.sign_in("carol")
    visitor.open("/workspace/demo/")
    wait_for_form(visitor.page)
    skip_image(visitor.page)
    wait_for_form(visitor.page)
    return visitor


def texts(page):
    return page.evaluate("[...document.querySelectorAll('textarea')].map((field) => field.value).join()")


def begin_first_attribute(page):
    page.keyboard.press("Space")
    page.keyboard.press("Control+Enter")


def test_a_login_that_ends_in_the_middle_is_mended_in_place(carol):
    page = carol.page
    begin_first_attribute(page)
    page.keyboard.press("6")
    wait_until(lambda: state(page) == "saved", "the first save")
    page.context.clear_cookies(name="sessionid")
    page.keyboard.press("Enter")
    page.keyboard.type("Words written while nobody was signed in.")
    page.wait_for_selector("[data-dialog=signed-out][open]")
    carol.image("signed-out")
    assert violations(page) == []
    expect(page.locator("[data-sign-in] [name=password]")).to_be_focused()
    page.keyboard.type("a wrong guess")
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-sign-in-error]:not([hidden])")
    page.fill("[data-sign-in] [name=password]", PASSWORD)
    page.keyboard.press("Enter")
    wait_until(lambda: state(page) == "saved", "the words to be saved")
    carol.complaints.clear()  # The refused save and the wrong guess are in the console, as they should be.
    page.reload()
    wait_for_form(page)
    assert "Words written while nobody was signed in." in texts(page)


def test_changes_are_undone_and_made_again_by_keys(carol):
    page = carol.page
    begin_first_attribute(page)
    page.keyboard.press("3")
    page.wait_for_timeout(1600)
    page.keyboard.press("8")
    assert score(page) == "8.0"
    page.keyboard.press("Control+z")
    assert score(page) == "3.0"
    page.keyboard.press("Control+Shift+Z")
    assert score(page) == "8.0"


def test_words_written_without_a_network_survive_a_reload(carol):
    page = carol.page
    begin_first_attribute(page)
    page.keyboard.press("5")
    page.keyboard.press("Enter")
    page.context.set_offline(True)
    page.keyboard.type("Offline, all the same.")
    wait_until(lambda: state(page) == "kept", "the words to be kept in the browser")
    assert "changes kept here" in page.inner_text("[data-save-said]"), "told to screen readers"
    carol.image("offline")
    page.context.set_offline(False)
    page.reload()
    wait_for_form(page)
    wait_until(lambda: state(page) == "saved", "the words to be saved")
    assert "Offline, all the same." in texts(page)
    carol.complaints.clear()  # The browser notes each request that found no network.


def test_words_survive_a_browser_that_is_killed(chromium, address, tmp_path):
    def opened(playwright_type):
        context = playwright_type.launch_persistent_context(
            tmp_path / "profile", executable_path=browsers.system_chromium(), args=browsers.LAUNCH_FLAGS
        )
        return context, Visitor(context.new_page(), address)

    context, carol = opened(chromium.browser_type)
    carol.sign_in("carol")
    carol.open("/workspace/demo/")
    wait_for_form(carol.page)
    begin_first_attribute(carol.page)
    carol.page.keyboard.press("2")
    carol.page.keyboard.press("Enter")
    context.set_offline(True)
    carol.page.keyboard.type("Written just before the end.")
    wait_until_kept(carol.page, "Written just before the end.")
    subprocess.run(["pkill", "-KILL", "-f", str(tmp_path / "profile")], check=True)
    with suppress(PlaywrightError):
        context.close()
    context, carol = opened(chromium.browser_type)
    carol.sign_in("carol")  # A cookie may not have reached the disk yet.
    carol.open("/workspace/demo/")
    wait_for_form(carol.page)
    assert "Written just before the end." in texts(carol.page)
    context.close()


def test_the_later_of_two_tabs_is_shown_both_texts(carol):
    first = carol.page
    second = first.context.new_page()
    second.goto(first.url)
    wait_for_form(second)
    for page, words in ((first, "From the first tab."), (second, "From the second tab.")):
        page.bring_to_front()
        begin_first_attribute(page)
        page.keyboard.press("4")
        page.keyboard.press("Enter")
        page.keyboard.press("Control+A")
        page.keyboard.type(words)
        if page is first:
            wait_until(lambda: state(first) == "saved", "the first tab's save")
    second.wait_for_selector("[data-dialog=conflict][open]")
    assert violations(second) == []
    second.screenshot(path=SCREENSHOTS / "conflict.png")
    shown = second.inner_text("[data-dialog=conflict]")
    assert "From the first tab." in shown
    assert "From the second tab." in shown
    second.get_by_role("button", name="Take what is stored").click()
    wait_until(lambda: "From the first tab." in texts(second), "the stored text")
    carol.complaints.clear()  # The conflict's 409 is in the console.


def test_chinese_is_composed_without_setting_off_keys(carol):
    page = carol.page
    begin_first_attribute(page)
    page.keyboard.press("7")
    page.keyboard.press("Enter")
    session = page.context.new_cdp_session(page)
    page.keyboard.press("Control+A")
    session.send("Input.imeSetComposition", {"text": "gou tu", "selectionStart": 6, "selectionEnd": 6})
    session.send("Input.insertText", {"text": "构图均衡"})
    field = page.locator("[data-part]:not([hidden]) textarea")
    assert field.input_value() == "构图均衡"
    assert "4 of 120–200 characters" in page.inner_text("[data-part]:not([hidden]) [data-length]")
    assert field.get_attribute("lang") == "zh-hans"
