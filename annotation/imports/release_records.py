"""What a release of ours says beside its annotations: consensuses and prefills."""

from __future__ import annotations

from typing import Any

from annotation.errors import FieldsInvalid
from annotation.rubric.reading import read

from .records import ForeignConsensus, ForeignPrefill, Problem, Records
from .rows import ConsensusRow, PrefillRow, field_of
from .vocabulary import Vocabulary

Row = dict[str, Any]


def consensus_of(row: Row, image: str, place: str, words: Vocabulary | str) -> Records:
    """Yield what was adjudicated on an image, or what is wrong with it; `words` is text where the rubric is unknown."""
    if isinstance(words, str):
        yield Problem(place, "rubric_version", words)
        return
    try:
        consensus = read(ConsensusRow, row, context=words, name=field_of)
    except FieldsInvalid as error:
        yield from (Problem(place, name, reason) for name, reason in error.errors.items())
        return
    scores = {key: score for key, score in consensus.scores.items() if score is not None}
    decision = (consensus.rule, consensus.cause, consensus.reason, consensus.subcategory or "")
    yield ForeignConsensus(place, image, *decision, scores)


def prefill_of(row: Row, image: str, place: str, words: Vocabulary | str) -> Records:
    """Yield a model's prefill for an image, or what is wrong with it."""
    if isinstance(words, str):
        yield Problem(place, "rubric_version", words)
        return
    try:
        prefill = read(PrefillRow, row, context=words, name=field_of)
    except FieldsInvalid as error:
        yield from (Problem(place, name, reason) for name, reason in error.errors.items())
        return
    scores = {key: score for key, score in prefill.scores.items() if score is not None}
    critiques = {key: text for key, text in prefill.critiques.items() if text}
    yield ForeignPrefill(place, image, prefill.model, prefill.score, scores, critiques)
