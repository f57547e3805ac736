"""Whatever a stranger puts into a release, checking it ends soon, and in sentences."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.core.management import CommandError, call_command

from annotation.dataset.format import manifest
from annotation.dataset.read.diff import diff
from annotation.dataset.read.unpack import unpack
from annotation.dataset.verify.verify import verify
from annotation.errors import ReleaseUnreadable

SHARD = "data/train-00000-of-00001.parquet"
SECOND_SHARD = "data/train-00001-of-00002.parquet"
DEEP_JSON = "[" * 100_000
TRAINING = "formats/llava/critiques-train.jsonl"


@pytest.fixture
def release(sample_release, tmp_path):
    return Path(shutil.copytree(sample_release, tmp_path / "release"))


def text(name: str, content: str) -> Callable[[Path], object]:
    return lambda release: (release / name).write_text(content)


def in_record(**fields: object) -> Callable[[Path], object]:
    def change(release: Path) -> None:
        record = json.loads((release / "release.json").read_text())
        (release / "release.json").write_text(json.dumps(record | fields))

    return change


def without_rows(release: Path) -> None:
    for path in (release / "data").glob("*.parquet"):
        pq.write_table(pq.read_table(path).slice(0, 0), path)


def deep_lines(release: Path) -> None:
    path = next(release.glob("formats/*/*.jsonl"))
    path.write_text(DEEP_JSON + "\n")


def folder_is_a_link(release: Path) -> None:
    (release / "data").rename(release.parent / "elsewhere")
    (release / "data").symlink_to(release.parent / "elsewhere")


def nested(levels: int) -> object:
    """Return a list of lists that makes a record of so many levels."""
    content: object = 1
    for _level in range(levels - 1):
        content = [content]
    return content


HOSTILE: dict[str, tuple[Callable[[Path], object], str]] = {
    "a deep record": (text("release.json", DEEP_JSON), "release.json: cannot be read"),
    "a deep rubric": (text("rubric.json", DEEP_JSON), "rubric.json: cannot be read"),
    "a deep training file": (deep_lines, "jsonl: cannot be read"),
    "a deep card": (text("README.md", f"---\n{'[' * 100_000}\n---\n"), "README.md: its metadata cannot be read"),
    "a nested card": (text("README.md", f"---\n{'- ' * 100_000}\n---\n"), "README.md: its metadata cannot be read"),
    "a long card": (text("README.md", "---\n" + "- a\n" * 1_500_000 + "---\n"), "at most 300,000 characters"),
    "a card of aliases": (text("README.md", "---\na: &a [1]\nb: [*a, *a]\n---\n"), "aliases"),
    "no rows": (without_rows, "no row of it can be read"),
    "no shards": (lambda release: shutil.rmtree(release / "data"), "no row of it can be read"),
    "a record of other types": (in_record(agreement={"attributes": 5}, withdrawn=[5], held=[[]]), "release.json"),
    "no record": (text("release.json", "[]"), "a JSON object is accepted"),
    "an empty shard": (text(SHARD, ""), f"{SHARD}: cannot be read"),
    "half a character": (in_record(format="\ud800"), "release.json: cannot be read"),
}


@pytest.mark.parametrize(("change", "words"), HOSTILE.values(), ids=HOSTILE)
def test_what_a_stranger_made_up_is_told_in_a_sentence(release: Path, change: Callable[[Path], object], words: str):
    change(release)
    manifest.write(release)
    result = verify(release)
    assert any(words in finding for finding in result.findings), result.findings
    assert not result.holds


@pytest.mark.parametrize("name", ["README.md", "release.json", "rubric.json", "LICENSES.csv", SHARD, "NEW.md"])
@pytest.mark.parametrize("kind", ["a pipe", "a device"])
def test_what_never_ends_is_not_read(release: Path, name: str, kind: str):
    (release / name).unlink(missing_ok=True)
    if kind == "a pipe":
        os.mkfifo(release / name)
    else:
        (release / name).symlink_to("/dev/zero")
    findings = verify(release).findings
    assert f"{name}: is not a file; nothing in this folder was read" in findings


def columns_lack_the_image(release: Path) -> None:
    for path in (release / "data").glob("*.parquet"):
        pq.write_table(pq.read_table(path).drop_columns(["image"]), path)


def one_shard_lacks_a_column(release: Path) -> None:
    rows = pq.read_table(release / SHARD)
    pq.write_table(rows.slice(0, 1), release / SHARD)
    pq.write_table(rows.slice(1).drop_columns(["title"]), release / SECOND_SHARD)


def an_image_stands_twice(release: Path) -> None:
    shutil.copy(release / SHARD, release / SECOND_SHARD)


def name_is_no_hash(release: Path) -> None:
    rows = pq.read_table(release / SHARD)
    names = pa.array(["\x1b[2J"] * len(rows))
    pq.write_table(rows.set_column(rows.column_names.index("sha256"), "sha256", names), release / SHARD)


NOT_COMPARED: dict[str, tuple[Callable[[Path], object], str]] = {
    "a deep record": (text("release.json", DEEP_JSON), "release.json: cannot be read"),
    "a record just too deep": (in_record(agreement=nested(101)), "at most 100 levels of lists and objects"),
    "half a character": (in_record(raters="\ud800"), "release.json: cannot be read"),
    "an infinite number": (text("release.json", '{"images": 1e999}'), "release.json: cannot be read"),
    "no record": (text("release.json", "[]"), "a JSON object is accepted, not list"),
    "no shards": (lambda release: shutil.rmtree(release / "data"), "holds no data"),
    "an empty shard": (text(SHARD, ""), "cannot be compared"),
    "no images": (columns_lack_the_image, "cannot be compared"),
    "shards of different columns": (one_shard_lacks_a_column, "cannot be compared"),
    "names that are no hashes": (name_is_no_hash, "row 1: sha256: a SHA-256 is accepted, not '\\x1b[2J'"),
    "an image twice": (an_image_stands_twice, "row 1: sha256: rows in the order of it are accepted"),
    "a folder that is a link": (folder_is_a_link, "data: is not a file"),
}


@pytest.mark.parametrize(("change", "words"), NOT_COMPARED.values(), ids=NOT_COMPARED)
@pytest.mark.parametrize("place", ["old", "new"])
def test_what_cannot_be_compared_is_told_in_a_sentence(
    release: Path, sample_release: Path, change: Callable[[Path], object], words: str, place: str
):
    change(release)
    folders = (release, sample_release) if place == "old" else (sample_release, release)
    with pytest.raises(CommandError, match=re.escape(words)):
        call_command("diff_releases", *map(str, folders), json=True)


@pytest.mark.parametrize("levels", [90, 99])
def test_a_record_of_some_levels_is_compared(release: Path, sample_release: Path, levels: int):
    in_record(agreement=nested(levels))(release)
    out = StringIO()
    call_command("diff_releases", str(sample_release), str(release), json=True, stdout=out)
    assert json.loads(out.getvalue())["level"] == "patch"


@pytest.mark.parametrize("name", ["release.json", SHARD, "NEW.md"])
@pytest.mark.parametrize("kind", ["a pipe", "a device"])
def test_what_never_ends_is_neither_compared_nor_unpacked(release: Path, sample_release: Path, name: str, kind: str):
    (release / name).unlink(missing_ok=True)
    if kind == "a pipe":
        os.mkfifo(release / name)
    else:
        (release / name).symlink_to("/dev/zero")
    for folders in ((release, sample_release), (sample_release, release)):
        with pytest.raises(ReleaseUnreadable, match=f"{name}: is not a file"):
            diff(*folders)
    with pytest.raises(ReleaseUnreadable, match=f"{name}: is not a file"):
        unpack(release, release)


def test_a_pipe_behind_a_link_to_a_folder_is_not_read(release: Path):
    folder_is_a_link(release)
    os.mkfifo(release / SECOND_SHARD)
    assert "data: is not a file; nothing in this folder was read" in verify(release).findings


def test_a_manifest_that_is_a_pipe_is_none(tmp_path: Path):
    os.mkfifo(tmp_path / manifest.NAME)
    [finding] = verify(tmp_path).findings
    assert "so it is not a release" in finding


def test_nothing_is_made_behind_a_link_that_lies_where_images_are_unpacked(release: Path, tmp_path: Path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "images").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ReleaseUnreadable, match="leads out of"):
        unpack(release, tmp_path / "out")
    assert list((tmp_path / "elsewhere").iterdir()) == []
