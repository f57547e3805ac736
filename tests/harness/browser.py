"""Find a browser for the tests: the system's Chromium, else Debian's package, else Playwright's own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

from . import packages

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHINESE_FONT = "fonts-noto-cjk"
LAUNCH_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def system_chromium() -> str | None:
    """Return the path of the system's Chromium; None lets Playwright launch its own."""
    command = os.environ.get("CHROMIUM")
    names = (command,) if command else NAMES
    return next(filter(None, map(shutil.which, names)), None)


def executable() -> str | None:
    """Return the path of a Chromium that is there, None when there is none."""
    return system_chromium() or (None if os.environ.get("CHROMIUM") else _playwrights_own())


def ensure() -> str | None:
    """Return the path of a Chromium, installing one where it is missing."""
    path = executable()
    if path is None and os.environ.get("CHROMIUM"):
        return None  # Whoever named one wants that one.
    if path is None and packages.may_install():
        packages.install(("chromium",))
        path = executable()
    if path is None:
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)
        path = executable()
    if not has_chinese_font() and packages.may_install():
        packages.install((CHINESE_FONT,))
    return path


def has_chinese_font() -> bool:
    """Tell whether some installed font has Chinese characters; where that cannot be asked, assume so."""
    if shutil.which("fc-list") is None:
        return True
    process = subprocess.run(["fc-list", ":lang=zh"], capture_output=True, text=True, check=False)
    return bool(process.stdout.strip())


def _playwrights_own() -> str | None:
    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


if __name__ == "__main__":
    chromium = ensure()
    if chromium is None:
        sys.exit("no browser: install Chromium, or let CHROMIUM name a program that is there")
    print(f"Browser: {chromium}")
    if not has_chinese_font():
        print(f"No font has Chinese characters; install {CHINESE_FONT} to see them in the screenshots")
