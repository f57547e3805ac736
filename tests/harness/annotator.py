"""Be an annotator at work, as a process that can be killed: judge over HTTP until nothing is left.

`python -m tests.harness.annotator ADDRESS SLUG NAME PASSWORD LOG` appends the image of every acknowledged answer to
LOG, one line each, right after the server's answer came. Connection errors and 5xx answers are tried again.
"""

from __future__ import annotations

import http.cookiejar
import json
import random
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from pathlib import Path
from typing import Any

PATIENCE = 240


class RequestRefused(Exception):
    """Say that the server understood a request and refused it."""


class Annotator:
    """Talk to the server as the judging page does."""

    def __init__(self, address: str, name: str, password: str) -> None:
        self.address, self.name, self.password = address, name, password
        self.cookies = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies))

    def sign_in(self) -> None:
        """Sign in through the page, from the start again when an answer was lost and the token with it."""
        for _ in range(PATIENCE):
            self.send("/sign-in/")
            form = {"username": self.name, "password": self.password, "csrfmiddlewaretoken": self.token()}
            try:
                self.send("/sign-in/", urllib.parse.urlencode(form).encode(), "application/x-www-form-urlencoded")
            except RequestRefused:
                continue
            return

    def token(self) -> str:
        """Return the CSRF token."""
        return next((str(cookie.value) for cookie in self.cookies if cookie.name == "csrftoken"), "")

    def call(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Post JSON and return the JSON answer."""
        content: dict[str, Any] = json.loads(
            self.send(f"/api/v1/{path}", json.dumps(body).encode(), "application/json")
        )
        return content

    def send(self, path: str, data: bytes | None = None, kind: str = "") -> bytes:
        """Send a request, again and again while the server cannot be reached or has trouble."""
        for _ in range(PATIENCE):
            headers = {"X-CSRFToken": self.token(), "Referer": self.address}
            if kind:
                headers["Content-Type"] = kind
            request = urllib.request.Request(self.address + path, data=data, headers=headers)
            try:
                with self.opener.open(request, timeout=60) as response:
                    return bytes(response.read())
            except urllib.error.HTTPError as error:
                text = error.read().decode()
                if error.code < 500:
                    raise RequestRefused(f"{path}: {error.code} {text}") from error
                if "locked" in text:
                    sys.exit(f"{path}: a lock reached a person: {text}")
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                pass
            time.sleep(0.25)
        sys.exit(f"{path}: gave up")


def make_content_for(attributes: list[str], rubric_version: int) -> dict[str, Any]:
    """Return some answer."""
    return {
        "key": str(uuid.uuid4()),
        "rubric_version": rubric_version,
        "subcategory": "portrait",
        "judgements": {
            key: {"score": random.randrange(21) / 2, "critique": f"Words of a process on {key}."} for key in attributes
        },
    }


def work(annotator: Annotator, slug: str, attributes: list[str], log: Path) -> None:
    """Judge until nothing is left; wait while others hold what is left."""
    while True:
        reply = annotator.call(f"campaigns/{slug}/next/", {})
        assignment = reply["assignment"]
        if assignment is None:
            if reply["reason"] == "done":
                return
            time.sleep(0.3)
            continue
        commit = annotator.call(f"assignments/{assignment['id']}/commit/", make_content_for(attributes, 1))
        with log.open("a") as file:
            file.write(f"{commit['assignment']['id']}\n")


def main(address: str, slug: str, name: str, password: str, log: str, *attributes: str) -> None:
    """Sign in and work."""
    annotator = Annotator(address, name, password)
    try:
        annotator.sign_in()
        work(annotator, slug, list(attributes), Path(log))
    except RequestRefused as refusal:
        sys.exit(str(refusal))


if __name__ == "__main__":
    main(*sys.argv[1:])
