"""Read the published tables: each file's data as ratings, each expected value with its tolerance."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from annotation.agreement.ratings import Ratings

TABLES = Path(__file__).parents[2] / "fixtures" / "agreement"


@cache
def load(name: str) -> dict[str, Any]:
    return dict(json.loads((TABLES / f"{name}.json").read_text(encoding="utf-8")))


def names() -> list[str]:
    return sorted(path.stem for path in TABLES.glob("*.json"))


def expected(*stats: str) -> list[tuple[str, dict[str, Any]]]:
    """Return every expected value of the statistics named, with the file it is from."""
    return [(name, entry) for name in names() for entry in load(name).get("expected", []) if entry["stat"] in stats]


def from_rows(rows: list[list[Any]]) -> Ratings:
    """Read units x raters with None for holes; labels become numbers in their alphabetical order."""
    labels = sorted({value for row in rows for value in row if isinstance(value, str)})
    cells = [
        (f"{unit:04}", f"{rater:04}", labels.index(value) if value in labels else value)
        for unit, row in enumerate(rows)
        for rater, value in enumerate(row)
        if value is not None
    ]
    return Ratings.of(*zip(*cells, strict=True))


def ratings(name: str, rows: str | None = None) -> Ratings:
    """Return a file's data as ratings; `rows` is the restriction an expected value names."""
    case = load(name)
    data, form = case["data"], case["format"]
    if form.startswith("long"):
        return _from_columns(data, rows or "")
    if form.startswith("counts"):
        return from_rows([[c for c, n in enumerate(row) for _ in range(n)] for row in data])
    if form.startswith("contingency"):
        return from_rows([[a, b] for a, row in enumerate(data) for b, n in enumerate(row) for _ in range(n)])
    return from_rows(data)


def _from_columns(data: dict[str, list[Any]], rows: str) -> Ratings:
    value = np.array(data["y5" if "y5" in rows else "y"])
    if value.dtype.kind == "U":
        value = np.unique(value, return_inverse=True)[1]
    n = len(value)
    occasion = np.array(data.get("occasion", [0] * n))
    kept = occasion == 0 if "occasion 0" in rows else np.ones(n, dtype=bool)
    unit = np.array([f"{u!s:>6}" for u in data["unit"]])[kept]
    # Without raters every rating is somebody else's.
    rater = np.array([f"{r!s:>6}" for r in data.get("rater", range(n))])[kept]
    return Ratings.of(unit, rater, value[kept], occasion=occasion[kept])


def tolerance(entry: dict[str, Any]) -> dict[str, float]:
    """Return the tolerance as pytest.approx takes it."""
    return {"rel": entry["tol"], "abs": 0.0} if entry.get("rel") else {"abs": entry["tol"], "rel": 0.0}
