"""What the API takes and answers, as models: its JSON Schema, and the types of the browser's code, are made of them."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict
from pydantic.json_schema import models_json_schema

from annotation.actions.agreement.plan_analysis import PlanContent
from annotation.rubric.annotations import AnnotationContent, Origin
from annotation.rubric.pins import Pin
from annotation.rubric.schema import Rubric
from annotation.rubric.viewing import ViewingConditions

DIALECT = "https://json-schema.org/draft/2020-12/schema"


class ResponseModel(BaseModel):
    """An object the API answers; it says no more than is named here."""

    model_config = ConfigDict(extra="forbid")


class Tiles(ResponseModel):
    """The tiles of a large image; `url` is that of tile 0, 0 of level 0, sizes are in pixels."""

    url: str
    size: int
    overlap: int
    levels: int


class Image(ResponseModel):
    """Its number, where an image is served, and its size in pixels."""

    id: int
    display: str
    thumbnail: str
    full: str
    width: int
    height: int
    tiles: Tiles | None


class Judgement(ResponseModel):
    """One attribute's stored score in points and critique."""

    score: float
    critique: str
    language: str
    score_origin: Origin
    critique_origin: Origin
    pasted: int
    pins: list[Pin]


class Annotation(ResponseModel):
    """A stored annotation, in the form in which annotations are sent."""

    subcategory: str
    holistic: float
    judgements: dict[str, Judgement]


class EarlierAnnotation(Annotation):
    """One's own annotation from before the rubric changed its meaning."""

    rubric_version: int


class Prefill(ResponseModel):
    """What a prefill says: scores in points, `overall` from 0 to 100 with the probabilities of 0 to 100."""

    model: str
    scores: dict[str, float | None]
    critiques: dict[str, str]
    overall: float | None
    distribution: list[float] | None


class Comparison(ResponseModel):
    """A score beside the panel's, in points; the distance in the panel's standard deviations."""

    own: float
    panel: list[float]
    mean: float
    distance: float


class Ranks(ResponseModel):
    """Where an image stands among the anchor images so far."""

    own: float
    panel: float


class Feedback(ResponseModel):
    """How an annotation of an anchor image lies to the panel's."""

    judged: int
    anchors: int
    ranks: Ranks
    attributes: dict[str, Comparison]


class Message(ResponseModel):
    """A message of the thread with the organisers."""

    mine: bool
    text: str
    at: str


class SentBack(ResponseModel):
    """The word with which one's own finished annotation was sent back, to be looked at again."""

    text: str
    at: str


class Assignment(ResponseModel):
    """One image to judge."""

    id: str
    campaign: str
    state: Literal["open", "committed", "done", "skipped"]
    surplus: bool
    image: Image
    lease_until: str
    draft: Any
    draft_version: int
    first_revision: Annotation | None
    final_revision: Annotation | None
    sent_back: SentBack | None
    earlier_annotation: EarlierAnnotation | None
    feedback: Feedback | None
    messages: list[Message]
    prefill: Prefill | None


class RubricChange(ResponseModel):
    """One edit of the rubric since a draft was begun: the part of the form it is in, where, and both wordings."""

    part: str
    label: str
    before: str | None
    after: str | None


class AnchorImage(ResponseModel):
    """An image with known levels: the means of its panel's scores in points."""

    image: Image
    subcategory: str
    scores: dict[str, float]
    raters: int


class Refusal(ResponseModel):
    """Why a request was refused; `fields` maps each wrong field to its message."""

    error: str
    fields: dict[str, str] = {}
    signed_out: bool = False
    assignment: Assignment | None = None


REQUEST_MODELS: tuple[type[BaseModel], ...] = (AnnotationContent, ViewingConditions, PlanContent, Rubric)
RESPONSE_MODELS: tuple[type[BaseModel], ...] = (Assignment, AnchorImage, RubricChange, Refusal)


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of all that the API takes and answers, by name in `$defs`."""
    # The mode of validation for answers too: in it a field with a default may be missing, as it may in what we send.
    models = [(model, "validation") for model in (*REQUEST_MODELS, *RESPONSE_MODELS)]
    _places, schema = models_json_schema(models)  # type: ignore[arg-type]
    return {"$schema": DIALECT, **schema}
