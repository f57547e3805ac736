"""Hold what a release says about each image: its answers, and the scores computed from them.

The action reads these records from the database, the other modules write them to files, and `verify` reads them back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from decimal import ROUND_HALF_EVEN, Decimal
from math import sqrt
from statistics import stdev
from typing import Any

from .canonical import significant

FIRST, FINAL = "first", "final"
BEFORE_ANY_MODEL = ("blind", "reveal")
WHICH_COUNT = (
    "first answers given blind or before the reveal, one a rater and image; "
    "assisted, surplus, repeated and imported answers are listed but stay out of every mean"
)


@dataclass(frozen=True)
class JudgementRecord:
    """Hold one attribute of an answer; `score` is in points.

    `edit_distance` counts single-character edits to the model's critique, None where the critique is the rater's own.
    """

    score: float
    critique: str
    language: str = ""
    score_origin: str = "own"
    critique_origin: str = "own"
    edit_distance: int | None = None

    def row(self) -> dict[str, Any]:
        """Return the fields, the score as the fraction it is read back as."""
        return asdict(self) | {"score": float(self.score)}


@dataclass(frozen=True)
class AnswerRecord:
    """Hold one complete answer of one rater.

    `kind` is "first", or "final" for what a changed answer became. `holistic` is in points, `seconds` counts from
    the picture on screen to this answer. An imported answer may have no `arm`.
    """

    rater: str
    arm: str | None
    kind: str
    rubric_version: str
    subcategory: str
    holistic: float
    judgements: Mapping[str, JudgementRecord]
    seconds: int | None = None
    simulated: bool = False
    surplus: bool = False
    repeat: bool = False
    imported: bool = False


def counts(answer: Mapping[str, Any]) -> bool:
    """Tell whether an answer enters the means: a first answer, untouched by a model, inside k."""
    outside = answer["surplus"] or answer["repeat"] or answer["imported"]
    return answer["kind"] == FIRST and answer["arm"] in BEFORE_ANY_MODEL and not outside


@dataclass(frozen=True)
class Mean:
    """Hold the mean of `n` scores in points with two decimals, and its standard error, None where n is below 2."""

    mean: float | None
    n: int
    se: float | None


def mean_of(scores: Iterable[float]) -> Mean:
    """Return the mean of scores in points, computed in whole hundredths so that no rounding error creeps in.

    Half hundredths go to the even neighbour. The standard error is the sample standard deviation over the root of n.
    """
    hundredths = [round(score * 100) for score in scores]
    n = len(hundredths)
    if n == 0:
        return Mean(None, 0, None)
    exact = Decimal(sum(hundredths)) / n
    mean = float(exact.quantize(Decimal(1), ROUND_HALF_EVEN) / 100)
    return Mean(mean, n, significant(stdev(hundredths) / sqrt(n) / 100) if n > 1 else None)


@dataclass(frozen=True)
class ImageRecord:
    """Hold one image of a release.

    `load` returns the bytes of the copy without metadata, whose SHA-256 is `picture_sha256`; `sha256` is that of the
    file as it came in, by which the image is known. `group` is the smallest `sha256` among its near duplicates.
    """

    sha256: str
    picture_sha256: str
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
    answers: tuple[AnswerRecord, ...]

    def row(self, attributes: Iterable[str]) -> dict[str, Any]:
        """Return the row of the main table, without the picture itself."""
        answers = [_answer_row(answer, attributes) for answer in self.answers]
        return {
            "sha256": self.sha256,
            "picture_sha256": self.picture_sha256,
            "width": self.width,
            "height": self.height,
            "category": self.category,
            "subcategory": self.subcategory,
            **aggregate(answers, attributes),
            "answers": answers,
            "licence": self.licence,
            "author": self.author,
            "source": self.source,
            "title": self.title,
            "note": self.note,
            "group": self.group,
            "split": self.split,
            "split_reason": self.split_reason,
        }


def aggregate(answers: Iterable[Mapping[str, Any]], attributes: Iterable[str]) -> dict[str, Any]:
    """Compute `gt_score`, `holistic` and `scores` of an image from the rows of its answers.

    `gt_score` is the released score, 0 to 10: the mean of the raters' holistic scores.
    """
    counted = [answer for answer in answers if counts(answer)]
    holistic = mean_of(answer["holistic"] for answer in counted)
    given = [answer["judgements"] for answer in counted]
    return {
        "gt_score": holistic.mean,
        "holistic": asdict(holistic),
        "scores": {
            key: asdict(mean_of(judged[key]["score"] for judged in given if judged[key] is not None))
            for key in attributes
        },
    }


def _answer_row(answer: AnswerRecord, attributes: Iterable[str]) -> dict[str, Any]:
    given = answer.judgements
    row = asdict(replace(answer, judgements={})) | {
        "holistic": float(answer.holistic),
        "judgements": {key: given[key].row() if key in given else None for key in attributes},
    }
    return row | {"counted": counts(row)}
