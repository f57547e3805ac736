"""Read a table of ratings from a CSV file, wide or long, and name the row and column of what cannot be read.

Wide: a row a unit, a column a rater, blank where missing; a first column named `unit`, `image`, `id` or `item` names
the units. Long: columns unit, rater, value and, if there are any, occasion and time (days, or a date and time).
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from annotation.errors import BadInput

from .alpha import LEVELS, Level
from .ratings import Ratings

LARGEST = 500_000_000  # bytes
MOST_ERRORS = 20
UNIT_NAMES = ("unit", "image", "id", "item")
LONG = ("unit", "rater", "value")
LONG_MORE = ("occasion", "time")


@dataclass
class Columns:
    """Collect ratings as parallel columns, and the mistakes met on the way."""

    unit: list[str] = field(default_factory=list)
    rater: list[str] = field(default_factory=list)
    value: list[str] = field(default_factory=list)
    occasion: list[str] = field(default_factory=list)
    time: list[float] = field(default_factory=list)
    mistakes: list[str] = field(default_factory=list)


def read_table(
    path: Path, level: Level, *, long: bool = False, scale: tuple[float, float] | None = None, largest: int = LARGEST
) -> Ratings:
    """Return the ratings of a CSV file.

    Raise BadInput naming file, row and column: a file too large, another encoding or delimiter, text in a numeric
    table, infinities, values off the declared scale, the same rating twice, one rater, one unit, nothing at all.
    """
    if level not in LEVELS:
        raise BadInput(f"level {level!r} is unknown; accepted: {', '.join(LEVELS)}")
    try:
        size = path.stat().st_size
    except OSError as error:
        raise BadInput(f"{path}: cannot be read: {error.strerror}") from error
    if size > largest:
        raise BadInput(f"{path}: {size:,} bytes; at most {largest:,} are accepted; split the table by unit")
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            columns = _long(csv.reader(file), path) if long else _wide(csv.reader(file), path)
    except UnicodeDecodeError as error:
        raise BadInput(f"{path}: byte {error.start} is not UTF-8; save the table as UTF-8") from error
    except csv.Error as error:
        raise BadInput(f"{path}: not a CSV file: {error}") from error
    return _ratings(columns, level, scale, path)


def _header(rows: Iterator[list[str]], path: Path) -> list[str]:
    header = [name.strip() for name in next(rows, [])]
    if not any(header):
        raise BadInput(f"{path}: the file is empty; a header row with the raters' names is accepted")
    if len(header) == 1 and any(mark in header[0] for mark in ";\t|"):
        raise BadInput(f"{path}: row 1: the columns are separated by something else than a comma; commas are accepted")
    return header


def _wide(rows: Iterator[list[str]], path: Path) -> Columns:
    header = _header(rows, path)
    named = header[0].casefold() in UNIT_NAMES or header[0] == ""
    raters = header[1:] if named else header
    twice = sorted({name for name in raters if raters.count(name) > 1})
    if twice:
        raise BadInput(f"{path}: row 1: rater {twice[0]!r} has two columns; one column a rater is accepted")
    found = Columns()
    seen: dict[str, int] = {}
    for number, row in enumerate(rows, start=2):
        if not any(cell.strip() for cell in row):
            continue
        if len(row) > len(header):
            found.mistakes.append(f"row {number}: {len(row)} cells under {len(header)} columns")
            continue
        unit = row[0].strip() if named else f"row {number:09}"
        if unit in seen:
            found.mistakes.append(f"row {number}: unit {unit!r} is in row {seen[unit]} already")
            continue
        seen[unit] = number
        for rater, cell in zip(raters, row[1:] if named else row, strict=False):
            if cell.strip():
                _add(found, unit, rater, cell.strip(), f"row {number}, column {rater!r}")
    return found


def _long(rows: Iterator[list[str]], path: Path) -> Columns:
    header = [name.casefold() for name in _header(rows, path)]
    missing = [name for name in LONG if name not in header]
    if missing:
        raise BadInput(f"{path}: row 1: no column {missing[0]!r}; accepted: {', '.join(LONG + LONG_MORE)}")
    place = {name: header.index(name) for name in LONG + LONG_MORE if name in header}
    found = Columns()
    seen: dict[tuple[str, str, str], int] = {}
    for number, row in enumerate(rows, start=2):
        cells = {name: row[at].strip() if at < len(row) else "" for name, at in place.items()}
        if not cells["value"]:
            continue
        if not cells["unit"] or not cells["rater"]:
            found.mistakes.append(f"row {number}: a value without unit or rater")
            continue
        key = (cells["unit"], cells["rater"], cells.get("occasion", ""))
        if key in seen:
            found.mistakes.append(
                f"row {number}: {key[1]!r} rated {key[0]!r} in row {seen[key]} already; "
                "give repeats different values in a column 'occasion'"
            )
            continue
        seen[key] = number
        _add(found, cells["unit"], cells["rater"], cells["value"], f"row {number}, column 'value'")
        found.occasion.append(cells.get("occasion") or "1")
        if "time" in place:
            found.time.append(_time(cells["time"], f"row {number}, column 'time'", found.mistakes))
    return found


# Where a value stands, for messages; kept apart so that a large table costs no more memory than it must.
def _add(found: Columns, unit: str, rater: str, value: str, where: str) -> None:
    found.unit.append(unit)
    found.rater.append(rater)
    found.value.append(f"{value}\0{where}")


def _time(text: str, where: str, mistakes: list[str]) -> float:
    try:
        return float(text)
    except ValueError:
        pass
    try:
        return datetime.fromisoformat(text).timestamp() / 86_400
    except ValueError:
        mistakes.append(f"{where}: {text!r} is no time; days as a number, or a date and time such as 2026-01-31T14:05")
        return 0.0


def _ratings(columns: Columns, level: Level, scale: tuple[float, float] | None, path: Path) -> Ratings:
    cells = [tuple(cell.split("\0")) for cell in columns.value]
    labels = sorted({value for value, _ in cells}) if level == "nominal" else []
    codes = {label: float(code) for code, label in enumerate(labels)}
    values = [
        codes[value] if level == "nominal" else _number(value, where, level, scale, columns.mistakes)
        for value, where in cells
    ]
    if columns.mistakes:
        shown = columns.mistakes[:MOST_ERRORS]
        more = len(columns.mistakes) - len(shown)
        raise BadInput(f"{path}: " + "; ".join(shown) + (f"; and {more} more" if more else ""))
    if not values:
        raise BadInput(f"{path}: no ratings; every cell is blank")
    if len(set(columns.rater)) < 2:
        raise BadInput(f"{path}: one rater only ({columns.rater[0]!r}); agreement needs two")
    if len(set(columns.unit)) < 2:
        raise BadInput(f"{path}: one unit only; agreement needs two")
    occasion = columns.occasion or None
    return Ratings.of(columns.unit, columns.rater, values, occasion=occasion, time=columns.time or None)


def _number(text: str, where: str, level: Level, scale: tuple[float, float] | None, mistakes: list[str]) -> float:
    try:
        value = float(text)
    except ValueError:
        hint = " (a decimal comma? a point is accepted)" if "," in text else ""
        mistakes.append(f"{where}: {text!r} is not a number{hint}")
        return 0.0
    if not math.isfinite(value):
        mistakes.append(f"{where}: {text!r} is not finite; numbers and blanks are accepted")
    elif scale is not None and not scale[0] <= value <= scale[1]:
        mistakes.append(f"{where}: {text} is off the scale {scale[0]:g} to {scale[1]:g}")
    elif level == "ratio" and value < 0:
        mistakes.append(f"{where}: {text} is negative; the ratio level has a real zero")
    return value
