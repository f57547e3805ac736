"""Write the folder of a release, every file of it, from facts and records."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from annotation.errors import ReleaseRefused
from annotation.rubric import Rubric, parse

from . import croissant, manifest, versions
from .canonical import page, rounded
from .card import card
from .columns import main_columns
from .diff import Difference, compare
from .documents import changelog, datasheet, leakage, protocol
from .facts import ReleaseFacts
from .leakage import MOST_BITS, Benchmark, Fingerprints, Leaks
from .licences import LicenceWriter
from .parquet import ROW_GROUP_IMAGES, ROW_GROUP_ROWS, SHARD_BYTES, ShardWriter
from .records import ImageRecord
from .reliability import write_reliability
from .splits import SPLITS, TENTHS
from .tally import Tally
from .training import TrainingWriter
from .views import VIEWS
from .withdrawn import write_withdrawn

FORMAT = 2
RECORD, RUBRIC, CARD = "release.json", "rubric.json", "README.md"
CHANGELOG, RECOMPUTE = "CHANGELOG.md", "recompute.py"


@dataclass(frozen=True)
class Written:
    """Hold the hashes of a written release: of its manifest, which is its identity, and of its rows."""

    manifest_sha256: str
    content_sha256: str


def write_release(
    folder: Path,
    facts: ReleaseFacts,
    records: Iterable[ImageRecord],
    *,
    previous: Path | None = None,
    benchmarks: Iterable[Benchmark] = (),
    shard_bytes: int = SHARD_BYTES,
) -> Written:
    """Write a release into an empty folder and return its hashes.

    `records` come split by split, in each by `sha256`; they are taken one at a time, so that memory does not grow
    with the pictures. `previous` is the folder of the release before. Raise ValueError when records are out of order,
    ReleaseRefused when a picture is unusable or the version does not fit what changed, ReleaseUnreadable when the
    release before cannot be read.
    """
    rubric = parse(facts.rubric)
    tally, fingerprints = Tally(), Fingerprints()
    with LicenceWriter(folder) as licences, TrainingWriter(folder, facts, rubric) as training:
        for split, of_split in groupby(_in_order(records), key=lambda record: record.split):
            with _SplitWriter(folder, split, rubric, shard_bytes) as writer:
                for record in of_split:
                    row = record.row(rubric)
                    writer.add(record, row)
                    tally.add(row)
                    licences.add(row)
                    fingerprints.add(row)
                    training.add(row, record.file_name)
    leaks = fingerprints.across_splits()
    stated = record_of(facts, tally, leaks)
    found = _compare(previous, folder, facts, stated)
    overlaps = {benchmark.title: fingerprints.overlap(benchmark) for benchmark in benchmarks}
    tables = (item for item in manifest.files_below(folder).items() if item[0].endswith(".parquet"))
    hashes = {name: manifest.sha256_of(path) for name, path in tables}
    earlier = (previous / CHANGELOG).read_text(encoding="utf-8") if previous else ""
    pages = {
        RUBRIC: page(facts.rubric),
        RECORD: page(stated),
        CARD: card(facts, rubric, tally),
        "PROTOCOL.md": protocol(facts, rubric, tally),
        "DATASHEET.md": datasheet(facts, rubric, tally),
        "LEAKAGE.md": leakage(facts, leaks, overlaps),
        CHANGELOG: changelog(facts, found, earlier),
        "diff.json": page(found.to_json() if found else None),
        croissant.NAME: page(croissant.croissant(facts, rubric, tally, hashes)),
        RECOMPUTE: Path(__file__).with_name(RECOMPUTE).read_text(encoding="utf-8"),
    }
    for name, text in pages.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    write_reliability(folder, facts.agreement)
    write_withdrawn(folder, facts.withdrawn)
    return Written(manifest.write(folder, hashes), tally.content_sha256)


def _compare(previous: Path | None, folder: Path, facts: ReleaseFacts, stated: dict[str, Any]) -> Difference | None:
    """Compare with the release before. Raise ReleaseRefused when the version has not risen as much as that needs."""
    if previous is None:
        return None
    found = compare(previous, folder, stated)
    objected = versions.objection(facts.previous["version"], facts.version, found)
    if objected:
        raise ReleaseRefused(objected)
    return found


class _SplitWriter(ExitStack):
    """Write the images of one split to the main table and to every view."""

    def __init__(self, folder: Path, split: str, rubric: Rubric, shard_bytes: int) -> None:
        super().__init__()

        def shards(name: str, columns: Any, rows: int) -> ShardWriter:
            return self.enter_context(ShardWriter(folder / name, split, columns, rows=rows, shard_bytes=shard_bytes))

        keys = list(rubric.by_key)
        self._main = shards("data", main_columns(keys), ROW_GROUP_IMAGES)
        self._views = [(view, shards(view.name, view.columns(keys), ROW_GROUP_ROWS)) for view in VIEWS]

    def add(self, record: ImageRecord, row: dict[str, Any]) -> None:
        picture = _load(record)
        self._main.add({"image": {"bytes": picture, "path": record.file_name}, **row}, len(picture))
        for view, writer in self._views:
            for part in view.rows(row, record.file_name):
                writer.add(part)


def _load(record: ImageRecord) -> bytes:
    """Return a picture. Raise ReleaseRefused when it cannot be read, or is not the one that was imported."""
    try:
        data = record.load()
    except OSError as error:
        raise ReleaseRefused(f"the picture of image {record.sha256} cannot be read: {error}") from error
    if hashlib.sha256(data).hexdigest() != record.picture_sha256:
        raise ReleaseRefused(f"the stored picture of image {record.sha256} has changed since it was imported")
    return data


def record_of(facts: ReleaseFacts, tally: Tally, leaks: Leaks) -> dict[str, Any]:
    """Return what `release.json` states."""
    stated = asdict(facts)
    del stated["rubric"]
    record: dict[str, Any] = rounded(stated | tally.figures())
    return record | {
        "format": FORMAT,
        "content_sha256": tally.content_sha256,
        "split_tenths": TENTHS,
        "near_bits": MOST_BITS,
        "pairs_across_splits": leaks.pairs,
    }


def _in_order(records: Iterable[ImageRecord]) -> Iterator[ImageRecord]:
    before = (-1, "")
    for record in records:
        place = (SPLITS.index(record.split), record.sha256)
        if place <= before:
            raise ValueError(f"image {record.sha256} comes out of order: split by split, in each by sha256")
        before = place
        yield record
