"""Write RELIABILITY/: the report of agreement in full as JSON, and its tables as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from .canonical import page, rounded

FOLDER = "RELIABILITY"
COLUMNS = (
    "what", "level", "alpha", "lower", "upper", "lower_raters_like_these", "upper_raters_like_these",
    "n_images", "n_answers", "n_raters", "note",
)  # fmt: skip


def write_reliability(folder: Path, figures: Mapping[str, Any]) -> None:
    """Write `agreement.json`, `agreement.csv`, and a CSV for each further table the report holds."""
    (folder / FOLDER).mkdir()
    _write(folder / FOLDER / "agreement.json", page(rounded(figures)))
    # Sorted: a database may hand keys back in an order of its own.
    rows = [_row(key, row) for key, row in sorted(figures.get("attributes", {}).items())]
    rows += [_row(key, figures[key]) for key in ("holistic", "subcategory") if figures.get(key)]
    _write(folder / FOLDER / "agreement.csv", _csv(COLUMNS, rows))
    for name, table in sorted(figures.items()):
        if isinstance(table, list) and table and all(isinstance(row, Mapping) for row in table):
            rows = [_flat(row) for row in rounded(table)]
            columns = sorted({str(key) for row in rows for key in row})
            _write(folder / FOLDER / f"{name}.csv", _csv(columns, rows))


def _row(what: str, figures: Mapping[str, Any]) -> dict[str, Any]:
    lower, upper = figures.get("interval") or (None, None)
    wide_lower, wide_upper = figures.get("interval_raters_like_these") or (None, None)
    ends = {"lower": lower, "upper": upper}
    ends |= {"lower_raters_like_these": wide_lower, "upper_raters_like_these": wide_upper}
    row: dict[str, Any] = rounded({**figures, "what": what, **ends})
    return row


def _flat(row: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    """Return a row as cells: what is nested by dotted names, a list with spaces; further tables stay in the JSON."""
    cells: dict[str, Any] = {}
    for key, value in row.items():
        if isinstance(value, Mapping):
            cells |= _flat(value, f"{before}{key}.")
        elif not isinstance(value, list):
            cells[f"{before}{key}"] = value
        elif not any(isinstance(each, Mapping) for each in value):
            cells[f"{before}{key}"] = " ".join(map(str, value))
    return cells


def _csv(columns: Iterable[str], rows: Iterable[Mapping[str, Any]]) -> str:
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, list(columns), extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return buffer.getvalue()


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")
