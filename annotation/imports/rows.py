"""What a file says of an annotation, of one judgement in it, of a consensus and of a prefill, checked by the rubric.

The context of each model is the file's `Vocabulary`.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, ValidationInfo

from annotation.rubric.annotations import LONGEST_CRITIQUE, LONGEST_SITTING, FromPerson, Origin
from annotation.rubric.pins import Pins
from annotation.rubric.reading import Content, Location, Sentence, choice_refusal, is_storable, refusal, shorten

from .vocabulary import Arm, Vocabulary

# `float` alone would also read nan, 1_000 and the digits of other scripts.
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)
# The widths of the database's columns, which this room cannot ask: it knows no Django.
LONGEST_RATER = 200
LONGEST_MODEL = 300
# Datasets score to 1, 5, 10 or 100, each on a scale of its own; none goes further.
HIGHEST_REFERENCE = 100
Rule = Literal["spread", "category", "flag"]
Cause = Literal["taste", "rubric", "oversight", "slip", "category"]


def words_of(info: ValidationInfo) -> Vocabulary:
    """Return the vocabulary of the file that is being read."""
    assert isinstance(info.context, Vocabulary)
    return info.context


def number_of(value: Any, accepted: str) -> float:
    """Return the number that a file gives, as a number or as text."""
    is_numeric_text = isinstance(value, str) and NUMBER.fullmatch(value.strip())
    try:
        if is_numeric_text or (isinstance(value, int | float) and not isinstance(value, bool)):
            return float(value)
    except OverflowError:  # A whole number of hundreds of digits.
        pass
    raise refusal("not_a_number", given=repr(shorten(value)), accepted=accepted)


def to_steps(value: Any, info: ValidationInfo) -> int:
    """Return a score in points, a number or a text, as steps of the rubric's scale."""
    scale = words_of(info).rubric.scale
    points = number_of(value, scale.accepted)
    if not scale.has(points):
        raise refusal("off_scale", points=points, accepted=scale.accepted)
    return scale.to_steps(points)


def check_points(points: float | None, info: ValidationInfo) -> float | None:
    """Return a score in points of the rubric's scale, null where there is none."""
    scale = words_of(info).rubric.scale
    if points is not None and not scale.has(points):
        raise refusal("off_scale", points=points, accepted=scale.accepted)
    return points


def to_reference(value: Any) -> float:
    """Return a bare score of an image, from 0 to 100."""
    accepted = f"0 to {HIGHEST_REFERENCE}"
    score = number_of(value, accepted)
    if not 0 <= score <= HIGHEST_REFERENCE:
        raise refusal("no_reference", given=shorten(value), accepted=accepted)
    return score


def refuse_text(value: Any) -> Any:
    """Refuse a number that is written as text where numbers are expected."""
    if isinstance(value, str):
        raise refusal("text_for_number", given=repr(shorten(value)))
    return value


def to_seconds(value: Any) -> int | None:
    """Return the time spent; what no sitting can have taken counts as not measured."""
    if value in (None, ""):
        return None
    seconds = number_of(value, "seconds")
    return round(seconds) if 0 <= seconds <= LONGEST_SITTING else None


def to_critique(value: Any) -> str:
    """Return a critique without outer white space, empty where there is none."""
    if value in (None, ""):
        return ""
    if not isinstance(value, str) or not is_storable(value) or len(value) > LONGEST_CRITIQUE:
        raise refusal("long_text", most=LONGEST_CRITIQUE)
    return value.strip()


def to_subcategory(value: Any, info: ValidationInfo) -> str:
    """Return the key of what a rater called the kind of image."""
    words = words_of(info)
    key = words.subcategory(str(value)) if value else ""
    if key is None:
        raise choice_refusal(value, words.rubric.subcategories)
    return key


def check_subcategory(key: str | None, info: ValidationInfo) -> str:
    """Return the key of a subcategory, empty where there is none."""
    subcategories = words_of(info).rubric.subcategories
    if key and key not in subcategories:
        raise choice_refusal(key, subcategories)
    return key or ""


def check_attribute(key: str, info: ValidationInfo) -> str:
    """Return the key of an attribute."""
    attributes = words_of(info).rubric.by_key
    if key not in attributes:
        raise refusal("unknown_attribute", accepted=", ".join(attributes))
    return key


def check_percentage(score: float | None) -> float | None:
    """Return a model's score from 0 to 100, null where there is none."""
    if score is not None and not 0 <= score <= 100:
        raise refusal("percentage", given=score)
    return score


def check_storable(text: str | None, sentence: str = "a_text") -> str:
    """Return a text that can be stored, empty where there is none."""
    if text and not is_storable(text):
        raise refusal(sentence)
    return text or ""


def check_rater(name: str) -> str:
    """Return what a file calls a person."""
    if not is_storable(name) or len(name) > LONGEST_RATER:
        raise refusal("rater", most=LONGEST_RATER)
    return name


