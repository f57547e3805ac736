"""Bare scores of images, which are no annotations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from annotation.errors import FieldsInvalid
from annotation.rubric.reading import read

from .records import ForeignScore, Problem
from .rows import ScoreRow, field_of


def reference_score(model: type[ScoreRow], row: Mapping[str, Any], place: str) -> Iterator[ForeignScore | Problem]:
    """Yield the score in a row, or what is wrong with it."""
    try:
        score = read(model, dict(row), name=field_of)
    except FieldsInvalid as error:
        yield from (Problem(place, name, reason) for name, reason in error.errors.items())
    else:
        yield ForeignScore(place, score.image, score.gt_score)
