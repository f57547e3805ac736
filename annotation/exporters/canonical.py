"""Write data as JSON in one way only, so that the same data gives the same bytes."""

from __future__ import annotations

import json
from typing import Any


def significant(value: float) -> float:
    """Round to six significant digits, as every figure that is written."""
    return float(f"{value:.6g}")


def rounded(data: Any) -> Any:
    """Return data that JSON can carry with every fraction in it rounded to six significant digits."""
    if isinstance(data, float):
        return significant(data)
    if isinstance(data, dict):
        return {key: rounded(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [rounded(value) for value in data]
    return data


_line = json.JSONEncoder(
    check_circular=False, sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":")
).encode


def line(data: Any) -> str:
    """Return data as one line of JSON. Raise ValueError for nan and infinity, which JSON does not know."""
    return _line(data)


def page(data: Any) -> str:
    """Return data as JSON laid out for reading, with a line feed at the end."""
    return json.dumps(data, sort_keys=True, ensure_ascii=False, allow_nan=False, indent=2) + "\n"
