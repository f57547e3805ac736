"""Write and read lists of the fingerprints of a public benchmark's images: CSV, a row an image."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from annotation.dataset.format.facts import BenchmarkList
from annotation.errors import BadInput, Conflict
from annotation.phrases import phrase as _

from .leakage import Benchmark

COLUMNS = ("name", "perceptual_hash")


def write_list(path: Path, rows: Iterable[tuple[str, str]]) -> int:
    """Write a list, sorted by name, and return its length."""
    sorted_rows = sorted(rows)
    with path.open("w", encoding="utf-8", newline="") as file:
        # A list is known by the hash of its bytes, so lines end alike on every system.
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(sorted_rows)
    return len(sorted_rows)


def read_list(path: Path) -> Benchmark:
    """Read a list, named after its file. Raise BadInput naming file and row."""
    try:
        data = path.read_bytes()
        rows = list(csv.reader(io.StringIO(data.decode(), newline="")))
    except (OSError, ValueError, csv.Error) as error:
        raise BadInput(f"{path.name}: cannot be read: {error}") from error
    if not rows or tuple(rows[0]) != COLUMNS:
        raise BadInput(f"{path.name}, row 1: the columns {', '.join(COLUMNS)} are accepted")
    for number, row in enumerate(rows[1:], 2):
        if len(row) != 2 or not re.fullmatch("[0-9a-f]{16}", row[1]):
            raise BadInput(f"{path.name}, row {number}: a name and 16 hexadecimal digits are accepted")
    hashes = np.array([int(row[1], 16) for row in rows[1:]], np.uint64)
    return Benchmark(path.stem, hashlib.sha256(data).hexdigest(), [row[0] for row in rows[1:]], hashes)


def lists_in(folder: Path | None) -> list[Benchmark]:
    """Return the lists of a folder by name. Raise BadInput."""
    return [read_list(path) for path in sorted(folder.glob("*.csv"))] if folder and folder.is_dir() else []


def lists_as_stated(folder: Path | None, entries: Sequence[BenchmarkList], release: str) -> list[Benchmark]:
    """Return the lists that a release states. Raise Conflict when one is no longer as it was."""
    lists = {benchmark.title: benchmark for benchmark in lists_in(folder)}
    benchmarks = [lists.get(entry.title) for entry in entries]
    for entry, benchmark in zip(entries, benchmarks, strict=True):
        if benchmark is None or benchmark.sha256 != entry.sha256:
            raise Conflict(
                _(
                    "the list %(title)s.csv in %(folder)s is not as it was for %(release)s",
                    title=entry.title,
                    folder=folder,
                    release=release,
                )
            )
    return [benchmark for benchmark in benchmarks if benchmark]
