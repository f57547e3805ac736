"""The files of a release, one by one and as a zip."""

from __future__ import annotations

import io
import tempfile
import tracemalloc
import zipfile
from pathlib import Path

import pytest
from django.test import Client

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


def test_a_release_without_folder_shows_nothing_of_the_server(auditor: Client, release: Release):
    Release.objects.update(folder="")
    assert "0 files" in read(auditor, "/releases/portraits/0.1.0/")


def test_an_auditor_is_offered_no_change(auditor: Client, release: Release):
    for page in ("/audit/", "/audit/portraits/agreement/", "/audit/portraits/releases/", "/releases/portraits/0.1.0/"):
        assert "/organiser/" not in read(auditor, page)
