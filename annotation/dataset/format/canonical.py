"""Write data as JSON in one way only, so that the same data gives the same bytes."""

from __future__ import annotations

import json
from typing import Any

import orjson


def significant(value: float) -> float:
    """Round to six significant digits, as every figure that is written."""
    # The last digits differ between processors and libraries of linear algebra.
    return float(f"{value:.6g}")


def round_figures(data: Any) -> Any:
    """Return data that JSON can carry with every fraction in it rounded to six significant digits."""
    if isinstance(data, float):
        return significant(data)
    if isinstance(data, dict):
        return {key: round_figures(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [round_figures(value) for value in data]
    return data


def line(data: Any) -> bytes:
    """Return data as one line of JSON with its line feed: UTF-8, keys sorted, no spaces, fractions as short as can be.

    Nan and infinity, which JSON does not know, would become null: rows are held to numbers before.
    """
    return orjson.dumps(data, option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)


def page(data: Any) -> str:
    """Return data as JSON laid out for reading, with a line feed at the end."""
    return json.dumps(data, sort_keys=True, ensure_ascii=False, allow_nan=False, indent=2) + "\n"
