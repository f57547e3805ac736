"""Read what a manifest says of images: a table, a JSON list or JSON lines, as spreadsheets and programs write them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from itertools import pairwise
from typing import Any

from annotation.errors import SourceRefused
from annotation.images.file_names import plain_name
from annotation.images.sources import COLUMNS, Row

from .absent import is_absent
from .encoding import remark_on_reading
from .tables import decode_table, read_table

# What others call our columns, ImageFolder of Hugging Face first.
ALIASES = {
    "file_name": "file",
    "filename": "file",
    "license": "licence",
    "artist": "author",
    "creator": "author",
}


class Manifest:
    """What a manifest says, row by row, and `remarks` on how it was read and what was passed over."""

    def __init__(self, name: str, rows: list[Row], unknown_columns: list[str], remark: str = "") -> None:
        self.rows = rows
        passed_over = f"{name}: columns passed over: {', '.join(unknown_columns)}" if unknown_columns else ""
        self.remarks = [text for text in (remark, passed_over) if text]


def read_manifest(name: str, data: bytes) -> Manifest:
    """Read a manifest. Raise SourceRefused naming the file, the row and the columns that are accepted.

    Rows are counted as spreadsheets and editors do: from 1, the header of a table being the first. A file called
    `metadata` is a table of ImageFolder: its further columns are passed over, with a remark.
    """
    text, encoding = decode_table(name, data)
    columns = Columns(name, is_open=name.rsplit("/", 1)[-1].lower().startswith("metadata."))
    try:
        rows = list(_read_rows(name, text, columns))
    except SourceRefused as refusal:
        if encoding != "windows-1252":
            raise
        # What is no text at all looks like that encoding, too.
        first = next(position for position, byte in enumerate(data) if byte > 0x7F)
        raise SourceRefused(f"{refusal} (UTF-8 text is accepted; byte {first} is something else)") from refusal
    if not rows:
        raise SourceRefused(f"{name}: lists no images")
    return Manifest(name, _mark_contradictions(rows), columns.unknown, remark_on_reading(name, text, encoding))


def _read_rows(name: str, text: str, columns: Columns) -> Iterator[Row]:
    start = text.lstrip("\ufeff \t\r\n")[:1]
    if start == "[":
        return _json_list(name, text, columns)
    return _json_lines(name, text, columns) if start == "{" else _table_rows(name, text, columns)


class Columns:
    """The columns of a manifest by our own names; where it `is_open`, it may have others too."""

    def __init__(self, name: str, *, is_open: bool) -> None:
        self.name = name
        self.is_open = is_open
        self.unknown: list[str] = []

    def rename(self, place: str, given_columns: list[str]) -> list[str]:
        """Return our names. Refuse a column that is unknown or stands twice, and the lack of `file`."""
        columns = [self._our_name(column) for column in given_columns]
        unknown_columns = [column for column in columns if column not in COLUMNS]
        known_columns = sorted(column for column in columns if column in COLUMNS)
        duplicates = [one for one, other in pairwise(known_columns) if one == other]
        if unknown_columns and not self.is_open:
            problem = f"column {unknown_columns[0]!r} is unknown"
        elif duplicates:
            problem = f"column {duplicates[0]!r} stands twice"
        elif "file" not in known_columns:
            problem = "column 'file' is missing"
        else:
            self.unknown += [column for column in dict.fromkeys(unknown_columns) if column not in self.unknown]
            return columns
        raise SourceRefused(f"{self.name}, {place}: {problem}; accepted: {', '.join(COLUMNS)}")

    def _our_name(self, column: str) -> str:
        plain = column.strip().lower()
        plain = ALIASES.get(plain, plain)
        return plain if plain in COLUMNS else column.strip()


def _table_rows(name: str, text: str, columns: Columns) -> Iterator[Row]:
    for number, record in read_table(name, text, partial(columns.rename, "header")):
        yield _row(number, record)


def _json_lines(name: str, text: str, columns: Columns) -> Iterator[Row]:
    # Not `splitlines`: JSON may hold other line separators within a text.
    for number, line in enumerate(text.lstrip("\ufeff").split("\n"), 1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise SourceRefused(f"{name}, row {number}: is not JSON: {error}") from error
        yield _row_of_json(name, number, record, columns)


def _json_list(name: str, text: str, columns: Columns) -> Iterator[Row]:
    try:
        records = json.loads(text.lstrip("\ufeff"))
    except (ValueError, RecursionError) as error:
        raise SourceRefused(f"{name}: is not JSON: {error}") from error
    for number, record in enumerate(records, 1):
        yield _row_of_json(name, number, record, columns)


def _row_of_json(name: str, number: int, record: Any, columns: Columns) -> Row:
    if not isinstance(record, dict):
        raise SourceRefused(f"{name}, row {number}: an object whose values are text is accepted")
    our_columns = columns.rename(f"row {number}", list(record))
    known = {column: value for column, value in zip(our_columns, record.values(), strict=True) if column in COLUMNS}
    if not all(isinstance(value, str | None) for value in known.values()):
        raise SourceRefused(f"{name}, row {number}: an object whose values are text is accepted")
    return _row(number, known)


def _row(number: int, record: Mapping[str, str | None]) -> Row:
    facts = {key: _fact(key, value) for key, value in record.items() if key in COLUMNS}
    return Row(facts.pop("file"), facts, number)


def _fact(key: str, value: str | None) -> str:
    text = (value or "").strip()
    return "" if key != "file" and is_absent(text) else text


def _mark_contradictions(rows: list[Row]) -> list[Row]:
    """Mark the rows of a file that say different of it; taking one of them would be a guess."""
    by_file: dict[str, list[Row]] = {}
    for row in rows:
        by_file.setdefault(plain_name(row.file), []).append(row)
    return [_marked(row, by_file[plain_name(row.file)]) for row in rows]


def _marked(row: Row, namesakes: list[Row]) -> Row:
    columns = sorted({key for other in namesakes for key in row.facts if other.facts[key] != namesakes[0].facts[key]})
    if not columns:
        return row
    places = ", ".join(str(other.number) for other in namesakes)
    return replace(row, problem=f"rows {places} list this file with different {', '.join(columns)}; one is accepted")
