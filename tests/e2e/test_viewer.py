"""The image in a real browser: tiles of a scan, zoom by key, pointer and fingers, loupe, panel, full screen."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
import pyvips
from PIL import Image
from playwright.sync_api import Browser, CDPSession, Page, Route, ViewportSize, expect

from tests.e2e.conftest import SIZES, Visitor
from tests.harness.installation import Installation, wait_until
from tests.harness.views import violations

pytestmark = pytest.mark.browser

SHOWN = "[data-viewer][data-state=shown]"
SET_UP = """
from pathlib import Path
from annotation.actions.answers.annotate import commit_annotation
from annotation.actions.assignments.assign import next_assignment
from annotation.actions.images.import_images import import_images
from annotation.actions.campaigns.open_calibration import choose_anchor_set, open_calibration
from annotation.actions.campaigns.open_campaign import open_campaign
from annotation.design.calibration import Rule
from annotation.models import Campaign, ViewingCheck
from tests.harness.factories import make_content, make_campaign, make_user
vera = make_user("vera")
ViewingCheck.objects.create(user=vera, screen={{}})
three = [make_user(name) for name in ("pia", "quin", "ravi")]
for slug in ("scan", "colours", "panel"):
    people = three if slug == "panel" else (vera,)
    campaign = make_campaign(slug, people=people, images=0, opened=False, surround=0x60, annotations_per_image=3)
    report = import_images(campaign, Path("{folder}") / slug, by=None)
    assert not report.refused, report.refused
    open_campaign(campaign, by=None)
for person in three:
    while assignment := next_assignment(campaign, person):
        commit_annotation(assignment, make_content(assignment.image_id % 9 + 0.5), by=person)
anchored = make_campaign("anchored", people=three)
source = open_calibration(anchored, campaign, rule=Rule(), anchors=5, by=None)
choose_anchor_set(Campaign.objects.get(slug="scan"), source, by=None)
"""
COLOURS = ("red", "green", "blue", "yellow")
MIDDLE_OF = """async (url) => {
  const image = new Image();
  image.src = url;
  await image.decode();
  const canvas = new OffscreenCanvas(image.width, image.height).getContext("2d");
  canvas.drawImage(image, 0, 0);
  return [...canvas.getImageData(image.width / 2, image.height / 2, 1, 1).data.slice(0, 3)];
}"""
# The image shown and those that come next have been fetched.
AHEAD = "() => performance.getEntriesByType('resource').filter(({ name }) => /display/.test(name)).length > 1"
TILE = re.compile(r"/images/\d+/tiles/")


@pytest.fixture(scope="module")
def scans(tmp_path_factory: pytest.TempPathFactory, seeded: Installation) -> None:
    """Add a campaign of a scan of 40 megapixels for vera, one of plain colours, and one whose panel made anchors."""
    folder = tmp_path_factory.mktemp("scans")
    for slug in ("scan", "colours", "panel"):
        (folder / slug / "sketch").mkdir(parents=True)
    clouds = (pyvips.Image.perlin(7600, 5300, cell_size=300) * 127 + 128).cast("uchar")
    three = clouds.bandjoin([clouds.rot180(), clouds.invert()]).copy(interpretation="srgb")
    three.jpegsave(str(folder / "scan" / "sketch" / "scan.jpg"), Q=80)
    for name in COLOURS:
        Image.new("RGB", (600, 400), name).save(folder / "colours" / "sketch" / f"{name}.png")
    for number in range(5):
        drawn = pyvips.Image.perlin(900 + 300 * number, 1200, cell_size=40 + 60 * number, seed=number) * 90 + 128
        drawn.cast("uchar").jpegsave(str(folder / "panel" / "sketch" / f"{number}.jpg"))
    seeded.manage("shell", "-c", SET_UP.format(folder=folder))


@pytest.fixture
def open_scan(chromium: Browser, address: str, scans: None) -> Iterator[Callable[..., Visitor]]:
    """Open the scan for vera, in a window of 1280 by 800 with further options."""
    with ExitStack() as stack:
        visitors = []

        def open_it(slug: str = "scan", *, misled: bool = False, **options: Any) -> Visitor:
            size = ViewportSize(width=1280, height=800)
            context = chromium.new_context(viewport=size, color_scheme="light", **options)
            visitor = Visitor(stack.enter_context(context).new_page(), address)
            visitors.append(visitor)
            visitor.sign_in("vera")
            if misled:
                visitor.page.route("**/ahead/", turn_round)
            visitor.page.goto(f"{address}/workspace/{slug}/")
            visitor.page.wait_for_selector(SHOWN)
            return visitor

        yield open_it
        for visitor in visitors:
            # What comes after the next is still asked for when a test is over.
            visitor.page.unroute_all(behavior="ignoreErrors")
        assert [complaint for visitor in visitors for complaint in visitor.complaints] == []


@pytest.fixture
def visitor(open_scan: Callable[..., Visitor]) -> Visitor:
    """Vera with the scan before her."""
    return open_scan()


@pytest.fixture
def page(visitor: Visitor) -> Page:
    """Vera's page."""
    return visitor.page


