"""Read what Label Studio exports (https://labelstud.io/guide/export): JSON, JSON-MIN and CSV."""

from __future__ import annotations

import base64
import binascii
import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from annotation.errors import RatingsRefused
from annotation.rubric.reading import SENTENCES

from . import label_studio_flat
from .annotation_builder import AnnotationBuilder
from .files import read_json
from .records import ForeignAnnotation, Problem, Records
from .vocabulary import Vocabulary

# The surest first: a hash names one image, a path may have been renamed.
IMAGE_KEYS = ("sha256", "image", "img", "image_url", "sha")


def is_export(content: Any) -> bool:
    """Tell whether a list is of tasks with annotations, or of the rows of JSON-MIN."""
    items = [item for item in content if isinstance(item, dict)] if isinstance(content, list) else []
    return any("annotations" in item or label_studio_flat.is_row(item) for item in items)


def is_table(header: list[str]) -> bool:
    """Tell whether a table is a CSV export."""
    return label_studio_flat.is_row(header)


def read(path: Path, words: Vocabulary) -> Records:
    """Yield each annotation. Raise RatingsRefused when the file is no such export."""
    if path.suffix.lower() in (".csv", ".tsv"):
        yield from label_studio_flat.read_rows(label_studio_flat.rows_of_table(path), words, image_of)
        return
    tasks = read_json(path)
    if isinstance(tasks, list) and tasks and all(isinstance(task, dict) and "annotator" in task for task in tasks):
        yield from label_studio_flat.read_rows(label_studio_flat.rows_of_list(path, tasks), words, image_of)
        return
    if not isinstance(tasks, list) or not all(isinstance(task, dict) and "annotations" in task for task in tasks):
        raise RatingsRefused(f"{path.name}: a list of tasks with `annotations` is accepted, as in the JSON export")
    for number, task in enumerate(tasks, 1):
        place = f"{path.name}, task {task.get('id', number)}"
        data, annotations = task.get("data"), task["annotations"]
        if not isinstance(data, dict) or not isinstance(annotations, list):
            yield Problem(place, "task", "`data` as an object and `annotations` as a list are accepted")
            continue
        for annotation in annotations:
            if isinstance(annotation, dict):
                annotation_place = f"{place}, annotation {annotation.get('id', '?')}"
                yield from _annotation(annotation, image_of(data, words), annotation_place, words)
            else:
                yield Problem(place, "annotations", "objects are accepted")


def image_of(data: dict[str, Any], words: Vocabulary) -> str:
    """Return the name of a task's image: what the mapping calls its path or address, else the last part of that."""
    names = {words.column(key): name for key, name in data.items() if isinstance(name, str) and name}
    for key in IMAGE_KEYS:
        if key in names:
            return words.image(names[key], *_names(names[key]))
    return ""


def _names(address: str) -> list[str]:
    """Return what an address may be mapped by: its last part as it stands, then the name of the file."""
    path = _path_of(address)
    return [re.split(r"[/\\=]", address)[-1], re.split(r"[/\\]", path)[-1]]


def _path_of(address: str) -> str:
    """Return the path that an address leads to, without what signs or resolves it."""
    # Files served by Label Studio itself have addresses that end in ?d=folder/name or in ?fileuri= and base64.
    for key in ("?d=", "?fileuri="):
        if key in address:
            path = unquote(address.split(key, 1)[1].split("&", maxsplit=1)[0])
            return path if key == "?d=" else _path_of(_from_base64(path))
    try:
        split = urlsplit(address)
    except ValueError:
        return address
    return split.path if split.scheme and split.netloc else address


def _from_base64(text: str) -> str:
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
    except (binascii.Error, ValueError):
        return text


def _annotation(annotation: dict[str, Any], image: str, place: str, words: Vocabulary) -> Records:
    if annotation.get("was_cancelled"):
        yield Problem(place, "was_cancelled", "the rater skipped this image")
        return
    by = annotation.get("completed_by")
    # A number in some exports, the whole person in others.
    rater = by.get("id") if isinstance(by, dict) else by
    builder = AnnotationBuilder(ForeignAnnotation(place, image, str(rater or "unknown")), words)
    builder.describe(seconds=annotation.get("lead_time"))
    results = annotation.get("result") or []
    if not isinstance(results, list):
        builder.refuse("result", "a list is accepted")
        results = []
    for item in results:
        if isinstance(item, dict) and isinstance(item.get("value"), dict):
            _result(item, builder)
        else:
            builder.refuse("result", "an object with from_name, type and value is accepted")
    yield from builder.result()


def _result(item: dict[str, Any], builder: AnnotationBuilder) -> None:
    name, kind, value = str(item.get("from_name", "")), item.get("type"), item["value"]
    if kind == "rating" and builder.words.attribute(name) and not builder.words.names_scale(name):
        builder.refuse(f"{name}: score", str(SENTENCES["stars"]))
    elif kind in ("number", "rating"):
        builder.judge(name, {"score": value.get(kind)})
    elif kind == "textarea":
        critique = "\n".join(_texts(name, "text", value, builder))
        if critique:
            builder.judge(name.removesuffix("_critique"), {"critique": critique})
    elif kind == "choices" and builder.words.attribute(name) is None:
        builder.choose(name, _texts(name, "choices", value, builder))
    else:
        builder.refuse(name, f"a result of type {kind!r} is not understood; number, rating, textarea, choices are")


def _texts(name: str, kind: str, value: dict[str, Any], builder: AnnotationBuilder) -> list[str]:
    """Return the texts of a result: a list, or one by itself."""
    content = value.get(kind) or []
    texts = [content] if isinstance(content, str) else content
    if isinstance(texts, list) and all(isinstance(text, str) for text in texts):
        return texts
    builder.refuse(f"{name}: {kind}", "a list of texts is accepted")
    return []
