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

from . import manifest
from .canonical import page, rounded
from .card import card
from .columns import main_columns
from .facts import ReleaseFacts
from .licences import LicenceWriter
from .parquet import ROW_GROUP_IMAGES, ROW_GROUP_ROWS, SHARD_BYTES, ShardWriter
from .records import ImageRecord
from .splits import SPLITS, TENTHS
from .tally import Tally
from .views import VIEWS

FORMAT = 2
RECORD, RUBRIC, CARD = "release.json", "rubric.json", "README.md"


@dataclass(frozen=True)
class Written:
    """Hold the hashes of a written release: of its manifest, which is its identity, and of its rows."""

    manifest_sha256: str
    content_sha256: str


def write_release(
    folder: Path, facts: ReleaseFacts, records: Iterable[ImageRecord], *, shard_bytes: int = SHARD_BYTES
) -> Written:
    """Write a release into an empty folder and return its hashes.

    `records` come split by split, in each by `sha256`; they are taken one at a time, so that memory does not grow
    with their number. Raise ValueError when they are out of order, ReleaseRefused when a picture is unusable.
    """
    rubric = parse(facts.rubric)
    tally = Tally()
    with LicenceWriter(folder) as licences:
        for split, of_split in groupby(_in_order(records), key=lambda record: record.split):
            with _SplitWriter(folder, split, rubric, shard_bytes) as writer:
                for record in of_split:
                    row = record.row(rubric)
                    writer.add(record, row)
                    tally.add(row)
                    licences.add(row)
    (folder / RUBRIC).write_text(page(facts.rubric), encoding="utf-8", newline="\n")
    (folder / RECORD).write_text(page(record_of(facts, tally)), encoding="utf-8", newline="\n")
    (folder / CARD).write_text(card(facts, rubric, tally), encoding="utf-8", newline="\n")
    return Written(manifest.write(folder), tally.content_sha256)


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


def record_of(facts: ReleaseFacts, tally: Tally) -> dict[str, Any]:
    """Return what `release.json` states."""
    stated = asdict(facts)
    del stated["rubric"]
    record: dict[str, Any] = rounded(stated | tally.figures())
    return record | {"format": FORMAT, "content_sha256": tally.content_sha256, "split_tenths": TENTHS}


def _in_order(records: Iterable[ImageRecord]) -> Iterator[ImageRecord]:
    before = (-1, "")
    for record in records:
        place = (SPLITS.index(record.split), record.sha256)
        if place <= before:
            raise ValueError(f"image {record.sha256} comes out of order: split by split, in each by sha256")
        before = place
        yield record
