"""Write RELIABILITY/: the report of agreement in full as JSON, and its tables as CSV."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from annotation.rubric import Rubric

from .aggregates import HOLISTIC
from .canonical import page, rounded
from .forest import forest_plot
from .reliability_tables import tables

# What works out `alpha`, `n_images`, `n_answers` and `n_raters` from ratings (image, rater, value) at a level.
Measure = Callable[[Sequence[tuple[str, str, float]], Any], Mapping[str, Any]]

FOLDER = "RELIABILITY"
SUBCATEGORY = "subcategory"
COLUMNS = (
    "what", "level", "alpha", "lower", "upper", "lower_raters_like_these", "upper_raters_like_these",
    "n_images", "n_answers", "n_raters", "note", "method",
)  # fmt: skip


def write_reliability(folder: Path, figures: Mapping[str, Any]) -> None:
    """Write `agreement.json`, `.csv` and `.svg`, and a CSV for each further table in the report."""
    (folder / FOLDER).mkdir()
    _write(folder / FOLDER / "agreement.json", page(rounded(figures)))
    # Sorted: a database may hand keys back in an order of its own.
    rows = [_row(key, row) for key, row in sorted(figures.get("attributes", {}).items())]
    rows += [_row(key, figures[key]) for key in ("holistic", "subcategory") if figures.get(key)]
    told = [row | {"method": figures.get("method", "")} for row in rows]
    _write(folder / FOLDER / "agreement.csv", _csv(COLUMNS, told))
    _write(folder / FOLDER / "agreement.svg", forest_plot(rows, "Krippendorff's alpha"))
    for name, table in tables(rounded(figures)).items():
        columns = sorted({str(key) for row in table for key in row})
        _write(folder / FOLDER / f"{name}.csv", _csv(columns, table))


class Derived:
    """Work the headline figures of agreement out again from the rows of a release."""

    def __init__(self, rubric: Rubric, measure: Measure) -> None:
        self._measure = measure
        self._codes = {key: float(code) for code, key in enumerate(rubric.subcategories)}
        self._given: dict[str, list[tuple[str, str, float]]] = defaultdict(list)

    def add(self, row: Mapping[str, Any]) -> None:
        """Take one image's row."""
        for answer in row["answers"]:
            if not answer["counted"]:
                continue
            scores = {key: judged["score"] for key, judged in answer["judgements"].items() if judged}
            scores |= {HOLISTIC: answer["holistic"], SUBCATEGORY: self._codes.get(answer["subcategory"])}
            for field, score in scores.items():
                if score is not None:
                    self._given[field].append((row["sha256"], answer["rater"], score))

    @staticmethod
    def applies(record: Mapping[str, Any]) -> bool:
        """Tell whether the release holds all answers that its report speaks of, so that its rows give its figures."""
        query = record.get("query", {})
        left_out = record.get("held_back") or query.get("excluded") or query.get("least_answers", 1) != 1
        return bool(record.get("agreement")) and not left_out

    def differences(self, record: Mapping[str, Any]) -> Iterator[str]:
        """Say of each figure that is stated otherwise than the rows give it."""
        agreement = record["agreement"]
        stated = {f"attributes.{key}": row for key, row in agreement.get("attributes", {}).items()}
        stated |= {key: agreement[key] for key in (HOLISTIC, SUBCATEGORY) if agreement.get(key)}
        for name, row in sorted(stated.items()):
            given = self._given[name.removeprefix("attributes.")]
            for what, figure in rounded(dict(self._measure(given, row["level"]))).items():
                if what in row and row[what] != figure:
                    yield f"{name}.{what} is {row[what]}, but the rows give {figure}"


def _row(what: str, figures: Mapping[str, Any]) -> dict[str, Any]:
    lower, upper = figures.get("interval") or (None, None)
    wide_lower, wide_upper = figures.get("interval_raters_like_these") or (None, None)
    ends = {"lower": lower, "upper": upper}
    ends |= {"lower_raters_like_these": wide_lower, "upper_raters_like_these": wide_upper}
    row: dict[str, Any] = rounded({**figures, "what": what, **ends})
    return row


def _csv(columns: Iterable[str], rows: Iterable[Mapping[str, Any]]) -> str:
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, list(columns), extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return buffer.getvalue()


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")
