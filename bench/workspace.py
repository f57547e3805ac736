"""Time the judging page in a real browser: one sitting of twenty images by keyboard, and a scan of 100 megapixels.

The references are those of Label Studio 1.23 with the same form, as measured on a machine of two cores.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from statistics import median
from typing import Any

from .__main__ import Figure

IMAGES = 20
KIB = 1000
SCORES = "45678765"
SET_UP = """
from pathlib import Path
from annotation.actions.images.import_images import import_images
from annotation.actions.campaigns.open_campaign import open_campaign
from annotation.models import ViewingCheck
from tests.harness.factories import make_campaign, make_user
alice = make_user("alice")
ViewingCheck.objects.create(user=alice, screen={{}})
for slug in ("sitting", "scan"):
    campaign = make_campaign(slug, people=(alice,), images=0, opened=False)
    report = import_images(campaign, Path("{folder}") / slug, by=None)
    assert not report.refused, report.refused
    open_campaign(campaign, by=None)
"""
# Notes when an image stands on the screen: the frame after the one it was drawn in.
WATCH = """
window.shownAt = [];
new MutationObserver((changes) => {
  if (changes.some(({ target }) => target.dataset.state === "shown"))
    requestAnimationFrame(() => window.shownAt.push(performance.now()));
}).observe(document, { attributes: true, attributeFilter: ["data-state"], subtree: true });
addEventListener("keydown", (event) => (window.pressedAt = event.timeStamp), true);
"""


def run() -> list[Figure]:
    """Return the figures of the judging page."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415  only this benchmark needs a browser

    from tests.harness.browser import LAUNCH_FLAGS, system_chromium  # noqa: PLC0415
    from tests.harness.installation import installation  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as folder, installation(Path(folder) / "var") as site:
        draw_images(Path(folder))
        site.manage("collectstatic", "--noinput", "--verbosity", "0")
        site.manage("shell", "-c", SET_UP.format(folder=folder))
        with site.serve() as address, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=system_chromium(), args=LAUNCH_FLAGS)
            session = sign_in(browser, address)
            sitting_opens = [cold_open(browser, session, f"{address}/workspace/sitting/") for _ in range(IMAGES)]
            scan_opens = [cold_open(browser, session, f"{address}/workspace/scan/") for _ in range(5)]
            anchor_kilobytes = anchor_script_kilobytes(browser, session, f"{address}/workspace/sitting/")
            waits, presses = judge_all_images(browser, session, f"{address}/workspace/sitting/")
            browser.close()
    sizes = [size for _, size in sitting_opens]
    return [
        Figure("submit to the next image visible", *spread(waits), "ms", 100, "Label Studio 499 - 544 ms"),
        Figure(
            "cold open to the image visible",
            *spread([ms for ms, _ in sitting_opens]),
            "ms",
            None,
            "Label Studio 2,910 ms",
        ),
        Figure("script and style, compressed", *spread(sizes), "kB", 150, "Label Studio 2,080 kB"),
        Figure("... more when anchors are called for", *spread([anchor_kilobytes]), "kB", None, "not loaded before"),
        Figure("100 megapixels, cold open to the whole visible", *spread([ms for ms, _ in scan_opens]), "ms", None, ""),
        Figure("key presses for an image, besides critiques", *spread(presses), "presses, none by mouse", None, ""),
    ]


def spread(values: list[float]) -> tuple[float, float]:
    return median(values), max(values)


