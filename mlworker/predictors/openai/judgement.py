"""What a model must answer in JSON: a score and a critique for each attribute, and an overall score."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, create_model
from pydantic_core import PydanticCustomError

from mlworker.contract import AttributePrefill, AttributeQuestion, PredictorError
from mlworker.texts import is_storable

LONGEST_CRITIQUE = 8000  # Characters; more is a model that repeats itself.


class PrefillRefused(PredictorError):
    """What the model said does not fit the rubric, or not all of it came back."""


def check_critique(text: str) -> str:
    """Return a critique without outer white space; raises PydanticCustomError for one that cannot be kept."""
    if not text.strip():
        raise PydanticCustomError("no_critique", "empty")
    if len(text) > LONGEST_CRITIQUE:
        raise PydanticCustomError("long_critique", "too long")
    if not is_storable(text):
        raise PydanticCustomError("broken_critique", "not text")
    return text.strip()


Score = Annotated[float, Field(ge=0, le=100)]
Critique = Annotated[str, AfterValidator(check_critique)]
SENTENCES = {
    "model_type": "{where} is {kind}, not an object",
    "missing": "{where} lacks {name}",
    "extra_forbidden": "{where} has the unknown field {name!r}; accepted are {accepted}",
    "string_type": "{where} is empty or no text",
    "no_critique": "{where} is empty or no text",
    "broken_critique": "{where} holds a zero byte or half a character; text is accepted",
    "long_critique": "{where} has {length} characters; {longest} are accepted",
}
ANY_NUMBER = "{where} is {given}; a number from 0 to 100 is accepted"


class StrictObject(BaseModel):
    """An object with exactly its fields."""

    # Strict, as `true` and "9" are no scores, and JSON of Python's own kind knows NaN.
    model_config = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)


class AttributeJudgement(StrictObject):
    """What the model says of one attribute."""

    critique: Critique
    score: Score


class Judgement(StrictObject):
    """What the model says of an image; `model_for` gives the attributes their names."""

    attributes: Any
    score: Score


def keys_of(attributes: Sequence[AttributeQuestion]) -> tuple[str, ...]:
    return tuple(question.key for question in attributes)


@lru_cache(maxsize=16)  # Building one takes as long as reading hundreds of answers.
def model_for(keys: tuple[str, ...]) -> type[Judgement]:
    """Return the model of a whole judgement of the attributes with these keys."""
    # By numbers, as a key may be a name that pydantic keeps for itself.
    fields: dict[str, Any] = {
        f"attribute_{number}": (AttributeJudgement, Field(alias=key)) for number, key in enumerate(keys)
    }
    of_attributes = create_model("Attributes", __base__=StrictObject, **fields)
    return create_model("Judgement", __base__=Judgement, attributes=(of_attributes, ...))


def schema_for(attributes: Sequence[AttributeQuestion]) -> dict[str, Any]:
    """Return the JSON Schema of a whole judgement, without references, which not every server follows."""
    return _schema_of(keys_of(attributes))


@lru_cache(maxsize=16)
def _schema_of(keys: tuple[str, ...]) -> dict[str, Any]:
    schema = model_for(keys).model_json_schema()
    plain: dict[str, Any] = _without_references(schema, schema.pop("$defs"))
    return plain


def _without_references(part: Any, definitions: Mapping[str, Any]) -> Any:
    if not isinstance(part, dict):
        return part
    if "$ref" in part:
        return _without_references(definitions[part["$ref"].rpartition("/")[2]], definitions)
    # Written for our readers; to a model they would be further instructions, paid for by the token.
    notes = ("title", "description")
    return {
        name: {key: _without_references(subschema, definitions) for key, subschema in value.items()}
        if name == "properties"
        else value
        for name, value in part.items()
        if name not in notes
    }


def read_judgement(text: str, attributes: Sequence[AttributeQuestion]) -> tuple[float, dict[str, AttributePrefill]]:
    """Return the overall score and the prefills of an answer; raises PrefillRefused naming the field at fault.

    Checked here whatever the server promises, as not every server holds a model to its schema.
    """
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise PrefillRefused(f"the model's answer is no JSON: {error}") from error
    keys = keys_of(attributes)
    model = model_for(keys)
    try:
        judgement = model.model_validate(data)
    except ValidationError as error:
        raise PrefillRefused(_error_sentence(error, model)) from error
    parts = zip(keys, (part for _name, part in judgement.attributes), strict=True)
    return judgement.score, {key: AttributePrefill(part.critique, part.score) for key, part in parts}


def _error_sentence(error: ValidationError, model: type[Judgement]) -> str:
    """Return what is wrong first, and with which field."""
    error_detail, *other_details = error.errors(include_url=False)
    *outer_fields, name = error_detail["loc"] or ("",)
    error_type, is_about_object = error_detail["type"], error_detail["type"] in ("missing", "extra_forbidden")
    if error_type == "missing":
        same_errors = (detail for detail in other_details if detail["type"] == error_type)
        other_names = (detail["loc"][-1] for detail in same_errors if list(detail["loc"][:-1]) == outer_fields)
        name = ", ".join(map(str, [name, *other_names]))
    return SENTENCES.get(error_type, ANY_NUMBER).format(
        where=".".join(map(str, outer_fields if is_about_object else error_detail["loc"])) or "the answer",
        kind=type(error_detail["input"]).__name__,
        name=str(name)[:50] if error_type == "extra_forbidden" else name,
        given=str(error_detail["input"])[:50],
        length=len(str(error_detail["input"])),
        longest=LONGEST_CRITIQUE,
        accepted=", ".join(_fields_at(model, len(outer_fields))),
    )


def _fields_at(model: type[BaseModel], depth: int) -> list[str]:
    """Return the names of the fields so many objects below the whole."""
    fields = model.model_fields
    for _step in range(depth):
        annotations = (field_info.annotation for field_info in fields.values())
        inner = next((annotation for annotation in annotations if isinstance(annotation, type)), None)
        fields = inner.model_fields if inner and issubclass(inner, BaseModel) else {}
    return [field_info.alias or name for name, field_info in fields.items()]


def read_critique(text: str, where: str) -> str:
    """Return a critique in plain words; raises PrefillRefused for nothing and too much."""
    try:
        return check_critique(text)
    except PydanticCustomError as error:
        sentence = SENTENCES[error.type]
        raise PrefillRefused(sentence.format(where=where, length=len(text), longest=LONGEST_CRITIQUE)) from error