def turn_round(route: Route) -> None:
    """Tell the images that come next in the wrong order."""
    images = route.fetch().json()["images"]
    route.fulfill(json={"images": images[::-1]})


def tiles_of(page: Page) -> list[str]:
    """Return the addresses of tiles asked for from now on."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if TILE.search(request.url) else None)
    return asked


def focus_image(page: Page) -> None:
    page.locator("[data-viewer]").focus()


def wait_for_zoom(page: Page, pressed: str) -> None:
    expect(page.locator("[data-do=zoom]")).to_have_attribute("aria-pressed", pressed)


def zoomed(page: Page) -> bool:
    return bool(page.get_attribute("[data-do=zoom]", "aria-pressed") == "true")


def pixels(page: Page, selector: str = "[data-image]") -> str:
    """Return what is on the image's canvas, to be compared."""
    return str(page.evaluate(f"document.querySelector('{selector} canvas').toDataURL()"))


def still(page: Page, selector: str = "[data-image]") -> str:
    """Wait until nothing moves on the image's canvas any more, and return what is on it."""
    before = pixels(page, selector)
    while True:
        page.wait_for_timeout(150)
        now = pixels(page, selector)
        if now == before:
            return now
        before = now


def wait_for_change(page: Page, before: str, selector: str = "[data-image]") -> None:
    wait_until(lambda: pixels(page, selector) != before, f"{selector} to change")


def test_a_scan_is_whole_at_once_without_a_tile_and_sharp_in_tiles_when_looked_at_closely(page, visitor):
    asked = tiles_of(page)
    visitor.image("scan-whole")
    before = pixels(page)
    assert not zoomed(page)
    focus_image(page)
    page.keyboard.press("z")
    wait_for_change(page, before)
    assert zoomed(page)
    wait_until(lambda: asked, "a tile")
    still(page)
    visitor.image("scan-close")
    assert 1 <= len(asked) < 30, "the tiles in view, not all of them"
    page.keyboard.press("z")
    wait_for_zoom(page, "false")


def test_plus_minus_and_arrows_zoom_and_move(page):
    focus_image(page)
    fitted = still(page)
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(200)
    assert pixels(page) == fitted, "a fitted image does not move"
    page.keyboard.press("+")
    wait_for_change(page, fitted)
    wait_for_zoom(page, "true")
    before = still(page)
    page.keyboard.press("ArrowRight")
    wait_for_change(page, before)
    for _ in range(2):
        page.keyboard.press("-")
    wait_for_zoom(page, "false")


def test_letters_that_judge_do_nothing_to_the_image(page):
    focus_image(page)
    before = still(page)
    for key in ("r", "0", "w"):
        page.keyboard.press(key)
    page.wait_for_timeout(300)
    assert pixels(page) == before


