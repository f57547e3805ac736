"""What a file says of an annotation, of one judgement in it, of a consensus and of a prefill, checked by the rubric.

The context of each model is the file's `Vocabulary`.
"""

from __future__ import annotations

import re
from math import floor
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, ValidationInfo

from annotation.rubric.annotations import LONGEST_CRITIQUE, LONGEST_SITTING, FromPerson, Origin
from annotation.rubric.pins import Pins
from annotation.rubric.reading import Content, Location, Sentence, choice_refusal, is_storable, refusal, shorten
from annotation.rubric.schema import Scale

from .absent import is_absent, is_error
from .numbers import is_ambiguous, plain_number
from .vocabulary import Arm, Vocabulary

# The widths of the database's columns, which this room cannot ask: it knows no Django.
LONGEST_RATER = 200
LONGEST_MODEL = 300
LONGEST_SHOWN_MODEL = 200
LONGEST_LANGUAGE = 10
LONGEST_CAMPAIGN = 200
HIGHEST_COUNT = 2**31 - 1
LANGUAGE = re.compile("[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*", re.ASCII)
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
    if is_error(value):
        raise refusal("error_of_spreadsheet", given=value)
    written = plain_number(value) if isinstance(value, str) else None
    try:
        if written or (isinstance(value, int | float) and not isinstance(value, bool)):
            return float(written or value)
    except OverflowError:  # A whole number of hundreds of digits.
        pass
    raise refusal("not_a_number", given=repr(shorten(value)), accepted=accepted)


def to_steps(value: Any, info: ValidationInfo) -> int:
    """Return a score in points, a number or a text, as steps of the rubric's scale."""
    scale, own = words_of(info).rubric.scale, words_of(info).scale
    points = number_of(value, scale.accepted)
    if own is not None:
        return from_scale(points, own, scale)
    if not scale.has(points):
        raise refusal("off_scale", points=points, accepted=scale.accepted)
    return scale.to_steps(points)


def from_scale(points: float, own: tuple[float, float], scale: Scale) -> int:
    """Return a score on the file's own scale as the nearest step of ours, the higher one half way between two."""
    lowest, highest = own
    if not lowest <= points <= highest:
        raise refusal("off_scale", points=points, accepted=f"{lowest:g} to {highest:g}, as the mapping says")
    share = (points - lowest) / (highest - lowest)
    # Rounded first, so that what is half way between two steps is not a hair below it.
    return scale.lowest + floor(round(share * (scale.highest - scale.lowest), 9) + 0.5)


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
    if is_absent(value):
        return None
    if isinstance(value, str) and is_ambiguous(value):
        raise refusal("two_readings", given=repr(shorten(value)), accepted="seconds")
    spent = number_of(value, "seconds")
    return round(spent) if 0 <= spent <= LONGEST_SITTING else None


def to_critique(value: Any) -> str:
    """Return a critique without outer white space, empty where there is none."""
    if value in (None, ""):
        return ""
    if is_error(value):
        raise refusal("error_of_spreadsheet", given=value)
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


def check_language(code: str | None) -> str | None:
    """Return the code of a language, None where none is named."""
    if code and (len(code) > LONGEST_LANGUAGE or not LANGUAGE.fullmatch(code)):
        raise refusal("language_code", most=LONGEST_LANGUAGE)
    return code


def check_campaign(name: str | None) -> str | None:
    """Return what a release calls the campaign that an answer was given in."""
    if name and (len(name) > LONGEST_CAMPAIGN or not is_storable(name)):
        raise refusal("rater", most=LONGEST_CAMPAIGN)
    return name


def check_shown_model(name: str | None) -> str | None:
    """Return what a release calls the model that was shown."""
    if name and (len(name) > LONGEST_SHOWN_MODEL or not is_storable(name)):
        raise refusal("rater", most=LONGEST_SHOWN_MODEL)
    return name


def check_week(week: str) -> str:
    """Return an ISO week, empty where none is told."""
    if week and not re.fullmatch(r"\d{4}-W\d\d", week, re.ASCII):
        raise refusal("week")
    return week


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
Count = Annotated[int, Field(ge=0, le=HIGHEST_COUNT)]


class Row(Content):
    """A row of a foreign file; fields that are unknown are passed over."""

    # nan is left to our own checks, which say what is accepted instead.
    model_config = ConfigDict(extra="ignore", allow_inf_nan=True)


class JudgementRow(Row):
    """What a file says of one attribute of an image by one rater; each part may be missing."""

    steps: Annotated[int | None, BeforeValidator(to_steps)] = Field(None, alias="score")
    critique: Annotated[str, BeforeValidator(to_critique)] = ""
    language: Annotated[str | None, AfterValidator(check_language), Sentence("language_code", ("string_type",))] = None
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
    critiques: dict[
        Annotated[str, AfterValidator(check_critiques)], Annotated[str | None, AfterValidator(check_critiques)]
    ]


class ReleasedRow(FromPerson):
    """What a release of ours must say where a column of the same type may hold nothing."""

    model_config = ConfigDict(extra="ignore")


class ReleasedAnnotation(ReleasedRow):
    """What an annotation must say."""

    rater: Annotated[str, Sentence("a_text")]
    kind: Annotated[str, Sentence("a_text")]
    week: Annotated[str, AfterValidator(check_week), Sentence("a_text", ("string_type",))]
    campaign: Annotated[str | None, AfterValidator(check_campaign), Sentence("a_text", ("string_type",))] = None
    shown_model: Annotated[str | None, AfterValidator(check_shown_model), Sentence("a_text", ("string_type",))] = None
    repeat: Annotated[bool, Sentence("true_or_false")]
    surplus: Annotated[bool, Sentence("true_or_false")]
    exposed: Annotated[bool, Sentence("true_or_false")]
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
