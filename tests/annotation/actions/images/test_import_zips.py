"""A zip is read like a folder; a hostile or broken one is refused as a whole."""

from __future__ import annotations

import stat
import struct
import zipfile

import numpy as np
import pytest

from annotation.actions.images.import_images import import_images
from annotation.errors import SourceRefused
from annotation.images import sources
from tests.harness.sources import draw, nothing_is_stored, reasons, write_zip

pytestmark = pytest.mark.django_db


def test_a_zip_is_read_like_a_folder(draft, folder, tmp_path):
    names = ["portrait/a.jpg", "portrait/b.png", "daily_photo/c.webp"]
    junk = {"__MACOSX/portrait/._a.jpg": b"x", ".DS_Store": b"x", "portrait/Thumbs.db": b"x", "portrait/": b""}
    path = write_zip(tmp_path / "in.zip", {name: (folder / name).read_bytes() for name in names} | junk)
    report = import_images(draft, path, by=None)
    assert [item.file for item in report.imported] == sorted(names)
    assert not report.refused


GOOD = {"portrait/good.png": draw(1)}


def link() -> zipfile.ZipInfo:
    info = zipfile.ZipInfo("portrait/link.png")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info


def device() -> zipfile.ZipInfo:
    info = zipfile.ZipInfo("portrait/device.png")
    info.external_attr = (stat.S_IFCHR | 0o600) << 16
    return info


HOSTILE = {
    "a way out": ("../evil.png", "leads out of the zip"),
    "a way out further in": ("portrait/../../evil.png", "leads out of the zip"),
    "a way out by backslashes": ("portrait\\..\\..\\evil.png", "leads out of the zip"),
    "an absolute path": ("/etc/evil.png", "leads out of the zip"),
    "a share": ("\\\\host\\evil.png", "leads out of the zip"),
    "a drive letter": ("C:/evil.png", "leads out of the zip"),
    "a link": (link(), "is a link or device"),
    "a device": (device(), "is a link or device"),
}


@pytest.mark.parametrize(("name", "reason"), HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_zip_is_refused_as_a_whole(draft, tmp_path, media, name, reason):
    path = write_zip(tmp_path / "in.zip", GOOD)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(name, b"/etc/passwd")
    with pytest.raises(SourceRefused, match=reason):
        import_images(draft, path, by=None)
    assert nothing_is_stored(draft, media)


def test_an_encrypted_zip_is_refused_as_a_whole(draft, tmp_path, media):
    path = write_zip(tmp_path / "in.zip", GOOD)
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    with pytest.raises(SourceRefused, match="is encrypted"):
        import_images(draft, path, by=None)
    assert nothing_is_stored(draft, media)


@pytest.mark.parametrize("size", [0, 3, 60])
def test_a_broken_zip_is_refused_as_a_whole(draft, tmp_path, media, size):
    path = write_zip(tmp_path / "in.zip", GOOD)
    path.write_bytes(path.read_bytes()[:size])
    with pytest.raises(SourceRefused, match="is not a readable zip file"):
        import_images(draft, path, by=None)
    assert nothing_is_stored(draft, media)


def test_a_zip_of_too_many_entries_is_refused_as_a_whole(draft, tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "MOST_ENTRIES", 2)
    path = write_zip(tmp_path / "in.zip", {f"portrait/{n}.png": b"" for n in range(3)})
    with pytest.raises(SourceRefused, match="at most 2 entries are accepted, not 3"):
        import_images(draft, path, by=None)


def test_a_bomb_in_a_zip_is_refused_and_the_rest_kept(draft, tmp_path):
    path = write_zip(tmp_path / "in.zip", {"portrait/bomb.png": bytes(20_000_000), **GOOD})
    report = import_images(draft, path, by=None)
    assert "a zip bomb: it unpacks to more than 200 times" in reasons(report)["portrait/bomb.png"]
    assert len(report.imported) == 1


def test_the_size_a_zip_declares_is_not_trusted(draft, tmp_path, settings):
    settings.MAX_IMAGE_BYTES = 50_000
    noise = np.random.default_rng(1).bytes(200_000)
    path = write_zip(tmp_path / "in.zip", {"portrait/large.png": noise, **GOOD})
    data = bytearray(path.read_bytes())
    declared = data.index(b"PK\x01\x02") + 24
    data[declared : declared + 4] = struct.pack("<I", 10)
    path.write_bytes(data)
    report = import_images(draft, path, by=None)
    assert list(reasons(report)) == ["portrait/large.png"]
    assert len(report.imported) == 1


def test_a_damaged_entry_is_refused_and_the_rest_kept(draft, tmp_path):
    path = write_zip(tmp_path / "in.zip", {"portrait/bad.png": draw(2), **GOOD})
    data = bytearray(path.read_bytes())
    data[200] ^= 0xFF
    path.write_bytes(data)
    report = import_images(draft, path, by=None)
    assert "damaged in the zip" in reasons(report)["portrait/bad.png"]
    assert len(report.imported) == 1
