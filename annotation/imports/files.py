"""Read JSON, JSON lines and tables, with messages that name file and line."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from annotation.errors import RatingsRefused

from .encoding import decode_text
from .foreign_formats import binary_format

LINE_END = re.compile("\r\n|\r|\n")
DELIMITERS = (",", ";", "\t", "|")
# The module's own limit would refuse a whole file for one long text, which is refused by itself.
csv.field_size_limit(2**31 - 1)


def read_text(path: Path) -> tuple[str, str]:
    """Return a file's text and its encoding. Raise RatingsRefused, naming a file that is no text for what it is."""
    try:
        binary = binary_format(path)
        if binary is not None:
            raise RatingsRefused(f"{path.name}: is {binary.name}, not text: {binary.hint}")
        status = path.stat()
        return _read_text(path, status.st_mtime_ns, status.st_size)
    except (OSError, ValueError) as error:
        raise RatingsRefused(f"{path.name}: cannot be read: {error}") from error


# The format is found out by reading, and then the file is read: once is enough.
@lru_cache(maxsize=1)
def _read_text(path: Path, _changed: int, _size: int) -> tuple[str, str]:
    return decode_text(path.read_bytes())


def read_json(path: Path) -> Any:
    """Return what a JSON file holds. Raise RatingsRefused."""
    try:
        return json.loads(read_text(path)[0])
    except (ValueError, RecursionError) as error:
        raise RatingsRefused(f"{path.name}: is not JSON: {error}") from error


def read_json_lines(path: Path) -> Iterator[tuple[int, Any]]:
    """Yield each line's number and what it holds. Raise RatingsRefused naming the line that is not JSON."""
    # Not `splitlines`: a text may hold other line breaks.
    for number, text in enumerate(read_text(path)[0].split("\n"), 1):
        if text.strip():
            yield number, _line(path, number, text)


def _line(path: Path, number: int, text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise RatingsRefused(f"{path.name}, line {number}: is not JSON: {error}") from error


def read_items(path: Path) -> Iterator[tuple[str, Any]]:
    """Yield what a JSON list or JSON lines hold, each with its place. Raise RatingsRefused where it is neither."""
    text = read_text(path)[0].strip()
    content = None
    if text.startswith("["):
        try:
            content = json.loads(text)
        except (ValueError, RecursionError) as error:
            if path.suffix.lower() != ".jsonl":
                raise RatingsRefused(f"{path.name}: is not JSON: {error}") from error
    elif path.suffix.lower() != ".jsonl" and _is_one_object(text):
        raise RatingsRefused(f"{path.name}: a list of objects is accepted, or JSON lines")
    if isinstance(content, list):
        yield from ((f"{path.name}, item {number}", item) for number, item in enumerate(content, 1))
    else:
        yield from ((f"{path.name}, line {number}", item) for number, item in read_json_lines(path))


def _is_one_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False


def read_csv(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield each row's number, as spreadsheets count, and its cells, header first. Raise RatingsRefused."""
    try:
        yield from table_rows(read_text(path)[0])
    except csv.Error as error:
        raise RatingsRefused(f"{path.name}: is not a table in CSV: {error}") from error


def table_rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield each row's number and its cells, header first. Raise csv.Error.

    The header tells which of comma, semicolon, tab and bar parts the cells, unless a first line `sep=;` does, as
    Excel writes and hides it.
    """
    first, *rest = LINE_END.split(text, maxsplit=1)
    stated = first.strip().strip('"')
    if stated.lower().startswith("sep=") and len(stated) == len("sep=") + 1:
        text, delimiter = "".join(rest), stated[-1]
    elif stated.lower() == "sep=" and "\t" in first:
        text, delimiter = "".join(rest), "\t"
    else:
        delimiter = _delimiter(first)
    # As `csv` asks for: it keeps line breaks within quoted cells itself.
    yield from enumerate(csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=delimiter), 1)


def _delimiter(header: str) -> str:
    """Return what parts a header into the most cells, a comma where nothing does."""
    return max(DELIMITERS, key=lambda delimiter: len(_cells(header, delimiter)))


def _cells(header: str, delimiter: str) -> list[str]:
    return next(csv.reader([header.rstrip("\r")], delimiter=delimiter), [])