def test_the_loupe_opens_follows_the_pointer_and_closes(page, visitor):
    box = page.locator("[data-viewer]").bounding_box()
    page.mouse.move(box["x"] + 200, box["y"] + 300)
    page.keyboard.press("l")
    loupe = page.locator("[data-loupe]")
    loupe.locator("canvas").wait_for()
    at = loupe.bounding_box()
    assert abs(at["x"] + at["width"] / 2 - box["x"] - 200) < 2
    visitor.image("loupe")
    page.mouse.move(box["x"] + 300, box["y"] + 300)
    assert abs(loupe.bounding_box()["x"] - at["x"] - 100) < 2
    focus_image(page)
    page.keyboard.press("ArrowDown")
    assert loupe.bounding_box()["y"] > at["y"]
    page.keyboard.press("l")
    assert loupe.is_hidden()


def test_the_panel_folds_away_and_comes_back_with_the_focus(page, visitor):
    page.locator("[data-tab]").first.focus()
    wide = page.locator("[data-viewer]").bounding_box()["width"]
    page.keyboard.press("h")
    assert page.locator("[data-body]").is_hidden()
    assert page.locator("[data-viewer]").bounding_box()["width"] > wide + 400
    still(page)
    assert not zoomed(page), "the image fits its larger window"
    visitor.image("folded")
    assert violations(page) == []
    page.keyboard.press("h")
    assert page.locator("[data-body]").is_visible()
    assert page.evaluate("document.activeElement.matches('[data-tab]')")


def test_full_screen_opens_and_closes_by_key(page):
    page.keyboard.press("f")
    expect(page.locator("[data-viewer]:fullscreen")).to_have_count(1)
    page.keyboard.press("f")
    expect(page.locator(":fullscreen")).to_have_count(0)


def open_first_attribute(page: Page) -> None:
    page.wait_for_selector("[data-annotate][data-stage=judging]")
    page.locator("[data-tab]").nth(1).click()


def marks(page: Page) -> list[str]:
    """Return what the marks on the image are called."""
    return [mark.get_attribute("aria-label") or "" for mark in page.locator(".pin-mark").all()]


def where(page: Page, selector: str) -> tuple[float, float]:
    """Return the middle of something, in pixels from the viewer's upper left corner."""
    box, viewer = (page.locator(each).first.bounding_box() for each in (selector, "[data-viewer]"))
    assert box is not None
    assert viewer is not None
    return box["x"] + box["width"] / 2 - viewer["x"], box["y"] + box["height"] / 2 - viewer["y"]


def test_a_critique_is_pinned_moved_sized_undone_and_removed_by_keys_and_survives_a_reload(page, visitor):
    open_first_attribute(page)
    page.keyboard.press("m")
    assert page.evaluate("document.activeElement.matches('.pin-mark')")
    assert "point at 50 % across, 50 % down" in marks(page)[0]
    for key in ("ArrowLeft", "ArrowUp", "Shift+ArrowRight", "Shift+ArrowDown"):
        page.keyboard.press(key)
    assert re.search(r"box at 4\d % across, 4\d % down, \d+ % wide, \d+ % high", marks(page)[0])
    page.keyboard.press("m")
    assert len(marks(page)) == 2
    visitor.image("pins")
    assert violations(page) == []
    page.keyboard.press("Delete")
    assert len(marks(page)) == 1
    page.keyboard.press("Control+z")
    assert len(marks(page)) == 2
    page.keyboard.press("Control+Shift+z")
    before = marks(page)
    page.wait_for_selector("[data-save-state][data-state=saved]")
    page.locator(".pin-mark").first.focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.matches('textarea')")
    page.reload()
    page.wait_for_selector(SHOWN)
    assert marks(page) == [], "the subcategory is open"
    open_first_attribute(page)
    assert marks(page) == before
    page.locator("[data-remove]:visible").click()
    assert marks(page) == []
    page.wait_for_selector("[data-save-state][data-state=saved]")


