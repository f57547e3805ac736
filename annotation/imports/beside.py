"""Read what a release of ours says beside its answers: what was adjudicated, and what models proposed."""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite
from typing import Any

from annotation.rubric.reading import is_storable

from .answers import ForeignConsensus, ForeignPrefill, Found, Problem, Vocabulary

RULES = ("spread", "category", "flag")
CAUSES = ("taste", "rubric", "oversight", "slip", "category")
LONGEST_MODEL = 300

Row = dict[str, Any]


def consensus_of(row: Row, image: str, place: str, words: Vocabulary | str) -> Found:
    """Yield what was adjudicated on an image, or what is wrong with it; `words` is text where the rubric is unknown."""
    problems = list(_wrong_consensus(row, words))
    if problems or isinstance(words, str):
        yield from (Problem(place, name, reason) for name, reason in problems)
        return
    scores = {key: score for key, score in row["scores"].items() if score is not None}
    yield ForeignConsensus(place, image, row["rule"], row["cause"], row["reason"], row["subcategory"], scores)


def prefill_of(row: Row, image: str, place: str, words: Vocabulary | str) -> Found:
    """Yield what a model proposed for an image, or what is wrong with it."""
    problems = list(_wrong_prefill(row, words))
    if problems:
        yield from (Problem(place, name, reason) for name, reason in problems)
        return
    scores = {key: score for key, score in row["scores"].items() if score is not None}
    critiques = {key: text for key, text in row["critiques"].items() if text}
    yield ForeignPrefill(place, image, row["model"], row["score"], scores, critiques)


def _wrong_consensus(row: Row, words: Vocabulary | str) -> Iterator[tuple[str, str]]:
    if isinstance(words, str):
        yield "rubric_version", words
        return
    for name, accepted in (("rule", RULES), ("cause", CAUSES)):
        if row[name] not in accepted:
            yield name, f"{row[name]!r} is unknown; accepted: {', '.join(accepted)}"
    if not isinstance(row["reason"], str) or not is_storable(row["reason"]):
        yield "reason", "a text is accepted"
    subcategories = words.rubric.subcategories
    if row["subcategory"] and row["subcategory"] not in subcategories:
        yield "subcategory", f"{row['subcategory']!r} is unknown; accepted: {', '.join(subcategories)}"
    for key, score in row["scores"].items():
        if score is None:
            continue
        if key not in words.rubric.by_key:
            yield f"{key}: score", f"the attribute is unknown; accepted: {', '.join(words.rubric.by_key)}"
            continue
        try:
            words.rubric.scale.to_steps(score)
        except ValueError as error:
            yield f"{key}: score", str(error)


def _wrong_prefill(row: Row, words: Vocabulary | str) -> Iterator[tuple[str, str]]:
    if isinstance(words, str):
        yield "rubric_version", words
        return
    model = row["model"]
    if not isinstance(model, str) or not 0 < len(model) <= LONGEST_MODEL or not is_storable(model):
        yield "model", f"a name of 1 to {LONGEST_MODEL} characters is accepted"
    for name, score in (("score", row["score"]), *((f"{key}: score", score) for key, score in row["scores"].items())):
        if score is not None and not (isfinite(score) and 0 <= score <= 100):
            yield name, f"{score!r}: 0 to 100 is accepted"
    for key in row["scores"]:
        if key not in words.rubric.by_key:
            yield key, f"the attribute is unknown; accepted: {', '.join(words.rubric.by_key)}"
    for key, text in row["critiques"].items():
        if text and not is_storable(text):
            yield f"{key}: critique", "a text without NUL is accepted"
