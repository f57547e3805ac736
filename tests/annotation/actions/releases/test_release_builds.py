"""Builds that fail, are killed, meet or are helped with: no folder is half done."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from annotation.actions.agreement.measure_agreement import measure_agreement
from annotation.actions.images.add_to_campaign import add_images
from annotation.actions.releases.build_release import build_release, help_to_build
from annotation.actions.releases.publish_release import publish_release
from annotation.dataset.format.frozen import Scope
from annotation.dataset.verify.verify import verify
from annotation.dataset.write.parts import build_folder
from annotation.errors import ReleaseRefused
from annotation.models import Event, Image, Release, Report
from tests.harness.factories import (
    judge,
    make_campaign,
    make_image,
    make_release,
)
from tests.harness.published import NOON, files_of, judge_all

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick")]


def test_a_folder_that_is_there_is_never_touched(annotated, tmp_path):
    (tmp_path / "portraits-1.0.0").mkdir()
    with pytest.raises(ReleaseRefused, match="is there already"):
        publish_release(annotated, "1.0.0", out=tmp_path, by=None)
    assert list((tmp_path / "portraits-1.0.0").iterdir()) == []


def test_a_folder_that_cannot_be_written_is_refused(annotated, tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(ReleaseRefused, match="cannot be written to"):
        publish_release(annotated, "1.0.0", out=tmp_path / "file", by=None)


@pytest.mark.engine
def test_a_build_that_fails_leaves_no_folder_and_says_why(annotated, tmp_path):
    image = Image.objects.order_by("sha256").last()
    Path(image.stripped.path).write_bytes(b"rotten")
    with pytest.raises(ReleaseRefused, match="has changed since it was imported"):
        publish_release(annotated, "1.0.0", out=tmp_path, by=None)
    assert list(tmp_path.glob("*portraits*")) == []
    release = Release.objects.get()
    assert release.state == Release.State.FAILED
    assert image.sha256 in release.error
    assert not Event.objects.filter(verb="release.published").exists()


@pytest.mark.engine
def test_after_a_failed_build_the_same_version_can_be_published(annotated, tmp_path):
    image = Image.objects.first()
    whole = Path(image.stripped.path).read_bytes()
    Path(image.stripped.path).unlink()
    with pytest.raises(ReleaseRefused, match="cannot be read"):
        publish_release(annotated, "1.0.0", out=tmp_path, by=None)
    Path(image.stripped.path).write_bytes(whole)
    assert publish_release(annotated, "1.0.0", out=tmp_path, by=None).state == Release.State.DONE


@pytest.mark.engine
def test_what_a_killed_build_left_is_cleared_away_by_the_next(annotated, tmp_path):
    build_folder = tmp_path / ".portraits-1.0.0.unfinished"
    (build_folder / "data").mkdir(parents=True)
    (build_folder / "README.md").write_text("half")
    other = Scope(doi="10.5281/zenodo.1")
    old_release = make_release(annotated, "1.0.0", other, folder=str(tmp_path / "portraits-1.0.0"))
    release = publish_release(annotated, "1.0.0", out=tmp_path, by=None)
    assert verify(Path(release.folder)).findings == []
    assert list(tmp_path.glob("*portraits*")) == [Path(release.folder)]
    old_release.refresh_from_db()
    assert (old_release.state, old_release.error) == (Release.State.FAILED, "its build was stopped")


@pytest.mark.engine
def test_a_killed_build_goes_on_with_what_was_frozen_and_the_parts_that_were_done(
    open_still, carol, tmp_path, settings
):
    settings.RELEASE_PART_IMAGES = 4
    whole = publish_release(open_still, "1.0.0", out=tmp_path / "whole", by=None, released_at=NOON)
    kept = files_of(whole)
    Release.objects.all().update(state=Release.State.FAILED)

    class Killed(BaseException):
        pass

    def kill(done, total):
        if done == 2:
            raise Killed

    with pytest.raises(Killed):
        publish_release(open_still, "1.0.0", out=tmp_path, by=None, released_at=NOON, on_progress=kill)
    stopped = Release.objects.get(state=Release.State.BUILDING)
    assert (stopped.parts, stopped.parts_done) == (5, 2)
    judge(open_still, carol)
    done = tmp_path / ".portraits-1.0.0.unfinished/parts/train-00000/part.json"
    before = done.stat().st_mtime_ns
    told = []

    def tell(done_now, total):
        told.append((done_now, done.stat().st_mtime_ns if done.exists() else 0))

    release = publish_release(open_still, "1.0.0", out=tmp_path, by=None, on_progress=tell)
    assert release == stopped
    assert told[0] == (2, before), "the parts that were done are kept"
    assert Event.objects.filter(verb="release.frozen").count() == 2, "that of the whole one, and that of the killed one"
    assert verify(Path(release.folder)).findings == []
    again = files_of(release)
    assert again.keys() == kept.keys()
    # They state the head of the chain of events.
    differ = {"release.json", "PROTOCOL.md", "README.md", "croissant.json", "MANIFEST.sha256"}
    assert {name for name in kept if again[name] != kept[name]} <= differ


@pytest.mark.engine
def test_others_can_help_with_a_build_and_the_bytes_are_the_same(judged_campaign, tmp_path, settings):
    settings.RELEASE_PART_IMAGES = 3
    helped = []

    def help_first(release):
        help_to_build(release.pk, build_folder(Path(release.folder)))
        helped.append(release.pk)

    release = publish_release(judged_campaign, "1.0.0", out=tmp_path, by=None, on_start=help_first)
    assert helped == [release.pk]
    (tmp_path / "again").mkdir()
    assert build_release(release, tmp_path / "again").manifest_sha256 == release.manifest_hash
    help_to_build(release.pk, build_folder(Path(release.folder)))
    assert not build_folder(Path(release.folder)).exists(), "a helper that comes too late leaves nothing behind"


LOCK = """
import fcntl, os, sys
handle = os.open(sys.argv[1], os.O_RDONLY)
fcntl.flock(handle, fcntl.LOCK_EX)
print("locked", flush=True)
sys.stdin.read()
"""


@pytest.mark.engine
def test_two_builds_of_one_version_do_not_meet(annotated, tmp_path):
    unfinished = tmp_path / ".portraits-1.0.0.unfinished"
    unfinished.mkdir()
    (unfinished / "README.md").write_text("half")
    with subprocess.Popen(
        [sys.executable, "-c", LOCK, unfinished], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout.readline() == b"locked\n"
        with pytest.raises(ReleaseRefused, match="is being built right now"):
            publish_release(annotated, "1.0.0", out=tmp_path, by=None)
        assert (unfinished / "README.md").exists()
        os.kill(other.pid, signal.SIGKILL)
        other.wait()
    assert publish_release(annotated, "1.0.0", out=tmp_path, by=None).state == Release.State.DONE


@pytest.mark.engine
def test_the_newest_report_is_taken_and_a_new_one_made_when_answers_came_since(alice, bob, tmp_path):
    campaign = make_campaign(people=(alice, bob), images=2)
    judge(campaign, alice)
    first = publish_release(campaign, "0.1.0", out=tmp_path, by=None)
    assert Report.objects.count() == 1
    assert publish_release(campaign, "0.2.0", out=tmp_path, by=None).report == first.report
    judge(campaign, bob)
    assert publish_release(campaign, "1.0.0", out=tmp_path, by=None).report.pk > first.report.pk
    assert Report.objects.count() == 2


@pytest.mark.engine
def test_the_number_of_queries_does_not_grow_with_the_images(judged_campaign, alice, olga, tmp_path):
    measure_agreement(judged_campaign, by=None, replicates=10)
    with CaptureQueriesContext(
        connection,
    ) as few:
        publish_release(judged_campaign, "0.1.0", out=tmp_path, by=olga)
    add_images(judged_campaign, [make_image() for _ in range(40)], by=olga)
    judge_all(judged_campaign, alice, 6)
    measure_agreement(judged_campaign, by=None, replicates=10)
    with CaptureQueriesContext(connection) as many:
        publish_release(judged_campaign, "0.2.0", out=tmp_path, by=olga)
    assert len(many) <= len(few) + 3, [query["sql"][:150] for query in many]


@pytest.mark.parametrize("number", ["0", "-1", "two", "１"])
def test_as_many_processes_as_none_are_refused(annotated, tmp_path, number):
    with pytest.raises(CommandError, match="a whole number from 1 on is accepted"):
        call_command("release", "portraits", "0.1.0", f"--processes={number}", out=str(tmp_path))
