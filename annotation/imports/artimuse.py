"""Read the files of ArtiMuse-10K: a JSON list of `image` and `gt_score`, or JSON lines of conversations."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

from annotation.errors import RatingsRefused

from .annotation_builder import AnnotationBuilder
from .files import read_json, read_json_lines
from .records import ForeignAnnotation, Problem, Records
from .reference_scores import reference_score
from .rows import ArtimuseRow
from .vocabulary import Vocabulary

ASPECT = re.compile(r"\b(?:aspect|attribute) of (?P<name>.+?)\s*[.?]?\s*$", re.IGNORECASE | re.MULTILINE)


def read(path: Path, words: Vocabulary) -> Records:
    """Yield reference scores or critiques. Raise RatingsRefused when the file is neither list nor JSON lines."""
    if path.suffix.lower() == ".jsonl":
        return _conversations(path, words)
    return _scores(path, words)


def _scores(path: Path, words: Vocabulary) -> Records:
    items = read_json(path)
    if not isinstance(items, list):
        raise RatingsRefused(f"{path.name}: a list of objects with `image` and `gt_score` is accepted")
    for number, item in enumerate(items, 1):
        place = f"{path.name}, item {number}"
        for score in reference_score(ArtimuseRow, item if isinstance(item, dict) else {}, place):
            yield score if isinstance(score, Problem) else replace(score, image=words.image(score.image))


def _conversations(path: Path, words: Vocabulary) -> Records:
    """Gather the texts on an image into one annotation of an unknown rater."""
    builders: dict[str, AnnotationBuilder] = {}
    for number, item in read_json_lines(path):
        place = f"{path.name}, line {number}"
        turns = _turns(item)
        question = ASPECT.search(turns[0]) if turns else None
        if turns is None or question is None:
            yield Problem(place, "conversations", "a question on an attribute and its answer are accepted")
            continue
        image = words.image(str(item.get("image", "")))
        builder = builders.setdefault(image, AnnotationBuilder(ForeignAnnotation(place, image, "unknown"), words))
        # So that a message names the line at fault, not the first on the image.
        builder.annotation.place = place
        if turns[1]:
            builder.judge(question["name"], {"critique": turns[1]})
    for builder in builders.values():
        yield from builder.result()


def _turns(item: Any) -> tuple[str, str] | None:
    turns = item.get("conversations") if isinstance(item, dict) else None
    if not isinstance(turns, list) or len(turns) != 2 or not all(isinstance(turn, dict) for turn in turns):
        return None
    texts = [turn.get("value") for turn in turns]
    return (texts[0], texts[1]) if all(isinstance(text, str) for text in texts) else None
