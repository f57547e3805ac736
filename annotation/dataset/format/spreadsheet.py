"""Cells of CSV files that spreadsheets show as text and never run as a formula (plain Python)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

# OWASP, "CSV Injection": a cell that begins with one of these is a formula to a spreadsheet.
# So do the full-width forms of the signs to one that was set up for Chinese or Japanese.
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def guard_cell(value: Any) -> Any:
    """Return a text that looks like a formula with an apostrophe before it, all else as it is; numbers stay numbers."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_SIGNS) else value


def guard_row(values: Iterable[Any]) -> list[Any]:
    """Return the cells of one row, each guarded."""
    return [guard_cell(value) for value in values]
