"""RELIABILITY/: the report of agreement in full as JSON, and its tables as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from annotation.dataset.format.canonical import page, round_figures
from annotation.dataset.format.spreadsheet import guard_cell

from .forest import forest_plot
from .reliability_tables import flat_tables

FOLDER = "RELIABILITY"
COLUMNS = (
    "what", "level", "alpha", "lower", "upper", "lower_raters_like_these", "upper_raters_like_these",
    "n_images", "n_annotations", "n_raters", "note", "method",
)  # fmt: skip


def write_reliability(folder: Path, figures: Mapping[str, Any]) -> None:
    """Write `agreement.json`, `.csv` and `.svg`, and a CSV for each further table in the report."""
    (folder / FOLDER).mkdir()
    _write(folder / FOLDER / "agreement.json", page(round_figures(figures)))
    # Sorted: a database may hand keys back in an order of its own.
    rows = [_row(key, row) for key, row in sorted(figures.get("attributes", {}).items())]
    rows += [_row(key, figures[key]) for key in ("holistic", "subcategory") if figures.get(key)]
    rows_with_method = [row | {"method": figures.get("method", "")} for row in rows]
    _write(folder / FOLDER / "agreement.csv", _csv(COLUMNS, rows_with_method))
    _write(folder / FOLDER / "agreement.svg", forest_plot(rows, "Krippendorff's alpha"))
    for name, table in flat_tables(round_figures(figures)).items():
        # Rows of one table may lack what others have, so no single row knows all columns.
        columns = sorted({str(key) for row in table for key in row})
        _write(folder / FOLDER / f"{name}.csv", _csv(columns, table))


def _row(key: str, figures: Mapping[str, Any]) -> dict[str, Any]:
    lower, upper = figures.get("interval") or (None, None)
    wide_lower, wide_upper = figures.get("interval_raters_like_these") or (None, None)
    ends = {"lower": lower, "upper": upper}
    ends |= {"lower_raters_like_these": wide_lower, "upper_raters_like_these": wide_upper}
    row: dict[str, Any] = round_figures({**figures, "what": key, **ends})
    return row


def _csv(columns: Iterable[str], rows: Iterable[Mapping[str, Any]]) -> str:
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, list(columns), extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: guard_cell(value) for name, value in row.items()} for row in rows)
    return buffer.getvalue()


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")