def draw_images(folder: Path) -> None:
    """Draw twenty images of 1600 x 1200, and one of 12,000 x 8,400, all unlike each other."""
    import pyvips  # noqa: PLC0415

    def draw(width: int, height: int, path: Path, seed: int) -> None:
        clouds = (pyvips.Image.perlin(width, height, cell_size=width // 8, seed=seed) * 127 + 128).cast("uchar")
        noisy = (clouds + pyvips.Image.gaussnoise(width, height, sigma=6, seed=seed)).cast("uchar")
        path.parent.mkdir(parents=True, exist_ok=True)
        three = noisy.bandjoin([clouds.rot180(), clouds.invert()])
        three.copy(interpretation="srgb").jpegsave(str(path), Q=88)

    for number in range(IMAGES):
        draw(1600, 1200, folder / "sitting" / "sketch" / f"{number:02}.jpg", number)
    draw(12_000, 8_400, folder / "scan" / "sketch" / "scan.jpg", 99)


def sign_in(browser: Any, address: str) -> Any:
    """Return the cookies of a signed-in annotator."""
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(f"{address}/sign-in/")
        page.fill("[name=username]", "alice")
        page.fill("[name=password]", "a long enough word")
        page.keyboard.press("Enter")
        page.wait_for_url(lambda url: "sign-in" not in url)
        return context.storage_state()


def wait_for_images(page: Any, count: int) -> None:
    """Wait until so many images were shown; asked from here, as the page's policy forbids a script that waits."""
    from tests.harness.installation import wait_until  # noqa: PLC0415

    wait_until(lambda: page.evaluate("window.shownAt.length") >= count, f"image {count}")


def cold_open(browser: Any, session: Any, url: str) -> tuple[float, float]:
    """Open a page with nothing cached; return milliseconds until the image is visible, and kB of script and style."""
    with browser.new_context(viewport={"width": 1280, "height": 800}, storage_state=session) as context:
        page = context.new_page()
        page.add_init_script(WATCH)
        page.goto(url)
        wait_for_images(page, 1)
        return page.evaluate("window.shownAt[0]"), loaded_kilobytes(page)


def anchor_script_kilobytes(browser: Any, session: Any, url: str) -> float:
    """Return how many kB of script a page loads when anchor images are called for the first time."""
    with browser.new_context(viewport={"width": 1280, "height": 800}, storage_state=session) as context:
        page = context.new_page()
        page.goto(url)
        page.wait_for_selector("[data-annotate][data-stage=judging]")
        before = loaded_kilobytes(page)
        with page.expect_response(lambda response: "/anchors" in response.url):  # Asked for once the script is there.
            page.keyboard.press("c")
        return loaded_kilobytes(page) - before


def loaded_kilobytes(page: Any) -> float:
    """Return how many kB of script and style a page has loaded, as they came over the line."""
    size: int = page.evaluate(
        """performance.getEntriesByType("resource")
        .filter(({ name }) => /\\.(js|css)$/.test(new URL(name).pathname))
        .reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0)"""
    )
    return size / KIB


def judge_all_images(browser: Any, session: Any, url: str) -> tuple[list[float], list[float]]:
    """Judge every image by keyboard; return the waits for the next image in ms and the key presses for each."""
    with browser.new_context(viewport={"width": 1280, "height": 800}, storage_state=session) as context:
        page = context.new_page()
        page.add_init_script(WATCH)
        page.goto(url)
        waits: list[float] = []
        presses: list[float] = []
        for number in range(1, IMAGES + 1):
            wait_for_images(page, number)
            page.wait_for_selector("[data-annotate][data-stage=judging]")
            presses.append(judge_image(page))
            pressed_at = page.evaluate("window.pressedAt")
            if number < IMAGES:
                wait_for_images(page, number + 1)
                waits.append(page.evaluate("window.shownAt.at(-1)") - pressed_at)
        return waits, presses


def judge_image(page: Any) -> int:
    """Fill in the form and submit it, by keyboard; return how many keys were pressed, critiques left out."""
    keys = ["Space", "Control+Enter"]
    for key in keys:
        page.keyboard.press(key)
    for number, score in enumerate(SCORES, 1):
        for key in (score, "Enter"):
            page.keyboard.press(key)
            keys.append(key)
        page.keyboard.insert_text(f"A clear thought about part {number}, long enough to be one.")
        page.keyboard.press("Control+Enter")
        keys.append("Control+Enter")
    return len(keys)
