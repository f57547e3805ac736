"""The figures of a report of agreement as flat tables, all by one rule.

A table is named after where its rows stand in the report. Its rows are the members of a list of mappings, those of a
mapping of mappings (each with its key, as `field` or `which`), the pairs of a mapping of numbers (`which`, `value`), or
a single mapping. What is nested in a row becomes columns with dotted names, a list of plain values one cell; a list of
mappings in a row is a table of its own, named after both, whose rows repeat the `field` they are of and the method.
The details of a field are named without that word.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

Row = dict[str, Any]

FIELDS = "attributes"
WHOLE = ("holistic", "subcategory")
METHODS = "methods"


def flat_tables(figures: Mapping[str, Any]) -> dict[str, list[Row]]:
    """Return each table by its name, rows with the method where the report has words for it."""
    tables: dict[str, list[Row]] = defaultdict(list)
    for field, field_figures in _figures_by_field(figures):
        for name, part in sorted((field_figures.get("details") or {}).items()):
            _gather(tables, name, part, {"field": field})
    for name, part in sorted(figures.items()):
        if name not in (FIELDS, METHODS, *WHOLE):
            _gather(tables, name, part, {})
    return {name: [_with_method(row, method_of(figures, name)) for row in rows] for name, rows in tables.items()}


def method_of(figures: Mapping[str, Any], name: str) -> str:
    """Return how a table was worked out, in the report's own words; empty where it has none."""
    places = (figures.get(METHODS) or {}, figures, figures.get("blind_panel") or {})
    return next((str(place[key]) for place in places for key in (name, f"{name}_method") if _has_words(place, key)), "")


def _has_words(place: Mapping[str, Any], key: str) -> bool:
    return isinstance(place.get(key), str) and bool(place[key])


def _figures_by_field(figures: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    yield from sorted((figures.get(FIELDS) or {}).items())
    yield from ((name, figures[name]) for name in WHOLE if figures.get(name))


def _gather(tables: dict[str, list[Row]], name: str, part: Any, row_labels: Row) -> None:
    """Add what stands under a name to the table of that name, and what is nested in it to further ones."""
    if _is_table(part):
        for row in part:
            _add(tables, name, row, row_labels)
    elif isinstance(part, Mapping) and part and all(map(_is_number, part.values())):
        tables[name] += [row_labels | {"which": key, "value": value} for key, value in sorted(part.items())]
    elif isinstance(part, Mapping) and part:
        _take_apart(tables, name, part, row_labels)


def _take_apart(tables: dict[str, list[Row]], name: str, part: Mapping[str, Any], row_labels: Row) -> None:
    """Add each member of a mapping of mappings with its key, else the mapping itself as a row."""
    if not all(isinstance(value, Mapping) and value for value in part.values()):
        _add(tables, name, part, row_labels)
        return
    column = "which" if "field" in row_labels else "field"
    for key, value in sorted(part.items()):
        _take_apart(tables, name, value, row_labels | {column: key})


def _add(tables: dict[str, list[Row]], name: str, row: Mapping[str, Any], row_labels: Row) -> None:
    tables[name].append(row_labels | flat(row))
    labels = row_labels | ({"field": row["field"]} if "field" in row else {})
    for path, further, method in _lists_below(row):
        _gather(tables, f"{name}.{path}", further, labels | method)


def _lists_below(row: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any, Row]]:
    """Yield the path of each list of rows below, the list, and the method of what it stands in."""
    for key, value in sorted(row.items()):
        if _is_table(value):
            yield f"{prefix}{key}", value, {"method": row["method"]} if "method" in row else {}
        elif isinstance(value, Mapping):
            yield from _lists_below(value, f"{prefix}{key}.")


def _is_table(part: Any) -> bool:
    return isinstance(part, list) and bool(part) and all(isinstance(row, Mapping) for row in part)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _with_method(row: Row, method: str) -> Row:
    return row if "method" in row or not method else row | {"method": method}


def flat(row: Mapping[str, Any], prefix: str = "") -> Row:
    """Return a row as cells: what is nested by dotted names, plain lists with spaces; further lists stay out."""
    cells: Row = {}
    for key, value in row.items():
        if isinstance(value, Mapping):
            cells |= flat(value, f"{prefix}{key}.")
        elif not isinstance(value, list):
            cells[f"{prefix}{key}"] = value
        elif value and not any(isinstance(each, Mapping | list) for each in value):
            cells[f"{prefix}{key}"] = " ".join(map(str, value))
    return cells
