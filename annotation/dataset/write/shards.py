"""Write the files of one part of a release: a shard of each table, lines for training, and what was counted."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from annotation.dataset.contents.aggregates import Severities
from annotation.dataset.contents.records import ImageRecord
from annotation.dataset.contents.tally import Tally
from annotation.dataset.contents.views import VIEWS, Row, derive_rows
from annotation.dataset.format import manifest
from annotation.dataset.format.columns import main_columns
from annotation.dataset.format.parquet import ROW_GROUP_IMAGES, ROW_GROUP_ROWS, ShardWriter
from annotation.dataset.pages.licences import NAME as LICENCES
from annotation.dataset.pages.licences import licence_line
from annotation.errors import ReleaseRefused
from annotation.rubric.schema import Rubric

from .parts import SUMMARY, Part
from .training import TrainingWriter

MAIN = "data"
FINGERPRINTS = "fingerprints.jsonl"  # Beside the shards, so that looking for leaks reads no image again.
FINGERPRINT = ("sha256", "split", "perceptual_hashes", "miniature")


@dataclass(frozen=True)
class PartSummary:
    """What a written part is known by: the SHA-256 of its files, lines by training file, counts."""

    folder: Path
    hashes: Mapping[str, str]
    lines: Mapping[str, int]
    tally: Mapping[str, Any]

    def fingerprints(self) -> Iterator[dict[str, Any]]:
        """Return the fingerprints of its images, one at a time."""
        with (self.folder / FINGERPRINTS).open(encoding="utf-8") as lines:
            yield from map(json.loads, lines)


def shard(table: str) -> str:
    """Return what the shard of a table is called within a part."""
    return f"{table}.parquet"


def write_part(
    folder: Path, part: Part, records: Iterable[ImageRecord], rubric: Rubric, severities: Severities
) -> None:
    """Write a part into an empty folder, `part.json` last. Records are taken one at a time.

    Raise ValueError when they are not those of the part in order, ReleaseRefused when an image is unusable.
    """
    tally = Tally()
    with ExitStack() as stack:
        tables = _Tables(stack, folder, rubric)
        training = stack.enter_context(TrainingWriter(folder, rubric))
        licences = stack.enter_context((folder / LICENCES).open("w", encoding="utf-8", newline=""))
        fingerprints = stack.enter_context((folder / FINGERPRINTS).open("w", encoding="utf-8"))
        for record in _those_of(part, records):
            row = record.row(rubric, severities)
            rows = derive_rows(row, record.file_name)
            tables.add(record, row, rows)
            training.add(row, rows["critiques"], record.file_name)
            licences.write(licence_line(row))
            tally.add(row)
            print(json.dumps({key: row[key] for key in FINGERPRINT}), file=fingerprints)
    files = manifest.files_below(folder)
    summary = {
        "hashes": {name: manifest.sha256_of(path) for name, path in files.items()},
        "lines": training.lines,
        "tally": tally.to_json(),
    }
    # Renamed when whole, as this name alone says after a kill that the part is done.
    draft = folder / f".{SUMMARY}"
    draft.write_text(json.dumps(summary), encoding="utf-8")
    draft.rename(folder / SUMMARY)


def read_part(folder: Path) -> PartSummary:
    """Return what a part that is done tells."""
    return PartSummary(folder, **json.loads((folder / SUMMARY).read_text(encoding="utf-8")))


class _Tables:
    """The shards of the main table and of every view."""

    def __init__(self, stack: ExitStack, folder: Path, rubric: Rubric) -> None:
        def open_shard(name: str, columns: Any, rows: int) -> ShardWriter:
            return stack.enter_context(ShardWriter(folder / shard(name), columns, rows=rows))

        keys = list(rubric.by_key)
        self._main = open_shard(MAIN, main_columns(keys), ROW_GROUP_IMAGES)
        self._views = {view.name: open_shard(view.name, view.columns(keys), ROW_GROUP_ROWS) for view in VIEWS}

    def add(self, record: ImageRecord, row: dict[str, Any], rows: Mapping[str, Sequence[Row]]) -> None:
        image = _load(record)
        self._main.add({"image": {"bytes": image, "path": record.file_name}, **row}, len(image))
        for name, writer in self._views.items():
            for of_view in rows[name]:
                writer.add(of_view)


def _load(record: ImageRecord) -> bytes:
    """Return an image. Raise ReleaseRefused when it cannot be read, or is not the one that was imported."""
    try:
        data = record.load()
    except OSError as error:
        raise ReleaseRefused(f"the image of image {record.sha256} cannot be read: {error}") from error
    if hashlib.sha256(data).hexdigest() != record.image_sha256:
        raise ReleaseRefused(f"the stored image of image {record.sha256} has changed since it was imported")
    return data


def _those_of(part: Part, records: Iterable[ImageRecord]) -> Iterator[ImageRecord]:
    previous_sha256, count = "", 0
    for record in records:
        if record.split != part.split or record.sha256 <= previous_sha256:
            raise ValueError(f"image {record.sha256} comes out of order: split by split, in each by sha256")
        previous_sha256, count = record.sha256, count + 1
        yield record
    if count != part.images:
        raise ValueError(f"part {part.name} has {count} images, but {part.images} were planned")
