"""A table, once for the page and for CSV: flat rows, and columns that say how a figure is written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Cell:
    """One cell of the page, empty where nothing was computed."""

    text: str
    is_number: bool


@dataclass(frozen=True)
class Column:
    """A column and the one key it shows, or the two that are the ends of an interval.

    `digits` is None for text; `note` marks a reason in English that the page translates.
    """

    label: str
    keys: tuple[str, ...]
    digits: int | None = None
    is_note: bool = False

    @property
    def is_number(self) -> bool:
        """Tell whether it stands at the right."""
        return self.digits is not None

    def cell(self, row: Row) -> Cell:
        """Return what the page shows of a row."""
        values = [row.get(key) for key in self.keys]
        # Half an interval says nothing, so it is left empty as well.
        if any(value is None or value == "" for value in values):
            return Cell("", self.is_number)
        return Cell(self._text(values), self.is_number)

    def _text(self, values: Sequence[Any]) -> str:
        if self.is_note:
            # The engine's reasons are marked for translation in webapp/audit/reports/reasons.py.
            return _(values[0])
        if self.digits is None:
            return str(values[0])
        low, *high = (number(value, self.digits) for value in values)
        return span(low, high[0]) if high else low


@dataclass(frozen=True)
class Table:
    """A table: `key` names its CSV, `caption` says what the figures are and by which method they were made."""

    key: str
    caption: str
    columns: Sequence[Column]
    rows: Sequence[Row]

    @property
    def visible_columns(self) -> list[Column]:
        """Return the columns of the page: figures always, words where some row has them."""
        return [
            column for column in self.columns if column.is_number or any(row.get(column.keys[0]) for row in self.rows)
        ]

    @property
    def body(self) -> list[list[Cell]]:
        """Return the cells of each row, as the page shows them."""
        columns = self.visible_columns
        return [[column.cell(row) for column in columns] for row in self.rows]

    @property
    def keys(self) -> list[str]:
        """Return the heads of the CSV."""
        return [key for column in self.columns for key in column.keys]

    def where(self, **values: Any) -> Table:
        """Return the same with only the rows that hold these values."""
        rows = [row for row in self.rows if all(row.get(key) == value for key, value in values.items())]
        return Table(self.key, self.caption, self.columns, rows)

    def without(self, *keys: str) -> Table:
        """Return the same without some columns, such as the one that all rows share."""
        columns = [column for column in self.columns if column.keys[0] not in keys]
        return Table(self.key, self.caption, columns, self.rows)

    def lines(self) -> Iterable[list[Any]]:
        """Yield the rows of the CSV: figures as they are stored."""
        for row in self.rows:
            # Not rounded: whoever takes the CSV computes with it.
            yield ["" if row.get(key) is None else row[key] for key in self.keys]


def number(value: float, digits: int) -> str:
    """Write a figure with a true minus sign."""
    digits_text = f"{value:.{digits}f}"
    # A small negative figure rounds to -0.00, which is no number anybody would write.
    return digits_text.replace("-", "−") if float(digits_text) else digits_text.lstrip("-")


def span(low: str, high: str) -> str:
    """Write both ends of an interval."""
    return _("%(low)s to %(high)s") % {"low": low, "high": high}


def text(label: str, key: str) -> Column:
    """Return a column of words."""
    return Column(label, (key,))


def figure(label: str, key: str, digits: int = 0) -> Column:
    """Return a column of figures."""
    return Column(label, (key,), digits)


def interval(label: str, low: str, high: str, digits: int = 2) -> Column:
    """Return a column of intervals, two in CSV."""
    return Column(label, (low, high), digits)


def note(label: str, key: str = "note") -> Column:
    """Return a column of reasons why something was not computed."""
    return Column(label, (key,), is_note=True)
