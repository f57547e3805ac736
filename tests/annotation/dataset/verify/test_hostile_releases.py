"""Whatever a stranger puts into a release, checking it ends soon, and in sentences."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from annotation.dataset.format import manifest
from annotation.dataset.read.unpack import unpack
from annotation.dataset.verify.verify import verify
from annotation.errors import ReleaseUnreadable

SHARD = "data/train-00000-of-00001.parquet"
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
