"""Hold the pages of a release against its rows: the list of what was withdrawn, and the card."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml

from annotation.dataset.contents.leakage import Leaks
from annotation.dataset.contents.tally import Tally
from annotation.dataset.format import manifest
from annotation.dataset.format.facts import ReleaseFacts, path_of_rubric
from annotation.dataset.format.parquet import sizes_of
from annotation.dataset.pages import withdrawn
from annotation.dataset.pages.licences import NAME as LICENCES
from annotation.dataset.pages.reliability import FOLDER, write_reliability
from annotation.dataset.read.record import RECORD
from annotation.dataset.write.folder import CARD, CHANGELOG, DIFF, RUBRIC, PageSources, pages_of
from annotation.rubric.plain_yaml import load_plain
from annotation.rubric.schema import Rubric

MOST_OF_CARD = 300_000  # Characters; ours have some thousands.


def check_withdrawn(folder: Path, record: dict[str, Any], ids: set[str]) -> Iterator[str]:
    """Find what was withdrawn but is inside, and a list that is not the one in the record."""
    entries = record.get("withdrawn", [])
    try:
        with (folder / withdrawn.NAME).open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, ValueError, csv.Error) as error:
        yield f"{withdrawn.NAME}: cannot be read: {error}"
        return
    if rows != [withdrawn.guard_fields(entry) for entry in entries if isinstance(entry, dict)]:
        yield f"{withdrawn.NAME}: is not the list in {RECORD}"
    for row in rows:
        if row.get("id") in ids:
            yield f"{withdrawn.NAME}: {row.get('what')} {row.get('id')} was withdrawn, but is inside"


def check_reliability(folder: Path, record: dict[str, Any]) -> Iterator[str]:
    """Hold the tables of agreement against the figures in the record."""
    with TemporaryDirectory() as copy:
        write_reliability(Path(copy), record.get("agreement") or {})
        for name, path in manifest.files_below(Path(copy)).items():
            try:
                is_same = (folder / name).read_bytes() == path.read_bytes()
            except OSError as error:
                yield f"{name}: cannot be read: {error}"
                continue
            if not is_same:
                yield f"{name}: is not what the figures in {RECORD} give"


def check_pages(folder: Path, record: dict[str, Any], rubric: Rubric, tally: Tally, leaks: Leaks) -> Iterator[str]:
    """Hold each page against what the record and the rows give, and find pages that no release has.

    Raise KeyError, TypeError or the like where the record lacks what pages are written from.
    """
    other_rubrics = {name: _content(folder / path_of_rubric(name)) for name in record["other_rubrics"]}
    facts = ReleaseFacts.from_json({**record, "rubric": _content(folder / RUBRIC), "other_rubrics": other_rubrics})
    hashes = manifest.read(folder)
    lines = {name: _lines(folder / name) for name in hashes if name.endswith(".jsonl")}
    sources = PageSources(facts, rubric, tally, leaks, record["in_benchmarks"])
    pages = pages_of(sources, hashes, lines, sizes_of(folder, hashes))
    for name, text in pages.items():
        path = folder / name
        if not path.is_file() or path.read_bytes() != text.encode():
            yield f"{name}: is not what {RECORD} and the rows give"
    # The changelog and the difference rest on the release before, which need not be here to check them by.
    known_names = {*pages, *lines, CHANGELOG, DIFF, LICENCES, withdrawn.NAME}
    for name in sorted(hashes.keys() - known_names):
        if not name.endswith(".parquet") and not name.startswith(f"{FOLDER}/"):
            yield f"{name}: no release has such a file"


def _content(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def _lines(path: Path) -> int:
    with path.open("rb") as file:
        return sum(1 for _line in file)


def check_card(folder: Path, tally: Tally) -> Iterator[str]:
    """Hold the views that the card announces against the files."""
    try:
        front = load_plain((folder / CARD).read_text(encoding="utf-8").split("---\n")[1], MOST_OF_CARD)
        views = [(view["config_name"], files) for view in front["configs"] for files in view["data_files"]]
        views_on_card = sorted((name, files["split"], files["path"]) for name, files in views)
    except (OSError, ValueError, LookupError, TypeError, RecursionError, yaml.YAMLError) as error:
        yield f"{CARD}: its metadata cannot be read: {error}"
        return
    views_of_rows = sorted(
        ("default" if name == "data" else name, str(split), f"{name}/{split}-*.parquet")
        for name, counts in tally.rows.items()
        for split, n in counts.items()
        if n
    )
    if views_on_card != views_of_rows:
        yield f"{CARD}: the views it announces are not those that are there"
