"""Look at a state of a page in each size and theme: take images, find what is too wide or breaks a rule."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, ViewportSize

if TYPE_CHECKING:
    from tests.e2e.conftest import Visitor

SIZES = {
    "1280": ViewportSize(width=1280, height=800),
    "1920": ViewportSize(width=1920, height=1080),
    "768": ViewportSize(width=768, height=1024),
    "3840": ViewportSize(width=3840, height=2160),
}
Theme = Literal["light", "dark"]
View = tuple[str, Theme]  # A size and a theme.
FEW: tuple[View, ...] = (("1280", "light"), ("1920", "dark"))
EVERY: tuple[View, ...] = tuple((size, theme) for size in SIZES for theme in ("light", "dark"))
LANGUAGES = ("en", "zh-hans")
# From 320 pixels' width on, which is a window of 1280 enlarged four times, nothing but tables moves sideways.
NARROW = ViewportSize(width=320, height=640)
TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
# All that a theme can change. The rules on contrast of a higher level are not ours.
COLOURS = ("color-contrast", "link-in-text-block")
# All that a width can change.
LAYOUT = ("target-size", "scrollable-region-focusable")


def views_in(language: str, views: tuple[View, ...]) -> tuple[View, ...]:
    """Return the views in which to look at a page in a language: one in each, unless every one is asked for."""
    return views if views == EVERY else (views[LANGUAGES.index(language)],)


# Put the buttons at the foot below what they stand before, and back.
UNSTICK = "(feet, position) => feet.forEach((foot) => { foot.style.position = position; })"


def violations(page: Page, only: tuple[str, ...] = TAGS) -> list[str]:
    """Return what axe finds against WCAG 2.2 AA and good practice, the size of targets included."""
    # What stands behind them comes out as one scrolls; axe would measure the part that looks out.
    page.eval_on_selector_all(".panel-foot", UNSTICK, "static")
    found = Axe().run(page, options={"runOnly": list(only), "resultTypes": ["violations"]}).response["violations"]
    page.eval_on_selector_all(".panel-foot", UNSTICK, "")
    return [f"{rule['id']}: {node['html'][:150]}" for rule in found for node in rule["nodes"]]


def speak(visitor: Visitor, language: str) -> None:
    """Ask for pages in a language from now on."""
    visitor.page.context.add_cookies([{"name": "django_language", "value": language, "url": visitor.address}])


def too_wide(page: Page) -> int:
    """Return how many pixels of the page one has to move sideways for."""
    return int(page.evaluate("document.documentElement.scrollWidth - window.innerWidth"))


def further_rules(read: set[str], size: str, theme: str) -> tuple[str, ...]:
    """Return what to hold a page to once more, where it was read in these sizes and themes."""
    return COLOURS * (theme not in read) + LAYOUT * (size not in read)


def look(visitor: Visitor, name: str, *, views: tuple[View, ...] = FEW) -> None:
    """Take images of the page as it stands; axe reads it once, then what a further theme or width can change."""
    page = visitor.page
    language = page.get_attribute("html", "lang")
    read: set[str] = set()
    for size, theme in views:
        page.set_viewport_size(SIZES[size])
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        visitor.image(f"{size}-{language}-{theme}/{name}")
        assert too_wide(page) <= 0, f"{name} is too wide at {size} in {language}"
        rules = further_rules(read, size, theme) if read else TAGS
        found = violations(page, rules) if rules else []
        assert found == [], f"{name} at {size} in {language}, {theme}: {found}"
        read |= {size, theme}
    page.set_viewport_size(SIZES["1280"])
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
