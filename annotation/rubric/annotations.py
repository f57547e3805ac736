"""An annotation as it comes from a page or a program, all of it checked (plain Python).

Scores arrive in points of the rubric's scale (7.5) and are kept in whole steps (15).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Annotated, Any, ClassVar, Literal, Self
from uuid import UUID

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BeforeValidator,
    Field,
    PlainValidator,
    PrivateAttr,
    Strict,
    ValidationInfo,
    field_validator,
    model_validator,
)
from rapidfuzz.distance import Levenshtein

from annotation.errors import AnnotationInvalid

from .pins import Pins
from .reading import Content, Location, Sentence, choice_refusal, is_storable, read, refusal, shorten
from .schema import Rubric

OWN, ACCEPTED, BULK, EDITED = "own", "accepted", "bulk", "edited"
LONGEST_CRITIQUE = 10_000
LONGEST_SITTING = 24 * 60 * 60

Origin = Literal["own", "accepted", "bulk", "edited"]
# What the messages on a judgement's fields are known by.
FIELDS = {
    "score": "scores",
    "critique": "critiques",
    "language": "languages",
    "score_origin": "origins",
    "critique_origin": "origins",
    "pasted": "pasted",
    "pins": "pins",
}


@dataclass(frozen=True)
class ShownPrefill:
    """What a shown prefill says: scores in steps (None where it gives none) and critiques, by attribute key."""

    scores: Mapping[str, int | None] = field(default_factory=dict)
    critiques: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Question:
    """What an annotation answers to: a version of a rubric, the prefill that was shown, and the number of the image."""

    rubric: Rubric
    rubric_version: int
    prefill: ShownPrefill
    image: int | None = None


def question_of(info: ValidationInfo) -> Question:
    """Return the question of the annotation that is being read."""
    assert isinstance(info.context, Question)
    return info.context


class FromPerson(Content):
    """An object whose missing fields are read as null, so that each says itself what it accepts."""

    @model_validator(mode="before")
    @classmethod
    def fill_missing(cls, data: Any) -> Any:
        """Give each field that is needed a place."""
        if not isinstance(data, dict):
            return data
        required_names = (field.alias or name for name, field in cls.model_fields.items() if field.is_required())
        return dict.fromkeys(required_names) | data


def to_steps(value: Any, info: ValidationInfo) -> int:
    """Return a score in points as steps of the rubric's scale."""
    scale = question_of(info).rubric.scale
    if value is None:
        raise refusal("choice_missing", accepted=scale.accepted)
    # To Python, true is a number as well.
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise refusal("not_a_number", given=shorten(repr(value)), accepted=scale.accepted)
    try:
        return scale.to_steps(value)
    except ValueError as error:
        raise refusal("off_scale", points=shorten(value), accepted=scale.accepted) from error


def check_critique(text: str) -> str:
    """Return a critique without outer white space."""
    if not text.strip():
        raise refusal("critique")
    if not is_storable(text):
        raise refusal("not_storable")
    return text.strip()


def check_subcategory(value: Any, info: ValidationInfo) -> str:
    """Return the key of a subcategory."""
    subcategories = question_of(info).rubric.subcategories
    if not isinstance(value, str) or value not in subcategories:
        raise choice_refusal(value, subcategories)
    return value


def check_version(value: Any, info: ValidationInfo) -> int:
    """Return the number of the rubric's version, which must be the one in force."""
    version = question_of(info).rubric_version
    if value != version:
        raise refusal("rubric_version", version=version, given=repr(value))
    return version


def check_attribute(key: str, info: ValidationInfo) -> str:
    """Return the key of an attribute."""
    attributes = question_of(info).rubric.by_key
    if key not in attributes:
        raise refusal("extra_forbidden", accepted=", ".join(sorted(attributes)))
    return key


AttributeKey = Annotated[str, AfterValidator(check_attribute)]
Seconds = Annotated[float, Field(ge=0, le=LONGEST_SITTING), AfterValidator(round), Sentence("seconds")]


class JudgementContent(FromPerson):
    """One attribute's score and critique, with where each came from; the score arrives in points, and is kept in steps.

    `pasted` counts the characters of the critique that were pasted or dropped in, not typed; `pins` are the places on
    the image it speaks of; `edit_distance` is how far the critique is from the prefill's.
    """

    sentences: ClassVar = {"model_type": "judgement"}

    steps: Annotated[int, PlainValidator(to_steps, json_schema_input_type=float)] = Field(alias="score")
    critique: Annotated[
        str,
        Field(max_length=LONGEST_CRITIQUE),
        AfterValidator(check_critique),
        Sentence("critique_too_long", ("string_too_long",)),
        Sentence("not_storable", ("string_unicode",)),
        Sentence("critique", ("string_type",)),
    ]
    language: Literal["", "en", "zh-hans"] = ""
    score_origin: Origin = "own"
    critique_origin: Origin = "own"
    pasted: Annotated[int, Field(ge=0), Sentence("pasted")] = 0
    pins: Pins = []
    _edit_distance: int | None = PrivateAttr(None)

    @model_validator(mode="before")
    @classmethod
    def refuse_null(cls, data: Any, info: ValidationInfo) -> Any:
        """Refuse an attribute that was not judged."""
        if data is None:
            raise refusal("choice_missing", at=("score",), accepted=question_of(info).rubric.scale.accepted)
        return data

    @property
    def edit_distance(self) -> int | None:
        """Return how many characters were changed in the prefill's critique, None where the critique is one's own."""
        return self._edit_distance


