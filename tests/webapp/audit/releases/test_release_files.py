"""The files of a release, one by one and as a zip."""

from __future__ import annotations

import io
import shutil
import tempfile
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from annotation.dataset.read.place import kept_folder
from annotation.models import Release
from tests.webapp.audit.reading import read

pytestmark = pytest.mark.django_db


def test_a_release_lists_its_files_with_their_sizes(auditor: Client, release: Release):
    page = read(auditor, "/releases/portraits/0.1.0/")
    assert 'data/train.parquet</a></th><td class="number">400 bytes</td>' in page
    assert "3 files" in page
    assert "link" not in page.partition("<table")[2]


def test_the_zip_holds_all_files_as_they_are(auditor: Client, release: Release):
    answer = auditor.get("/releases/portraits/0.1.0/download/")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="portraits-0.1.0.zip"'
    content = b"".join(answer)
    assert int(answer.headers["Content-Length"]) == len(content)
    with zipfile.ZipFile(io.BytesIO(content)) as bundle:
        assert bundle.testzip() is None
        assert bundle.read("portraits-0.1.0/data/train.parquet") == b"PAR1" * 100
        assert len(bundle.namelist()) == 3
        assert {entry.compress_type for entry in bundle.infolist()} == {zipfile.ZIP_STORED}


def test_the_zip_is_sent_while_it_is_read(auditor: Client, release: Release, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(tempfile, "tempdir", "/nowhere")
    mebibyte = 1 << 20
    with (Path(release.folder) / "data" / "test.parquet").open("wb") as file:
        file.truncate(64 * mebibyte)
    answer = auditor.get("/releases/portraits/0.1.0/download/")
    tracemalloc.start()
    try:
        length = sum(map(len, answer))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert 64 * mebibyte < length == int(answer.headers["Content-Length"])
    assert peak < 2 * mebibyte


def test_one_file_can_be_downloaded(auditor: Client, release: Release):
    answer = auditor.get("/releases/portraits/0.1.0/files/data/train.parquet")
    assert b"".join(answer) == b"PAR1" * 100


@pytest.mark.parametrize("path", ["../secret", "data/../../secret", "%2e%2e/secret", "/etc/passwd", "link", "data", ""])
def test_nothing_beside_the_release_can_be_reached(auditor: Client, release: Release, path: str):
    assert auditor.get(f"/releases/portraits/0.1.0/files/{path}").status_code == 404


@pytest.mark.parametrize("state", ["building", "failed"])
def test_a_release_that_is_not_finished_has_no_files(auditor: Client, release: Release, state: str):
    Release.objects.update(state=state)
    assert auditor.get("/releases/portraits/0.1.0/").status_code == 404
    assert "0.1.0" in read(auditor, "/audit/portraits/releases/")


@pytest.mark.parametrize("folder", ["", "gone", "/nowhere/gone"])
def test_a_release_whose_folder_is_missing_says_so_and_shows_nothing_of_the_server(
    auditor: Client, release: Release, folder: str
):
    Release.objects.update(folder=folder)
    page = read(auditor, "/releases/portraits/0.1.0/")
    assert "The files are not there." in page
    assert "download" not in page
    assert "nowhere" not in page
    for address in ("download/", "files/README.md"):
        for language, words in (("en", "below RELEASES_DIR, from a backup"), ("zh-hans", "放到 RELEASES_DIR 之下")):
            answer = auditor.get(f"/releases/portraits/0.1.0/{address}", headers={"Accept-Language": language})
            assert answer.status_code == 404
            assert words in answer.content.decode()
            assert "nowhere" not in answer.content.decode()


def test_another_release_in_the_place_of_one_is_not_handed_out_for_it(auditor: Client, release: Release):
    (release.path / "MANIFEST.sha256").write_text("others")
    assert "The files are not there." in read(auditor, "/releases/portraits/0.1.0/")
    assert auditor.get("/releases/portraits/0.1.0/files/README.md").status_code == 404


def test_a_copy_of_the_installation_serves_its_own_files_and_never_those_it_was_copied_from(
    auditor: Client, release: Release, tmp_path: Path, settings: Any
):
    settings.RELEASES_DIR = tmp_path
    Release.objects.update(folder=kept_folder(release.path, tmp_path))
    shutil.copytree(tmp_path / "0.1.0", tmp_path / "copy" / "0.1.0", symlinks=True)
    (tmp_path / "0.1.0" / "README.md").write_text("the other installation's")
    settings.RELEASES_DIR = tmp_path / "copy"
    assert b"".join(auditor.get("/releases/portraits/0.1.0/files/README.md")) == b"card"
    shutil.rmtree(tmp_path / "copy" / "0.1.0")
    assert auditor.get("/releases/portraits/0.1.0/files/README.md").status_code == 404


def test_a_release_written_elsewhere_is_found_when_it_was_brought_to_the_others(
    auditor: Client, release: Release, settings: Any, tmp_path: Path
):
    settings.RELEASES_DIR = tmp_path / "releases"
    settings.RELEASES_DIR.mkdir()
    release.path.rename(settings.RELEASES_DIR / "0.1.0")
    assert b"".join(auditor.get("/releases/portraits/0.1.0/files/README.md")) == b"card"


def test_an_auditor_is_offered_no_change(auditor: Client, release: Release):
    for page in ("/audit/", "/audit/portraits/agreement/", "/audit/portraits/releases/", "/releases/portraits/0.1.0/"):
        assert "/organiser/" not in read(auditor, page)
