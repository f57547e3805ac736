"""Write the folder of a release, every file of it, from facts and records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from annotation.rubric import parse

from . import manifest
from .canonical import page, rounded
from .card import card
from .facts import ReleaseFacts
from .licences import LicenceWriter
from .parquet import SHARD_BYTES, schema, write_split
from .records import ImageRecord
from .splits import SPLITS, TENTHS
from .tally import Tally

FORMAT = 1
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

        def pairs(of_split: Iterable[ImageRecord]) -> Iterator[tuple[ImageRecord, dict[str, Any]]]:
            for record in of_split:
                row = record.row(rubric.by_key)
                tally.add(row)
                licences.add(row)
                yield record, row

        for split, of_split in groupby(_in_order(records), key=lambda record: record.split):
            write_split(folder, split, schema(rubric.by_key), pairs(of_split), shard_bytes)
    (folder / RUBRIC).write_text(page(facts.rubric), encoding="utf-8", newline="\n")
    (folder / RECORD).write_text(page(record_of(facts, tally)), encoding="utf-8", newline="\n")
    (folder / CARD).write_text(card(facts, rubric, tally), encoding="utf-8", newline="\n")
    return Written(manifest.write(folder), tally.content_sha256)


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
