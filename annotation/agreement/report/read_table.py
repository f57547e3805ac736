"""Read a table of ratings from a CSV file, wide or long, and name the row and column of what cannot be read.

Wide: a row a unit, a column a rater, blank where missing; a first column named `unit`, `image`, `id` or `item` names
the units. Long: columns unit, rater, value and, if there are any, occasion and time (days, or a date and time).
"""

from __future__ import annotations

import csv
import math
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import numpy as np

from annotation.agreement.coefficients.alpha import LEVELS, Level
from annotation.agreement.ratings import Codes, Ratings
from annotation.errors import BadInput

LARGEST = 200_000_000  # bytes: some ten million ratings, held in about 1.2 GB
MOST_ERRORS = 20
UNIT_NAMES = ("unit", "image", "id", "item")
# How files begin that hold tables and are no text.
WORKBOOKS = {
    b"PK\x03\x04": "a workbook (Excel, OpenDocument, Numbers) or a zip",
    b"\xd0\xcf\x11\xe0": "a workbook of an old Excel",
}
LONG = ("unit", "rater", "value")
LONG_MORE = ("occasion", "time")


class Names(dict[str, int]):
    """Number names as they are met; each is held once."""

    def code(self, name: str) -> int:
        """Return the number of a name."""
        return self.setdefault(name, len(self))


