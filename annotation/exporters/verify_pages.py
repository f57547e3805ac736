"""Hold the pages of a release against its rows: the list of what was withdrawn, and the card."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml

from . import manifest, withdrawn
from .folder import CARD, RECORD
from .reliability import write_reliability
from .tally import Tally


def check_withdrawn(folder: Path, record: dict[str, Any], inside: set[str]) -> Iterator[str]:
    """Find what was withdrawn but is inside, and a list that is not the one in the record."""
    stated = record.get("withdrawn", [])
    try:
        with (folder / withdrawn.NAME).open(encoding="utf-8", newline="") as file:
            listed = list(csv.DictReader(file))
    except (OSError, ValueError, csv.Error) as error:
        yield f"{withdrawn.NAME}: cannot be read: {error}"
        return
    if listed != stated:
        yield f"{withdrawn.NAME}: is not the list in {RECORD}"
    for row in listed:
        if row.get("id") in inside:
            yield f"{withdrawn.NAME}: {row.get('what')} {row.get('id')} was withdrawn, but is inside"


def check_reliability(folder: Path, record: dict[str, Any]) -> Iterator[str]:
    """Hold the tables of agreement against the figures in the record."""
    with TemporaryDirectory() as again:
        write_reliability(Path(again), record.get("agreement") or {})
        for name, path in manifest.files_below(Path(again)).items():
            try:
                same = (folder / name).read_bytes() == path.read_bytes()
            except OSError as error:
                yield f"{name}: cannot be read: {error}"
                continue
            if not same:
                yield f"{name}: is not what the figures in {RECORD} give"


def check_card(folder: Path, tally: Tally) -> Iterator[str]:
    """Hold the views that the card announces against the files."""
    try:
        front = yaml.safe_load((folder / CARD).read_text(encoding="utf-8").split("---\n")[1])
        views = [(view["config_name"], files) for view in front["configs"] for files in view["data_files"]]
        announced = sorted((name, files["split"], files["path"]) for name, files in views)
    except (OSError, ValueError, LookupError, TypeError, yaml.YAMLError) as error:
        yield f"{CARD}: its metadata cannot be read: {error}"
        return
    there = sorted(
        ("default" if name == "data" else name, str(split), f"{name}/{split}-*.parquet")
        for name, counts in tally.rows.items()
        for split, n in counts.items()
        if n
    )
    if announced != there:
        yield f"{CARD}: the views it announces are not those that are there"
