"""Read the files of ArtiMuse-10K: a JSON list of `image` and `gt_score`, or JSON lines of conversations."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from annotation.errors import RatingsRefused
from annotation.rubric.reading import shortened

from .answers import Filler, ForeignAnswer, Found, Problem, Vocabulary, reference_score
from .texts import read_json, read_json_lines

ASPECT = re.compile(r"\b(?:aspect|attribute) of (?P<name>.+?)\s*[.?]?\s*$", re.IGNORECASE | re.MULTILINE)


def read(path: Path, words: Vocabulary) -> Found:
    """Yield reference scores or critiques. Raise RatingsRefused when the file is neither list nor JSON lines."""
    if path.suffix.lower() == ".jsonl":
        return _conversations(path, words)
    return _scores(path, words)


def _scores(path: Path, words: Vocabulary) -> Found:
    items = read_json(path)
    if not isinstance(items, list):
        raise RatingsRefused(f"{path.name}: a list of objects with `image` and `gt_score` is accepted")
    for number, item in enumerate(items, 1):
        place = f"{path.name}, item {number}"
        image, score = (item.get("image"), item.get("gt_score")) if isinstance(item, dict) else (None, None)
        if not isinstance(image, str) or not image:
            yield Problem(place, "image", "the name of an image is accepted")
        elif isinstance(score, str):
            yield Problem(place, "gt_score", f"a number is accepted, not the text {shortened(score)!r}")
        else:
            yield reference_score(place, words.image(image), score)


def _conversations(path: Path, words: Vocabulary) -> Found:
    """Gather the texts on an image into one answer of an unknown rater."""
    fillers: dict[str, Filler] = {}
    for number, item in read_json_lines(path):
        place = f"{path.name}, line {number}"
        turns = _turns(item)
        asked = ASPECT.search(turns[0]) if turns else None
        if turns is None or asked is None:
            yield Problem(place, "conversations", "a question on an attribute and its answer are accepted")
            continue
        image = words.image(str(item.get("image", "")))
        filler = fillers.setdefault(image, Filler(ForeignAnswer(place, image, "unknown"), words))
        filler.answer.place = place
        filler.critique(asked["name"], turns[1])
    for filler in fillers.values():
        yield from filler.result()


def _turns(item: Any) -> tuple[str, str] | None:
    turns = item.get("conversations") if isinstance(item, dict) else None
    if not isinstance(turns, list) or len(turns) != 2 or not all(isinstance(turn, dict) for turn in turns):
        return None
    said = [turn.get("value") for turn in turns]
    return (said[0], said[1]) if all(isinstance(text, str) for text in said) else None
