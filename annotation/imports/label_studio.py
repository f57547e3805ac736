"""Read the JSON export of Label Studio (https://labelstud.io/guide/export): tasks with annotations."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from annotation.errors import RatingsRefused

from .annotation_builder import AnnotationBuilder
from .files import read_json
from .records import ForeignAnnotation, Problem, Records
from .vocabulary import Vocabulary

# The surest first: a hash names one image, a path may have been renamed.
IMAGE_KEYS = ("sha256", "image", "img", "image_url", "sha")


def read(path: Path, words: Vocabulary) -> Records:
    """Yield each annotation. Raise RatingsRefused when the file is no such export."""
    tasks = read_json(path)
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
                yield from _annotation(annotation, _image(data, words), annotation_place, words)
            else:
                yield Problem(place, "annotations", "objects are accepted")


def _image(data: dict[str, Any], words: Vocabulary) -> str:
    """Return the name of a task's image: what the mapping calls its path or address, else the last part of that."""
    names = {words.column(key): name for key, name in data.items() if isinstance(name, str) and name}
    for key in IMAGE_KEYS:
        if key in names:
            # Files served by Label Studio itself have addresses that end in ?d=folder/name.
            return words.image(names[key], re.split(r"[/\\=]", names[key])[-1])
    return ""


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
    if kind in ("number", "rating"):
        builder.judge(name, {"score": value.get(kind)})
    elif kind == "textarea":
        critique = "\n".join(_texts(name, "text", value, builder))
        if critique:
            builder.judge(name.removesuffix("_critique"), {"critique": critique})
    elif kind == "choices" and builder.words.attribute(name) is None:
        builder.describe(subcategory=next(iter(_texts(name, "choices", value, builder)), ""))
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
