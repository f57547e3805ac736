"""Where the folder of a release lies, and is found again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from annotation.actions.releases.publish_release import publish_release
from annotation.actions.releases.send_release import pack_release
from annotation.models import Campaign, Release
from tests.harness.factories import judge, make_campaign
from webapp.accounts.models import User

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick")]


@pytest.fixture
def judged(alice: User) -> Campaign:
    campaign = make_campaign(people=(alice,), images=1, annotations_per_image=1)
    judge(campaign, alice)
    return campaign


def test_the_folder_of_all_releases_can_be_moved_and_the_next_one_follows_on(
    judged: Campaign, settings: Any, tmp_path: Path
):
    settings.RELEASES_DIR = tmp_path / "var" / "releases"
    publish_release(judged, "1.0.0", out=settings.RELEASES_DIR, by=None)
    (tmp_path / "var").rename(tmp_path / "restored")
    settings.RELEASES_DIR = tmp_path / "restored" / "releases"
    release = Release.objects.get()
    assert (release.folder, release.path) == ("portraits-1.0.0", settings.RELEASES_DIR / "portraits-1.0.0")
    assert pack_release(release).manifest_sha256 == release.manifest_hash
    publish_release(judged, "1.0.1", out=settings.RELEASES_DIR, by=None)


def test_a_release_written_elsewhere_keeps_its_whole_path(judged: Campaign, tmp_path: Path):
    release = publish_release(judged, "1.0.0", out=tmp_path / "elsewhere", by=None)
    assert release.folder == str(tmp_path / "elsewhere" / "portraits-1.0.0")
    assert release.has_files