def test_a_pointer_places_a_point_draws_a_box_and_drags_and_marks_follow_the_image(page):
    open_first_attribute(page)
    viewer = page.locator("[data-viewer]").bounding_box()
    page.locator("[data-do=pin]:visible").click()
    page.mouse.click(viewer["x"] + 200, viewer["y"] + 350)
    assert where(page, ".pin-mark") == pytest.approx((200, 350), abs=2)
    page.locator("[data-do=pin]:visible").click()
    page.mouse.move(viewer["x"] + 300, viewer["y"] + 300)
    page.mouse.down()
    page.mouse.move(viewer["x"] + 400, viewer["y"] + 380, steps=4)
    page.mouse.up()
    assert ["point" in name for name in marks(page)] == [True, False]
    box = page.locator(".boxed .pin-box").bounding_box()
    assert (box["width"], box["height"]) == pytest.approx((100, 80), abs=2)
    page.mouse.move(viewer["x"] + 200, viewer["y"] + 350)
    page.mouse.down()
    page.mouse.move(viewer["x"] + 240, viewer["y"] + 330, steps=4)
    page.mouse.up()
    assert where(page, ".pin-mark") == pytest.approx((240, 330), abs=2)
    focus_image(page)
    page.keyboard.press("+")
    still(page)
    assert page.locator(".boxed .pin-box").bounding_box()["width"] == pytest.approx(150, abs=3)
    for _ in range(2):
        page.locator("[data-remove]:visible").first.click()
    page.wait_for_selector("[data-save-state][data-state=saved]")


def middle(page: Page, selector: str) -> tuple[float, float]:
    """Return the middle of an element in the window."""
    box = page.locator(selector).bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_anchors_stand_beside_the_image_and_both_are_enlarged_and_moved_together(open_scan):
    visitor = open_scan()
    page = visitor.page
    page.wait_for_selector("[data-annotate][data-stage=judging]")
    page.locator("[data-subcategories] input[value=sketch]").check()
    resources = page.evaluate("performance.getEntriesByType('resource').map(({ name }) => name)")
    assert not any("anchor-comparison" in name for name in resources), "its code is loaded when it is called for"
    open_first_attribute(page)
    page.keyboard.press("c")
    page.wait_for_selector("[data-beside][data-state=shown]")
    levels = page.locator("[data-anchors] [data-level]").all_inner_texts()
    assert len(levels) == 5
    assert levels == sorted(levels, key=float)
    assert "Mean of the panel" in page.inner_text("[data-anchors-words]")
    beside = "[data-beside] [data-image]"
    first = still(page, beside)
    assert not zoomed(page), "the image fits its smaller window"
    page.keyboard.press("ArrowRight")
    wait_for_change(page, first, beside)
    page.wait_for_timeout(300)
    visitor.image("anchors")
    assert violations(page) == []
    for leader, follower in ((".viewer:not([data-beside])", "[data-beside]"), ("[data-beside]", "[data-viewer]")):
        at = f"{follower} [data-image]"
        before = still(page, at)
        page.mouse.move(*middle(page, leader))
        page.mouse.wheel(0, -300)
        wait_for_change(page, before, at)
        enlarged = still(page, at)
        page.mouse.down()
        page.mouse.move(*(each + 60 for each in middle(page, leader)), steps=4)
        page.mouse.up()
        wait_for_change(page, enlarged, at)
    page.set_viewport_size({"width": 768, "height": 1024})
    page.wait_for_timeout(300)
    visitor.image("anchors-768")
    page.locator("[data-anchors] button").first.focus()
    page.keyboard.press("Escape")
    assert page.locator("[data-compare]").is_hidden()


def test_full_screen_takes_the_anchors_along(open_scan):
    visitor = open_scan()
    page = visitor.page
    open_first_attribute(page)
    page.keyboard.press("c")
    page.wait_for_selector("[data-beside][data-state=shown]")
    page.keyboard.press("f")
    expect(page.locator("[data-comparing]:fullscreen")).to_have_count(1)
    assert page.locator("[data-beside] canvas").is_visible()
    visitor.image("anchors-full-screen")
    page.keyboard.press("f")
    expect(page.locator(":fullscreen")).to_have_count(0)


def touch(session: CDPSession, kind: str, *points: tuple[float, float]) -> None:
    """Touch the screen with a finger at each point."""
    places = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(points)]
    session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": places})


