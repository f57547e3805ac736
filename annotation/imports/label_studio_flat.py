"""Read JSON-MIN and CSV of Label Studio: a row an annotation, a key or column a result."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from .absent import is_absent
from .annotation_builder import AnnotationBuilder
from .files import read_csv
from .records import ForeignAnnotation, Records
from .vocabulary import Vocabulary

Row = dict[str, Any]
ABOUT = ("id", "annotator", "annotation_id", "created_at", "updated_at", "lead_time")


def is_row(keys: Iterable[str]) -> bool:
    """Tell whether keys are those of a row of these exports."""
    return {"annotation_id", "annotator"} <= {str(key) for key in keys}


def rows_of_table(path: Path) -> Iterator[tuple[str, Row]]:
    """Yield the rows of a CSV with their places; what is a list or an object is JSON in its cell."""
    table = read_csv(path)
    header = [name.strip() for name in next(table, (0, []))[1]]
    for number, cells in table:
        if any(cells):
            row = {name: _value(cell) for name, cell in zip(header, cells, strict=False)}
            yield f"{path.name}, row {number}", row


def rows_of_list(path: Path, items: list[Row]) -> Iterator[tuple[str, Row]]:
    """Yield the objects of JSON-MIN with their places."""
    for number, item in enumerate(items, 1):
        where = f", annotation {item['annotation_id']}" if "annotation_id" in item else ""
        yield f"{path.name}, task {item.get('id', number)}{where}", item


def read_rows(
    rows: Iterable[tuple[str, Row]], words: Vocabulary, image_of: Callable[[Row, Vocabulary], str]
) -> Records:
    """Yield an annotation a row. Keys that are no attribute are the task's own data, but for the subcategory."""
    for place, row in rows:
        builder = AnnotationBuilder(
            ForeignAnnotation(place, image_of(row, words), str(row.get("annotator") or "unknown")), words
        )
        builder.describe(seconds=row.get("lead_time"))
        for name, value in row.items():
            if name not in ABOUT and not is_absent(value):
                _take(builder, words.column(name), value)
        yield from builder.result()


def _take(builder: AnnotationBuilder, name: str, value: Any) -> None:
    attribute = name.removesuffix("_critique")
    texts = _texts(value)
    if builder.words.exact_attribute(attribute) is None:
        if name == "subcategory":
            builder.choose(name, texts)
    elif attribute != name:
        builder.judge(attribute, {"critique": "\n".join(texts)})
    else:
        builder.judge(attribute, {"score": value})


def _texts(value: Any) -> list[str]:
    """Return the texts of a value: one, a list, or the choices of a question that takes several."""
    inner = value.get("choices", value.get("text")) if isinstance(value, dict) else value
    return [str(text) for text in inner] if isinstance(inner, list) else [str(inner)]


def _value(cell: str) -> Any:
    try:
        return json.loads(cell) if cell.startswith(("[", "{")) else cell
    except (ValueError, RecursionError):
        return cell  # A text that happens to begin so.
