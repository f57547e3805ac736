"""Read JSON, JSON lines and CSV, with messages that name file and line."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from annotation.errors import RatingsRefused


def read_json(path: Path) -> Any:
    """Return what a JSON file holds. Raise RatingsRefused."""
    try:
        return json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        raise RatingsRefused(f"{path.name}: is not JSON in UTF-8: {error}") from error


def read_json_lines(path: Path) -> Iterator[tuple[int, Any]]:
    """Yield each line's number and what it holds. Raise RatingsRefused naming the line that is not JSON."""
    try:
        # Otherwise a carriage return inside a text would end the line.
        with path.open(encoding="utf-8-sig", newline="\n") as file:
            for number, text in enumerate(file, 1):
                if text.strip():
                    yield number, _line(path, number, text)
    except (OSError, UnicodeDecodeError) as error:
        raise RatingsRefused(f"{path.name}: UTF-8 text is accepted: {error}") from error


def _line(path: Path, number: int, text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise RatingsRefused(f"{path.name}, line {number}: is not JSON: {error}") from error


def read_csv(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield each row's number, as spreadsheets count, and its cells, header first. Raise RatingsRefused."""
    try:
        # As `csv` asks for: it keeps line breaks within quoted cells itself.
        with path.open(encoding="utf-8-sig", newline="") as file:
            yield from enumerate(csv.reader(file, strict=True), 1)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise RatingsRefused(f"{path.name}: is not CSV in UTF-8: {error}") from error