def test_two_fingers_zoom_and_one_moves_where_no_motion_is_wanted(open_scan):
    page = open_scan(has_touch=True, reduced_motion="reduce").page
    fingers = page.context.new_cdp_session(page)
    before = pixels(page)
    touch(fingers, "touchStart", (300, 400), (400, 400))
    for step in range(1, 6):
        touch(fingers, "touchMove", (300 - 30 * step, 400), (400 + 30 * step, 400))
    touch(fingers, "touchEnd")
    wait_for_zoom(page, "true")
    close = still(page)
    assert close != before
    touch(fingers, "touchStart", (400, 400))
    for step in range(1, 6):
        touch(fingers, "touchMove", (400 - 20 * step, 400))
    touch(fingers, "touchEnd")
    wait_for_change(page, close)


def test_a_finger_places_a_pin_and_draws_a_box(open_scan):
    page = open_scan(has_touch=True).page
    fingers = page.context.new_cdp_session(page)
    open_first_attribute(page)
    page.locator("[data-do=pin]:visible").tap()
    touch(fingers, "touchStart", (300, 400))
    touch(fingers, "touchEnd")
    page.wait_for_selector(".pin-mark")
    page.locator("[data-do=pin]:visible").tap()
    touch(fingers, "touchStart", (350, 300))
    for step in range(1, 6):
        touch(fingers, "touchMove", (350 + 20 * step, 300 + 16 * step))
    touch(fingers, "touchEnd")
    page.wait_for_selector(".boxed .pin-mark")
    assert ["point" in name for name in marks(page)] == [True, False]
    for _ in range(2):
        page.locator(".pin-mark").first.focus()
        page.keyboard.press("Delete")


def test_the_surround_is_one_neutral_grey_in_both_themes_and_screens(page, visitor):
    colours = set()
    for size in SIZES.values():
        for scheme in ("light", "dark"):
            page.set_viewport_size(size)
            page.emulate_media(color_scheme=scheme)
            colours.add(page.evaluate("getComputedStyle(document.querySelector('[data-viewer]')).backgroundColor"))
    assert colours == {"rgb(96, 96, 96)"}, "the campaign's own"


def judge_with_the_keyboard(page: Page) -> None:
    page.wait_for_selector("[data-annotate][data-stage=judging]")
    for key in ("Space", "Control+Enter"):
        page.keyboard.press(key)
    for _ in range(8):
        for key in ("7", "Enter"):
            page.keyboard.press(key)
        page.keyboard.insert_text("A clear thought.")
        page.keyboard.press("Control+Enter")


def colour(page: Page) -> list[int]:
    """Return red, green and blue in the middle of the image."""
    return list(
        page.evaluate(
            """() => {
            const canvas = document.querySelector("[data-image] canvas");
            const at = [canvas.width / 2, canvas.height / 2];
            return [...canvas.getContext("2d").getImageData(...at, 1, 1).data.slice(0, 3)];
        }"""
        )
    )


@pytest.mark.parametrize("misled", [False, True])
def test_the_next_image_is_there_already_and_a_wrong_guess_gives_way(open_scan, misled):
    page = open_scan("colours", misled=misled).page
    wait_until(lambda: page.evaluate(AHEAD), "the images that come next")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/display/" in request.url else None)
    before = colour(page)
    done = page.inner_text("[data-progress]")
    with page.expect_response(lambda response: response.url.endswith("/commit/?next")) as stored:
        judge_with_the_keyboard(page)
    handed = stored.value.json()["next"]["assignment"]["image"]["display"]
    expect(page.locator("[data-progress]")).not_to_have_text(done)
    page.wait_for_selector(SHOWN)
    next_colour = page.evaluate(MIDDLE_OF, handed)
    assert next_colour != pytest.approx(before, abs=2)
    wait_until(lambda: colour(page) == pytest.approx(next_colour, abs=2), "the image that was handed out")
    assert not any(url.endswith(handed) for url in asked), "it was fetched before it was handed out"