def check_model(name: Any) -> str:
    """Return what a file calls a model."""
    if not isinstance(name, str) or not 0 < len(name) <= LONGEST_MODEL or not is_storable(name):
        raise refusal("model_name", most=LONGEST_MODEL)
    return name


def check_critiques(text: str | None) -> str:
    """Return a prefill's critique."""
    return check_storable(text, "storable_text")


def without_null(value: Any) -> Any:
    """Return what a column of nulls stands for."""
    return value or 0


Seconds = Annotated[int | None, BeforeValidator(to_seconds)]
OriginOrNull = Annotated[Origin, BeforeValidator(lambda value: value or "own")]
AttributeKey = Annotated[str, AfterValidator(check_attribute)]
Points = Annotated[float | None, AfterValidator(check_points)]
Count = Annotated[int, Field(ge=0)]


class Row(Content):
    """A row of a foreign file; fields that are unknown are passed over."""

    # nan is left to our own checks, which say what is accepted instead.
    model_config = ConfigDict(extra="ignore", allow_inf_nan=True)


class JudgementRow(Row):
    """What a file says of one attribute of an image by one rater; each part may be missing."""

    steps: Annotated[int | None, BeforeValidator(to_steps)] = Field(None, alias="score")
    critique: Annotated[str, BeforeValidator(to_critique)] = ""
    language: str | None = None
    score_origin: OriginOrNull = "own"
    critique_origin: OriginOrNull = "own"
    edit_distance: Annotated[Count | None, Sentence("no_count")] = None
    pasted: Annotated[Count, BeforeValidator(without_null), Sentence("no_count")] = 0
    pins: Annotated[Pins, BeforeValidator(lambda value: value or [])] = []

    def origins(self) -> dict[str, Any]:
        """Return where score and critique came from, as a stored judgement says it."""
        names = ("score_origin", "critique_origin", "edit_distance", "pasted")
        return {name: getattr(self, name) for name in names}


class AnnotationRow(Row):
    """What a file says of an annotation as a whole; each part may be missing."""

    rater: Annotated[str, BeforeValidator(check_rater)] = ""
    subcategory: Annotated[str, BeforeValidator(to_subcategory)] = ""
    arm: Annotated[Arm, BeforeValidator(lambda value: value or "")] = ""
    seconds: Seconds = None
    seconds_to_first_score: Seconds = None


class ScoreRow(FromPerson):
    """A bare score of an image, on the file's own scale."""

    model_config = ConfigDict(extra="ignore")
    image: Annotated[str, Field(min_length=1), Sentence("image_name")]
    gt_score: Annotated[float, BeforeValidator(to_reference)]


class ArtimuseRow(ScoreRow):
    """A bare score as ArtiMuse-10K writes it: never as text."""

    gt_score: Annotated[float, BeforeValidator(to_reference), BeforeValidator(refuse_text)]


class ConsensusRow(Row):
    """What an adjudicator adjudicated, as a release of ours says it."""

    rule: Rule
    cause: Cause
    reason: Annotated[str, AfterValidator(check_storable), Sentence("a_text", ("string_type",))]
    subcategory: Annotated[str | None, AfterValidator(check_subcategory)]
    scores: dict[AttributeKey, Points]


class PrefillRow(Row):
    """A model's prefill, as a release of ours says it."""

    model: Annotated[str, BeforeValidator(check_model)]
    score: Annotated[float | None, AfterValidator(check_percentage)]
    scores: dict[AttributeKey, Annotated[float | None, AfterValidator(check_percentage)]]
    critiques: dict[str, Annotated[str | None, AfterValidator(check_critiques)]]


class ReleasedRow(FromPerson):
    """What a release of ours must say where a column of the same type may hold nothing."""

    model_config = ConfigDict(extra="ignore")


class ReleasedAnnotation(ReleasedRow):
    """What an annotation must say."""

    rater: Annotated[str, Sentence("a_text")]
    kind: Annotated[str, Sentence("a_text")]
    week: Annotated[str, Sentence("a_text")]
    repeat: Annotated[bool, Sentence("true_or_false")]
    surplus: Annotated[bool, Sentence("true_or_false")]
    simulated: Annotated[bool, Sentence("true_or_false")]
    judgements: Annotated[dict[str, Any], Sentence("object")]


class ReleasedConsensus(ReleasedRow):
    """What a consensus must say."""

    scores: Annotated[dict[str, Any], Sentence("object")]


class ReleasedPrefill(ReleasedRow):
    """What a prefill must say."""

    scores: Annotated[dict[str, Any], Sentence("object")]
    critiques: Annotated[dict[str, Any], Sentence("object")]


def field_of(location: Location) -> str:
    """Return what a place is called in a problem: `theme: score` for the score of an attribute."""
    first, *inner = location or ("",)
    return f"{inner[0]}: {str(first).removesuffix('s')}" if first in ("scores", "critiques") and inner else str(first)
