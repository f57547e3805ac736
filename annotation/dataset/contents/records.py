"""What a release says about each image: its answers, consensuses, prefills.

The action reads these records from the database, the other modules write them to files, and `verify` reads them back.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import isfinite
from types import MappingProxyType
from typing import Any

from annotation.rubric.schema import Rubric

from .aggregates import Severities, aggregate, counts

PIN = ("x", "y", "width", "height")  # A point has neither width nor height.


@dataclass(frozen=True)
class JudgementRecord:
    """One attribute of an answer; `score` is in points, None where an imported answer has none.

    `edit_distance` counts single-character edits to the model's critique, None where the critique is the rater's own;
    `pasted` the characters that were pasted or dropped in, not typed.
    `pins` are the points and boxes of the image that the critique speaks of, in fractions of its width and height.
    """

    score: float | None
    critique: str
    language: str = ""
    score_origin: str = "own"
    critique_origin: str = "own"
    edit_distance: int | None = None
    pasted: int = 0
    pins: tuple[Mapping[str, float], ...] = ()

    def row(self) -> dict[str, Any]:
        """Return the fields, score and pins as they are read back."""
        return vars(self) | {
            "score": _fraction(self.score),
            "pins": [{name: pin.get(name) for name in PIN} for pin in self.pins],
        }


@dataclass(frozen=True)
class AnnotationRecord:
    """One complete answer of one rater.

    `kind` is "first", "final" for what a changed answer became, or "sent_back" for what it became once it was sent back
    to the rater with a word. `holistic` is in points, None where an imported answer lacks scores. `seconds` counts from
    the image on screen to this answer, `week` is the ISO week it came
    in, no finer, so that nobody's hours can be read off. `shown_model` names the model whose answer the rater saw
    before this one. An imported answer may have no `arm`. `campaign` is the slug of the one it was given in; of two
    answers of a rater to an image in two campaigns, the second is a `repeat`. `superseded` says that the rater was
    asked again, since the rubric had changed its meaning.
    """

    rater: str
    arm: str | None
    kind: str
    rubric_version: str
    subcategory: str
    holistic: float | None
    judgements: Mapping[str, JudgementRecord]
    seconds: int | None = None
    seconds_to_first_score: int | None = None
    week: str = ""
    shown_model: str | None = None
    simulated: bool = False
    surplus: bool = False
    exposed: bool = False
    repeat: bool = False
    superseded: bool = False
    imported: bool = False
    campaign: str = ""

    def row(self, rubric: Rubric) -> dict[str, Any]:
        """Return the answer as an element of `answers`."""
        judgements = self.judgements
        row = vars(self) | {
            "holistic": _fraction(self.holistic),
            "judgements": {key: judgements[key].row() if key in judgements else None for key in rubric.by_key},
        }
        return row | {"counted": counts(row)}


@dataclass(frozen=True)
class ConsensusRecord:
    """What an adjudicator adjudicated: why experts had differed, the reason in words, scores in points.

    `rule` says why there was a case: spread, category or flag. `subcategory` is empty where it was not in question.
    An imported one was adjudicated elsewhere, and enters no score.
    """

    rule: str
    cause: str
    reason: str
    subcategory: str
    scores: Mapping[str, float]
    imported: bool = False

    def row(self, rubric: Rubric) -> dict[str, Any]:
        """Return the fields, with null for each attribute that was not adjudicated."""
        return vars(self) | {"scores": {key: _fraction(self.scores.get(key)) for key in rubric.by_key}}


@dataclass(frozen=True)
class PrefillRecord:
    """A prefill that raters were shown: overall and attribute scores (0 to 100, None where none), critiques.

    An imported one was shown elsewhere, to raters whose answers are imported too.
    """

    model: str
    score: float | None
    scores: Mapping[str, float | None]
    critiques: Mapping[str, str]
    imported: bool = False

    def row(self, rubric: Rubric) -> dict[str, Any]:
        """Return the fields by attribute of the rubric."""
        return {
            "model": self.model,
            "score": _fraction(self.score),
            "scores": {key: _fraction(self.scores.get(key)) for key in rubric.by_key},
            "critiques": {key: self.critiques.get(key, "") for key in rubric.by_key},
            "imported": self.imported,
        }


@dataclass(frozen=True)
class ImageRecord:
    """One image of a release.

    `load` returns the bytes of the copy without metadata, whose SHA-256 is `image_sha256`; `sha256` is that of the
    file as it came in, by which the image is known. `group` is the `sha256` of one of its near duplicates,
    itself included, and is never changed. `perceptual_hashes` begin with that of the image as shown, `miniature` is
    empty where it is not known.
    """

    sha256: str
    image_sha256: str
    file_name: str
    load: Callable[[], bytes] = field(repr=False, compare=False)
    width: int
    height: int
    category: str
    subcategory: str
    licence: str
    author: str
    source: str
    title: str
    note: str
    group: str
    split: str
    split_reason: str
    annotations: tuple[AnnotationRecord, ...]
    consensus: ConsensusRecord | None = None
    prefills: tuple[PrefillRecord, ...] = ()
    perceptual_hashes: tuple[str, ...] = ()
    miniature: bytes = b""

    def row(self, rubric: Rubric, severities: Severities = MappingProxyType({})) -> dict[str, Any]:
        """Return the row of the main table, without the image itself."""
        annotations = [annotation.row(rubric) for annotation in self.annotations]
        consensus = self.consensus.row(rubric) if self.consensus else None
        return {
            "sha256": self.sha256,
            "image_sha256": self.image_sha256,
            "perceptual_hashes": list(self.perceptual_hashes),
            "miniature": b64encode(self.miniature).decode() or None,
            "width": self.width,
            "height": self.height,
            "category": self.category,
            "subcategory": self.subcategory,
            **aggregate(annotations, consensus, rubric, severities),
            "consensus": consensus,
            "annotations": annotations,
            "prefills": [prefill.row(rubric) for prefill in self.prefills],
            "licence": self.licence,
            "author": self.author,
            "source": self.source,
            "title": self.title,
            "note": self.note,
            "group": self.group,
            "split": self.split,
            "split_reason": self.split_reason,
        }


def _fraction(number: float | None) -> float | None:
    if number is None:
        return None
    if not isfinite(number):
        raise ValueError(f"{number} is no score; a finite number is accepted")
    # 7 and 7.0 are the same score, but other text in JSON, and so another hash of the row.
    return float(number)
