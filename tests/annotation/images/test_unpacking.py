"""No entry of a zip takes more memory than was agreed, whatever it was packed by."""

from __future__ import annotations

import random
import tracemalloc
import zipfile
from pathlib import Path

import pytest

from annotation.errors import ImageRefused, SourceRefused
from annotation.images.sources import HIGHEST_RATIO, Source
from annotation.imports.image_sources import open_source

PACKINGS = {"stored": 0, "deflate": 8, "bzip2": 12, "lzma": 14}
MOST = 50 * 1024 * 1024


def zip_with(path: Path, data: bytes, packing: int, name: str = "a.png") -> Path:
    with zipfile.ZipFile(path, "w", packing) as archive:
        archive.writestr(name, data)
    return path


def source_of(path: Path) -> Source:
    return open_source(path).source


def read(path: Path) -> bytes:
    source = source_of(path)
    try:
        return source.read("a.png", MOST)
    finally:
        source.close()


@pytest.mark.parametrize("packing", PACKINGS.values(), ids=PACKINGS)
@pytest.mark.parametrize("size", [0, 1, 70_000, 3_000_000])
def test_what_was_packed_comes_out(tmp_path: Path, packing: int, size: int):
    data = random.Random(7).randbytes(size)
    assert read(zip_with(tmp_path / "in.zip", data, packing)) == data


@pytest.mark.parametrize("packing", [8, 12, 14], ids=["deflate", "bzip2", "lzma"])
def test_a_bomb_is_refused_before_it_has_grown(tmp_path: Path, packing: int):
    path = zip_with(tmp_path / "bomb.zip", bytes(30_000_000), packing)
    tracemalloc.start()
    with pytest.raises(ImageRefused, match=f"more than {HIGHEST_RATIO} times"):
        read(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 15_000_000


@pytest.mark.parametrize("packing", [8, 12, 14], ids=["deflate", "bzip2", "lzma"])
@pytest.mark.parametrize("at", [0.1, 0.5, 0.95])
def test_a_damaged_entry_is_refused(tmp_path: Path, packing: int, at: float):
    data = random.Random(7).randbytes(50_000)
    path = zip_with(tmp_path / "in.zip", data, packing)
    damaged = bytearray(path.read_bytes())
    damaged[40 + int(at * 50_000)] ^= 0xFF
    path.write_bytes(damaged)
    with pytest.raises(ImageRefused, match="damaged in the zip"):
        read(path)


@pytest.mark.parametrize("properties", [b"\x5d\xff\xff\xff\xff", b"\xff\xff\xff\xff\xff", b""], ids=str)
def test_lzma_that_asks_for_gigabytes_or_is_none_is_refused(tmp_path: Path, properties: bytes):
    path = zip_with(tmp_path / "in.zip", b"x" * 100, 14)
    changed = bytearray(path.read_bytes())
    start = changed.index(b"a.png") + len("a.png")
    changed[start + 4 : start + 4 + len(properties)] = properties
    if not properties:
        changed[start + 2 : start + 4] = b"\x00\x00"
    path.write_bytes(changed)
    with pytest.raises(ImageRefused, match="damaged in the zip"):
        read(path)


def test_a_packing_that_python_does_not_know_is_refused_by_its_name(tmp_path: Path):
    path = zip_with(tmp_path / "in.zip", b"x" * 100, 0)
    changed = path.read_bytes().replace(b"\x00\x00\x00\x00", b"\x00\x00\x09\x00", 1)
    central = changed.index(b"PK\x01\x02")
    changed = changed[: central + 10] + b"\x09\x00" + changed[central + 12 :]
    path.write_bytes(changed)
    with pytest.raises(ImageRefused, match="damaged in the zip"):
        read(path)


def test_an_entry_without_a_name_refuses_the_zip(tmp_path: Path):
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as archive:
        info = zipfile.ZipInfo("a")
        info.filename = ""
        archive.writestr(info, b"x")
    with pytest.raises(SourceRefused, match="has no name"):
        source_of(tmp_path / "other.zip")


def test_a_header_of_a_hundred_thousand_columns_is_refused_at_once(tmp_path: Path):
    (tmp_path / "manifest.csv").write_text(",".join(["file"] * 100_000) + "\n")
    with pytest.raises(SourceRefused, match="column 'file' stands twice"):
        open_source(tmp_path / "manifest.csv")
