"""How many functions one reads to follow a release from the page to its Parquet file.

Counted is each function of ours that is entered between the request to publish and the first row group written to a
shard, in the rooms that hand the release on: the organiser's pages, the tasks and the actions around releases. Nested
functions belong to the one around them; what other rooms answer (models, agreement, events, dataset) is not followed.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from django.test import Client

from annotation.models import Campaign, Release
from tests.harness.factories import judge
from tests.harness.installation import ROOT
from webapp.accounts.models import User

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick")]

ROOMS = (
    "webapp/organiser/releases/pages.py",
    "webapp/organiser/access.py",
    "webapp/organiser/queueing.py",
    "annotation/tasks/",
    "annotation/actions/releases/",
)
MOST_FUNCTIONS = 40


@contextmanager
def entered(rooms: tuple[str, ...], last: str) -> Iterator[set[str]]:
    """Collect the functions of rooms that are entered until `last`, a function of any room, is."""
    names: set[str] = set()

    def note(frame: FrameType, event: str, argument: Any) -> None:
        code = frame.f_code
        if event == "call" and code.co_qualname == last:
            sys.setprofile(None)
        path = code.co_filename.removeprefix(f"{ROOT}/")
        if event == "call" and path.startswith(rooms) and "<" not in code.co_qualname:
            names.add(f"{path}: {code.co_qualname}")

    sys.setprofile(note)
    try:
        yield names
    finally:
        sys.setprofile(None)


def test_a_release_passes_few_functions_from_the_page_to_the_parquet_file(
    organiser: Client,
    campaign: Campaign,
    alice: User,
    at_once: None,
    settings: Any,
    tmp_path: Path,
    django_capture_on_commit_callbacks: Callable[..., Any],
):
    settings.RELEASES_DIR = str(tmp_path)
    judge(campaign, alice)
    organiser.get("/organiser/")  # Modules are imported by now.
    with (
        entered(ROOMS, "ShardWriter._flush") as names,
        django_capture_on_commit_callbacks(execute=True),
    ):
        organiser.post("/organiser/portraits/releases/", {"version": "0.1.0"})
    assert Release.objects.get().state == Release.State.DONE
    assert len(names) <= MOST_FUNCTIONS, sorted(names)