def check_image(value: int, info: ValidationInfo) -> int:
    """Return the number of the image that was drawn, which must be the one that is judged."""
    image = question_of(info).image
    if image is not None and value != image:
        raise refusal("image_drawn")
    return value


class DrawnImage(Content):
    """Which image the page drew on the annotator's screen, by its number, and when by the screen's clock."""

    image: Annotated[int, AfterValidator(check_image)]
    at: Annotated[AwareDatetime, Strict(False), Sentence("moment")]


class AnnotationContent(FromPerson):
    """One complete annotation."""

    key: Annotated[UUID, Strict(False), Sentence("uuid")]
    rubric_version: Annotated[int, BeforeValidator(check_version)]
    subcategory: Annotated[str, BeforeValidator(check_subcategory)]
    judgements: Annotated[dict[AttributeKey, JudgementContent], Sentence("judgements", ("dict_type",))]
    seconds: Annotated[Seconds | None, Sentence("seconds")] = None
    seconds_to_first_score: Annotated[Seconds | None, Sentence("seconds")] = None
    drawn: DrawnImage | None = None

    @field_validator("judgements", mode="before")
    @classmethod
    def list_attributes(cls, data: Any, info: ValidationInfo) -> Any:
        """Give each attribute of the rubric a judgement, null where it is missing, in the rubric's order."""
        return dict.fromkeys(question_of(info).rubric.by_key) | data if isinstance(data, dict) else data

    @model_validator(mode="after")
    def check_origins(self, info: ValidationInfo) -> Self:
        """Hold the claimed origins against the prefill."""
        for key, judgement in self.judgements.items():
            self.judgements[key] = _with_origins(key, judgement, question_of(info).prefill)
        return self

    def steps(self) -> dict[str, int]:
        """Return each attribute's score in steps."""
        return {key: judgement.steps for key, judgement in self.judgements.items()}


def _with_origins(key: str, judgement: JudgementContent, prefill: ShownPrefill) -> JudgementContent:
    """Return a judgement with its origins: what equals the prefill is accepted, by itself or in bulk, else edited."""
    score, critique = prefill.scores.get(key), prefill.critiques.get(key, "").strip()
    score_origin, critique_origin = judgement.score_origin, judgement.critique_origin
    # A blind answer cannot have accepted anything: a page that says so is wrong, or tampered with.
    if score_origin != OWN and score is None:
        raise refusal("no_prefilled_score", at=("judgements", key, "score_origin"))
    if critique_origin != OWN and not critique:
        raise refusal("no_prefilled_critique", at=("judgements", key, "critique_origin"))
    # The same score may well be one's own; the same critique to the letter is the model's, whatever is claimed.
    is_same = bool(critique) and judgement.critique == critique
    origins: dict[str, Any] = {}
    if score_origin != OWN:
        origins["score_origin"] = _origin(score_origin, is_same=judgement.steps == score)
    if critique_origin != OWN or is_same:
        origins["critique_origin"] = _origin(critique_origin, is_same=is_same)
    result = judgement.model_copy(update=origins)
    if "critique_origin" in origins:
        result._edit_distance = 0 if is_same else Levenshtein.distance(critique, judgement.critique)
    return result


def _origin(claim: str, *, is_same: bool) -> str:
    # Equality decides and the claim only says how: accepting and then editing is editing.
    origin = BULK if claim == BULK else ACCEPTED
    return origin if is_same else EDITED


def field_of(location: Location, rubric: Rubric) -> str:
    """Return what a place is called in messages: `scores.theme` for the score of a judgement."""
    names = [shorten(step) for step in location if isinstance(step, str)] or ["annotation"]
    if len(names) < 2 or names[0] != "judgements":
        return names[0]
    attribute, *inner = names[1:]
    if attribute not in rubric.by_key or not inner:
        return f"judgements.{attribute}"
    return f"{FIELDS[inner[0]]}.{attribute}" if inner[0] in FIELDS else f"judgements.{attribute}.{inner[0]}"


def read_annotation(
    data: Any, rubric: Rubric, rubric_version: int, prefill: ShownPrefill | None, image: int | None = None
) -> AnnotationContent:
    """Return an annotation, checked against the rubric and the prefill that was shown.

    Raise AnnotationInvalid with a message for each wrong field: missing and unknown ones, scores off the scale or
    between steps, another rubric version, an origin that does not fit the prefill, another image drawn than `image`.
    """
    question = Question(rubric, rubric_version, prefill or ShownPrefill(), image)
    name = partial(field_of, rubric=rubric)
    return read(AnnotationContent, data, context=question, name=name, error=AnnotationInvalid)
