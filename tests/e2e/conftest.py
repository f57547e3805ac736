"""Serve a seeded installation as `make demo` does, and open a browser on it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.harness import browser as browsers
from tests.harness.installation import PASSWORD, ROOT, Installation, embedded_installation, wait_until
from tests.harness.views import EVERY, FEW, View

PATIENCE = 90_000  # Milliseconds: a busy machine is no defect.
expect.set_options(timeout=PATIENCE)
SCREENSHOTS = ROOT / "build" / "screenshots"
SIZES = {"1280": {"width": 1280, "height": 800}, "1920": {"width": 1920, "height": 1080}}


@pytest.fixture(scope="package")
def seeded(tmp_path_factory: pytest.TempPathFactory, demo_folder: Path) -> Installation:
    """A copy of the demo of its own."""
    copy = tmp_path_factory.mktemp("installation") / "var"
    shutil.copytree(demo_folder, copy)
    return embedded_installation(copy)


@pytest.fixture(scope="package")
def address(seeded: Installation) -> Iterator[str]:
    """The address the demo is served at."""
    with seeded.serve() as url:
        yield url


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """The one browser of a run, closed with this package: its event loop would keep others from the database."""
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=browsers.system_chromium(), args=browsers.LAUNCH_FLAGS)
        yield launched
        launched.close()


@pytest.fixture
def views(request: pytest.FixtureRequest) -> tuple[View, ...]:
    """The sizes and themes that pages are looked at in: all for `make screenshots`, else two."""
    return EVERY if "soak" in request.config.option.markexpr else FEW


# The cookies of those who signed in, by address and name: checking a password is dear on purpose.
sessions: dict[tuple[str, str], list[Any]] = {}


class Visitor:
    """A person at a browser window; anything the browser complains about fails the test."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address
        self.complaints: list[str] = []
        page.set_default_timeout(PATIENCE)
        page.on("console", lambda message: self.complain(message.type, message.text))
        page.on("pageerror", lambda error: self.complain("error", str(error)))

    def complain(self, kind: str, text: str) -> None:
        if kind == "error" or "Content Security Policy" in text:
            self.complaints.append(text)

    def open(self, path: str) -> None:
        """Go to a page; what comes after it has loaded is for the test to wait for."""
        self.page.goto(f"{self.address}{path}")

    def sign_in(self, name: str) -> None:
        """Sign in by the form the first time, and go on in the same session from then on."""
        if (self.address, name) in sessions:
            self.page.context.add_cookies(sessions[self.address, name])
            return
        self.open("/sign-in/")
        self.page.fill("[name=username]", name)
        self.page.fill("[name=password]", PASSWORD)
        self.page.keyboard.press("Enter")
        self.page.wait_for_url(lambda url: "sign-in" not in url)
        cookies = self.page.context.cookies(self.address)
        sessions[self.address, name] = [cookie for cookie in cookies if cookie["name"] == "sessionid"]

    def image(self, name: str, *, whole: bool = False) -> Path:
        path = SCREENSHOTS / f"{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=path, full_page=whole)
        return path


KEPT = """async () => {
  const done = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const database = await done(indexedDB.open("connoisseur", 1));
  const copies = await done(database.transaction("drafts").objectStore("drafts").getAll());
  database.close();
  return JSON.stringify(copies);
}"""


def wait_until_kept(page: Page, words: str) -> None:
    """Wait until the browser keeps a draft with these words: on a busy machine that takes a while."""
    wait_until(lambda: words in page.evaluate(KEPT), f"{words!r} to be kept in the browser")


@pytest.fixture
def visitor(chromium: Browser, address: str) -> Iterator[Visitor]:
    """Somebody at a fresh window of 1280 by 800."""
    with chromium.new_context(viewport={"width": 1280, "height": 800}, color_scheme="light") as context:
        visitor = Visitor(context.new_page(), address)
        yield visitor
        assert visitor.complaints == []
