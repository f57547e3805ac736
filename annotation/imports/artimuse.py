"""Read the files of ArtiMuse-10K: a JSON list of `image` and `gt_score`, or JSON lines of conversations."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

from .annotation_builder import AnnotationBuilder
from .files import read_items
from .records import ForeignAnnotation, Problem, Records
from .reference_scores import reference_score
from .rows import ArtimuseRow
from .vocabulary import Vocabulary

# Many questions of the published files say "aespect of".
ASPECT = re.compile(r"\b(?:a\w?spect|attribute)s? of (?P<name>.+?)\s*[.?]?\s*$", re.IGNORECASE | re.MULTILINE)


def read(path: Path, words: Vocabulary) -> Records:
    """Yield reference scores, and the critiques on each image as one annotation of an unknown rater.

    Raise RatingsRefused when the file is neither a JSON list nor JSON lines.
    """
    of_texts = path.suffix.lower() == ".jsonl"
    builders: dict[str, AnnotationBuilder] = {}
    for place, item in read_items(path):
        keys = item.keys() if isinstance(item, dict) else set()
        if "conversations" in keys or (of_texts and "gt_score" not in keys):
            yield from _take_conversation(builders, item, place, words)
        else:
            yield from _score(item, place, words)
    for builder in builders.values():
        yield from builder.result()


def _score(item: Any, place: str, words: Vocabulary) -> Records:
    if not isinstance(item, dict):
        yield Problem(
            place, "item", "an object with `image` and `gt_score`, or `image` and `conversations`, is accepted"
        )
        return
    for score in reference_score(ArtimuseRow, item, place):
        yield score if isinstance(score, Problem) else replace(score, image=words.image(score.image))


def _take_conversation(builders: dict[str, AnnotationBuilder], item: Any, place: str, words: Vocabulary) -> Records:
    """Add the answers of a conversation to what is said of its image."""
    turns = _turns(item)
    asked = [ASPECT.search(question) for question, _answer in turns]
    if not turns or not all(asked):
        yield Problem(place, "conversations", "a question on an attribute and its answer are accepted")
        return
    image = words.image(str(item.get("image", "")))
    builder = builders.setdefault(image, AnnotationBuilder(ForeignAnnotation(place, image, "unknown"), words))
    # So that a message names the line at fault, not the first on the image.
    builder.annotation.place = place
    for name, (_question, answer) in zip(asked, turns, strict=True):
        if name and answer:
            builder.judge(name["name"], {"critique": answer})


def _turns(item: Any) -> list[tuple[str, str]]:
    """Return the questions of a conversation with their answers, none where it has another shape."""
    turns = item.get("conversations") if isinstance(item, dict) else None
    if not isinstance(turns, list) or len(turns) % 2 or not all(isinstance(turn, dict) for turn in turns):
        return []
    texts = [turn.get("value") for turn in turns]
    if not all(isinstance(text, str) for text in texts):
        return []
    return list(zip(texts[::2], texts[1::2], strict=True))