@dataclass
class Columns:
    """Ratings as parallel columns of numbers, some 50 bytes a rating, and the mistakes met on the way."""

    level: Level
    scale: tuple[float, float] | None
    units: Names = field(default_factory=Names)
    raters: Names = field(default_factory=Names)
    occasions: Names = field(default_factory=Names)
    labels: Names = field(default_factory=Names)
    unit: array[int] = field(default_factory=lambda: array("q"))
    rater: array[int] = field(default_factory=lambda: array("q"))
    occasion: array[int] = field(default_factory=lambda: array("q"))
    row: array[int] = field(default_factory=lambda: array("q"))
    value: array[float] = field(default_factory=lambda: array("d"))
    time: array[float] = field(default_factory=lambda: array("d"))
    mistakes: list[str] = field(default_factory=list)
    n_further: int = 0

    def add_mistake(self, mistake: str) -> None:
        """Note a mistake; count those after the twentieth."""
        if len(self.mistakes) < MOST_ERRORS:
            self.mistakes.append(mistake)
        else:
            self.n_further += 1

    def add(self, row: int, column: str, unit: str, rater: str, text: str, occasion: str = "1") -> None:
        """Take a rating, or note why its text is none."""
        if self.level == "nominal":
            self.value.append(self.labels.code(text))
        else:
            self.value.append(_number(text, f"row {row}, column {column!r}", self))
        self.unit.append(self.units.code(unit))
        self.rater.append(self.raters.code(rater))
        self.occasion.append(self.occasions.code(occasion))
        self.row.append(row)


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
    if not path.is_file():
        raise BadInput(f"{path}: is not a file; a CSV file is accepted")
    if size > largest:
        raise BadInput(f"{path}: {size:,} bytes; at most {largest:,} are accepted; split the table by unit")
    try:
        with path.open("rb") as start:
            workbook = WORKBOOKS.get(start.read(4))
        if workbook:
            raise BadInput(f"{path}: is {workbook}, not text; save it as CSV (in Excel: Save As, CSV UTF-8)")
        # Spreadsheets put a byte order mark before UTF-8, which would become part of the first name.
        with path.open(encoding="utf-8-sig", newline="") as file:
            columns = Columns(level, scale)
            (_read_long if long else _read_wide)(csv.reader(file), path, columns)
    except OSError as error:
        raise BadInput(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise BadInput(f"{path}: byte {error.start} is not UTF-8; save the table as UTF-8") from error
    except csv.Error as error:
        raise BadInput(f"{path}: not a CSV file: {error}") from error
    return _ratings(columns, path)


def _header(rows: Iterator[list[str]], path: Path) -> list[str]:
    header = [name.strip() for name in next(rows, [])]
    if not any(header):
        raise BadInput(f"{path}: the file is empty; a header row with the raters' names is accepted")
    if len(header) == 1 and any(mark in header[0] for mark in ";\t|"):
        raise BadInput(f"{path}: row 1: the columns are separated by something else than a comma; commas are accepted")
    return header


def _read_wide(rows: Iterator[list[str]], path: Path, columns: Columns) -> None:
    header = _header(rows, path)
    has_names = header[0].casefold() in UNIT_NAMES or header[0] == ""
    raters = header[1:] if has_names else header
    duplicates = sorted({name for name in raters if raters.count(name) > 1})
    if duplicates:
        raise BadInput(f"{path}: row 1: rater {duplicates[0]!r} has two columns; one column a rater is accepted")
    lines: dict[str, int] = {}
    for number, row in enumerate(rows, start=2):
        if not any(cell.strip() for cell in row):
            continue
        if len(row) > len(header):
            columns.add_mistake(f"row {number}: {len(row)} cells under {len(header)} columns")
            continue
        # Padded with noughts, so that units without names stay in the order of the rows when names are sorted.
        unit = row[0].strip() if has_names else f"row {number:09}"
        if unit in lines:
            columns.add_mistake(f"row {number}: unit {unit!r} is in row {lines[unit]} already")
            continue
        lines[unit] = number
        for rater, cell in zip(raters, row[1:] if has_names else row, strict=False):
            if cell.strip():
                columns.add(number, rater, unit, rater, cell.strip())


def _read_long(rows: Iterator[list[str]], path: Path, columns: Columns) -> None:
    header = [name.casefold() for name in _header(rows, path)]
    missing_columns = [name for name in LONG if name not in header]
    if missing_columns:
        raise BadInput(f"{path}: row 1: no column {missing_columns[0]!r}; accepted: {', '.join(LONG + LONG_MORE)}")
    positions = {name: header.index(name) for name in LONG + LONG_MORE if name in header}
    for number, row in enumerate(rows, start=2):
        cells = {name: row[position].strip() if position < len(row) else "" for name, position in positions.items()}
        if not cells["value"]:
            continue
        if not cells["unit"] or not cells["rater"]:
            columns.add_mistake(f"row {number}: a value without unit or rater")
            continue
        columns.add(number, "value", cells["unit"], cells["rater"], cells["value"], cells.get("occasion") or "1")
        if "time" in positions:
            columns.time.append(_time(cells["time"], f"row {number}, column 'time'", columns))
    _name_repeats(columns)


def _name_repeats(columns: Columns) -> None:
    """Name the rows that give a rating of a unit by a rater on an occasion once more."""
    unit, rater, occasion, row = (
        np.array(column) for column in (columns.unit, columns.rater, columns.occasion, columns.row)
    )
    order = np.lexsort((row, occasion, rater, unit))
    is_duplicate = np.all([np.diff(column[order]) == 0 for column in (unit, rater, occasion)], axis=0)
    units, raters = list(columns.units), list(columns.raters)
    for position in np.flatnonzero(is_duplicate):
        first, second = order[position], order[position + 1]
        columns.add_mistake(
            f"row {row[second]}: {raters[rater[second]]!r} rated {units[unit[second]]!r} in row {row[first]} already; "
            "give repeats different values in a column 'occasion'"
        )


def _time(text: str, cell: str, columns: Columns) -> float:
    try:
        days = float(text)
        if math.isfinite(days):
            return days
    except ValueError:
        pass
    try:
        return datetime.fromisoformat(text).timestamp() / 86_400
    except (ValueError, OverflowError):
        columns.add_mistake(
            f"{cell}: {text!r} is no time; days as a number, or a date and time such as 2026-01-31T14:05"
        )
        return 0.0


def _ratings(columns: Columns, path: Path) -> Ratings:
    if columns.mistakes:
        remainder = f"; and {columns.n_further} more" if columns.n_further else ""
        raise BadInput(f"{path}: " + "; ".join(columns.mistakes) + remainder)
    if not columns.value:
        raise BadInput(f"{path}: no ratings; every cell is blank")
    if len(columns.raters) < 2:
        raise BadInput(f"{path}: one rater only ({next(iter(columns.raters))!r}); agreement needs two")
    if len(columns.units) < 2:
        raise BadInput(f"{path}: one unit only; agreement needs two")
    units, unit = _sort_names(columns.units, columns.unit)
    raters, rater = _sort_names(columns.raters, columns.rater)
    occasions, occasion = _sort_names(columns.occasions, columns.occasion)
    value = np.array(columns.value)
    if columns.level == "nominal":
        # Labels are numbered as they are met, and figures must not depend on the order of rows.
        value = _sort_names(columns.labels, value.astype(np.int64))[1].astype(np.float64)
    order = np.lexsort((occasion, rater, unit))
    time = np.array(columns.time)[order] if columns.time else None
    return Ratings(unit[order], rater[order], occasion[order], value[order], units, raters, occasions, time)


def _sort_names(names: Names, codes: Sequence[int] | Codes) -> tuple[tuple[str, ...], Codes]:
    """Return names in ascending order, and the codes that point into them so."""
    ordered_names = sorted(names)
    place = np.empty(len(names), dtype=np.int64)
    place[[names[name] for name in ordered_names]] = np.arange(len(names))
    return tuple(ordered_names), place[np.asarray(codes)]


def _number(text: str, cell: str, columns: Columns) -> float:
    scale = columns.scale
    try:
        value = float(text)
    except ValueError:
        hint = " (a decimal comma? a point is accepted)" if "," in text else ""
        columns.add_mistake(f"{cell}: {text!r} is not a number{hint}")
        return 0.0
    if not math.isfinite(value):
        columns.add_mistake(f"{cell}: {text!r} is not finite; numbers and blanks are accepted")
    elif scale is not None and not scale[0] <= value <= scale[1]:
        columns.add_mistake(f"{cell}: {text} is off the scale {scale[0]:g} to {scale[1]:g}")
    elif columns.level == "ratio" and value < 0:
        columns.add_mistake(f"{cell}: {text} is negative; the ratio level has a real zero")
    return value
