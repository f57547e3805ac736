"""An image that is not on screen is not judged, however it fails to come."""

import pytest
from playwright.sync_api import expect

from tests.e2e.test_flow import skip_image, wait_for_form
from tests.harness.views import violations

pytestmark = pytest.mark.browser

DISPLAY = "**/images/*/display/"
SHOWN = "[data-viewer][data-state=shown]"
EMPTY_SVG = "<svg xmlns='http://www.w3.org/2000/svg' width='0' height='0'/>"
KINDS = {
    "no network": {"abort": True},
    "not found": {"status": 404, "body": "not found"},
    "a page to sign in": {"content_type": "text/html", "body": "<h1>Sign in</h1>"},
    "broken bytes": {"content_type": "image/jpeg", "body": b"\xff\xd8\xff\xe0 and no more"},
    "no bytes": {"content_type": "image/jpeg", "body": b""},
    "no pixels": {"content_type": "image/svg+xml", "body": EMPTY_SVG},
}


@pytest.fixture
def carol(visitor):
    visitor.sign_in("carol")
    yield visitor
    visitor.complaints.clear()  # The browser notes what it was not given.


def fail(page, kind):
    how = KINDS[kind]
    page.route(DISPLAY, lambda route: route.abort() if "abort" in how else route.fulfill(**how))


def judged(page):
    return page.evaluate("document.querySelectorAll('input[type=radio]:checked').length")


def is_hidden(page):
    return page.evaluate("getComputedStyle(document.querySelector('[data-image]')).visibility") == "hidden"


@pytest.mark.parametrize("kind", KINDS)
def test_an_image_that_does_not_come_is_neither_scored_nor_sent_until_it_is_loaded_again(carol, kind):
    page = carol.page
    fail(page, kind)
    sent = []
    page.on("request", lambda request: sent.append(request.url) if "/commit/" in request.url else None)
    carol.open("/workspace/demo/")
    expect(page.locator("[data-image-note]")).to_be_visible()
    wait_for_form(page)  # With what others left in it.
    before = judged(page)
    for key in ("Space", "Control+Enter", "6", "Enter", "w", "Control+Shift+Enter"):
        page.keyboard.press(key)
    assert "cannot be shown" in page.inner_text("[data-image-note]"), "it stays, whatever is pressed"
    assert page.inner_text("body").count("cannot be shown") == 1, "it is said once"
    assert is_hidden(page)
    assert (judged(page), sent) == (before, [])
    assert violations(page) == []
    carol.image(f"image-{kind.replace(' ', '-')}")
    page.unroute(DISPLAY)
    page.click("[data-load-again]")
    page.wait_for_selector(SHOWN)
    expect(page.locator("[data-image-note]")).to_be_hidden()
    assert page.inner_text("[data-note]") == ""
    page.locator("[data-tab=subcategory]").click()
    page.locator("[data-subcategories] input").nth(3).focus()
    page.keyboard.press("Space")
    expect(page.locator("[data-subcategories] input").nth(3)).to_be_checked()


def test_the_image_before_is_gone_when_the_next_one_does_not_come(carol):
    page = carol.page
    page.route("**/ahead/", lambda route: route.fulfill(json={"images": []}))
    carol.open("/workspace/demo/")
    wait_for_form(page)
    page.wait_for_selector(SHOWN)
    # The very next one: what was fetched ahead would come all the same.
    page.route(DISPLAY, lambda route: route.abort())
    skip_image(page)
    page.wait_for_selector("[data-viewer][data-state=failed]")
    assert is_hidden(page)
    assert "cannot be shown" in page.inner_text("[data-image-note]")


def test_an_image_that_comes_late_does_not_show_itself_over_the_one_after_it(carol):
    page = carol.page
    late = []
    page.route("**/ahead/", lambda route: route.fulfill(json={"images": []}))
    page.route(DISPLAY, lambda route: late.append(route) if not late else route.continue_())
    carol.open("/workspace/demo/")
    wait_for_form(page)
    skip_image(page)
    page.wait_for_selector(SHOWN)
    before = page.locator("[data-viewer]").screenshot()
    late[0].continue_()
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(300)  # A frame or two for what must not happen.
    assert page.locator("[data-viewer]").screenshot() == before


def test_what_cannot_be_seen_at_full_size_is_said_and_loaded_again(carol):
    page = carol.page
    page.route("**/images/*/full/", lambda route: route.abort())
    page.route("**/images/*/tiles/**", lambda route: route.abort())
    carol.open("/workspace/demo/")
    page.wait_for_selector(SHOWN)
    page.locator("[data-viewer]").focus()
    page.keyboard.press("z")
    expect(page.locator("[data-image-note][data-why=coarse]")).to_be_visible()
    carol.image("image-coarse")
    assert page.get_attribute("[data-annotate]", "data-undrawn") is None, "the copy on screen can be judged"
    page.unroute("**/images/*/full/")
    page.unroute("**/images/*/tiles/**")
    page.click("[data-load-again]")
    expect(page.locator("[data-image-note]")).to_be_hidden()
