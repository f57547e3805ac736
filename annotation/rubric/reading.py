"""Read data through pydantic models, and say what is wrong in our own sentences (plain Python).

`SENTENCES` has one for each type of error, pydantic's and ours; a field or a model names another with `Sentence`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import chain
from types import UnionType
from typing import Annotated, Any, ClassVar, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails, PydanticCustomError

from annotation.errors import FieldsInvalid
from annotation.phrases import Phrase, phrase
from annotation.phrases import template as _

Location = tuple[int | str, ...]

SENTENCES = {
    # Of any field.
    "missing": _("is missing"),
    "extra_forbidden": _("is unknown; accepted: %(accepted)s"),
    "choice_missing": _("is missing; accepted: %(accepted)s"),
    "choice_unknown": _("%(given)s is unknown; accepted: %(accepted)s"),
    "object": _("an object is accepted"),
    "other": _("%(given)r is not accepted"),
    # Of an annotation.
    "uuid": _("a UUID is accepted, the same on every retry"),
    "rubric_version": _("version %(version)s is in force, not %(given)s; reload the page"),
    "image_drawn": _("another image was drawn than the one that is judged"),
    "moment": _("a date and time with its zone is accepted, as in 2026-11-28T23:05:00Z"),
    "seconds": _("seconds from 0 to %(highest)s are accepted"),
    "judgements": _("an object with an entry for each attribute is accepted"),
    "judgement": _("an object with score and critique is accepted"),
    "not_a_number": _("%(given)s is not a number; accepted: %(accepted)s"),
    "off_scale": _("%(points)s is not on the scale: %(accepted)s"),
    "critique": _("is missing; a text is accepted"),
    "critique_too_long": _("has %(length)s characters; at most %(max_length)s are accepted"),
    "not_storable": _("holds a NUL or half a character, which cannot be stored"),
    "pasted": _("a whole number of characters, 0 or more, is accepted"),
    "no_prefilled_score": _("no score was prefilled here; only 'own' is accepted"),
    "no_prefilled_critique": _("no critique was prefilled here; only 'own' is accepted"),
    # Of a rubric.
    "mapping": _("a mapping is accepted, not %(given)r"),
    "dict_type": _("a mapping is accepted, not %(given)r"),
    "list_type": _("a list is accepted, not %(given)r"),
    "tuple_type": _("a list is accepted, not %(given)r"),
    "string_type": _("text is accepted, not %(given)r"),
    "int_type": _("a whole number is accepted, not %(given)r"),
    "float_type": _("a number is accepted, not %(given)r"),
    "too_short": _("at least one is needed"),
    "string_pattern_mismatch": _("a small letter, then small letters, digits, _ and - are accepted, not %(given)r"),
    "too_long": _("%(actual_length)s are too many; at most %(max_length)s are accepted"),
    "string_too_long": _("at most %(max_length)s characters are accepted"),
    "too_many_languages": _("at most %(most)s languages are accepted"),
    "long_wording": _("at most %(most)s characters are accepted"),
    "long_scale": _("at most %(most)s steps, and a maximum of at most %(highest_score)s, are accepted"),
    "language": _("the language %(given)r is not text; put it in quotes"),
    "wording": _("a wording is needed, not %(given)r"),
    "control_characters": _("holds characters that cannot be stored"),
    "no_english": _("an English wording (en) is needed"),
    "length": _("two whole numbers, from and to, are accepted, not %(given)r"),
    "per_cent": _("0 to 100 per cent is accepted, not %(given)s"),
    "divisor": _("a divisor of 100 is accepted, not %(given)s"),
    "scale": _("minimum must be 0 or more, and below maximum"),
    "anchors": _("the scores must rise from each anchor to the next"),
    "key_twice": _("%(kind)s key %(key)r stands twice; keys must differ"),
    "weights": _("the weights add up to %(total)s, not to 100"),
    "overall": _("exactly the last one (the overall judgement) must have weight 0"),
    "guidance": _("%(key)r is no subcategory; accepted: %(accepted)s"),
    # Of viewing conditions.
    "viewing": _("screen, dark_steps and bright_steps are accepted"),
    "fields": _("%(fields)s are accepted"),
    "words": _("%(words)s are accepted"),
    "number_between": _("a number from %(lowest)s to %(highest)s is accepted"),
    "whole_number_or_null": _("a whole number from %(lowest)s to %(highest)s or null is accepted"),
    # Of an analysis plan.
    "not_in_plan": _("%(given)s is not accepted; accepted: %(accepted)s"),
    "no_field_of_plan": _("%(given)s is not accepted; accepted: %(fields)s"),
    "no_word_of_plan": _("%(given)s is not accepted; accepted: %(words)s"),
    "not_between": _("%(given)s is not accepted; accepted: %(lowest)s to %(highest)s"),
    "not_a_count": _("%(given)s is not accepted; accepted: 0, 1, 2, ..."),
    # Of a file of annotations from elsewhere.
    "mapping_fields": _("an object with %(fields)s is accepted"),
    "mapping_field": _("%(given)r is unknown; accepted: %(fields)s"),
    "names": _("an object from their names to ours is accepted"),
    "scale_of_file": _("the lowest and the highest score are accepted, as [1, 5], or these for each attribute"),
    "error_of_spreadsheet": _("%(given)s is an error of a spreadsheet; what was written there is lost"),
    "two_readings": _("%(given)s can be read in two ways; accepted: digits with a point, %(accepted)s"),
    "stars": _("stars are on a scale of their own; name it in the mapping, as scale: [1, 5]"),
    "language_code": _("a code of at most %(most)s characters is accepted, such as en or zh-hans"),
    "week": _("a week is accepted, such as 2026-W05"),
    "image_name": _("the name of an image is accepted"),
    "no_reference": _("%(given)s is not on the scale; accepted: %(accepted)s"),
    "text_for_number": _("a number is accepted, not the text %(given)s"),
    "unknown_attribute": _("the attribute is unknown; accepted: %(accepted)s"),
    "long_text": _("a text of at most %(most)s characters is accepted"),
    "rater": _("a name of at most %(most)s characters is accepted"),
    "model_name": _("a name of 1 to %(most)s characters is accepted"),
    "no_count": _("%(given)r is no number of characters"),
    "percentage": _("%(given)s: 0 to 100 is accepted"),
    "a_text": _("a text is accepted"),
    "storable_text": _("a text without NUL is accepted"),
    "true_or_false": _("true or false is accepted"),
    # Of a pin.
    "pins": _("a list of points and boxes is accepted"),
    "too_many_pins": _("%(actual_length)s pins; at most %(max_length)s are accepted"),
    "pin": _("pin %(number)s: an object with x, y; x, y, width, height is accepted"),
    "fraction": _("pin %(number)s: %(name)s: 0 to 1 is accepted"),
    "empty_box": _("pin %(number)s: %(name)s: more than 0 is accepted"),
    "outside_image": _("pin %(number)s: the box must lie within the image"),
}


@dataclass(frozen=True)
class Sentence:
    """The sentence of a field for these types of error, for all of them where none is named."""

    sentence: str
    types: tuple[str, ...] = ()


class Content(BaseModel):
    """What somebody sends, or a file holds.

    `sentences` names those for errors of the object as a whole: `model_type`, and `missing` and `extra_forbidden`
    where one sentence is to name all of its fields.
    """

    # Strict: "7" or true where a number belongs is a mistake of a program, best told to its author.
    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", allow_inf_nan=False)
    sentences: ClassVar[Mapping[str, str]] = {"model_type": "object"}


Model = TypeVar("Model", bound=BaseModel)


def path_of(location: Location) -> str:
    """Return a place as people read it: `attributes[2].anchors[1].score`."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in location).lstrip(".")


def read(
    model: type[Model],
    data: Any,
    *,
    context: Any = None,
    name: Callable[[Location], str] = path_of,
    error: type[FieldsInvalid] = FieldsInvalid,
) -> Model:
    """Return the data as a model. Raise `error` with a sentence for each field, called as `name` does."""
    try:
        return model.model_validate(data, context=context)
    except ValidationError as problems:
        errors: dict[str, str] = {}
        for details in problems.errors(include_url=False):
            location, sentence = _sentence(model, details)
            # One sentence a field: the first problem often causes those that follow.
            errors.setdefault(name(location), sentence)
        raise error(errors) from problems


def refusal(sentence: str, at: Location = (), **parameters: Any) -> PydanticCustomError:
    """Return the error a validator raises for a sentence of ours; `at` leads from its field to what is wrong."""
    # Its own message goes unused: `_sentence` finds ours, which can be translated.
    return PydanticCustomError(sentence, "refused", {"at": at, **parameters})


def choice_refusal(given: Any, accepted: Iterable[str]) -> PydanticCustomError:
    """Return the error for what is none of the accepted words."""
    names = ", ".join(filter(None, accepted))
    if given in (None, ""):
        return refusal("choice_missing", accepted=names)
    return refusal("choice_unknown", given=shorten(repr(given)), accepted=names)


def shorten(value: Any) -> str:
    """Return what someone sent in a form fit for a message: plain characters, and not too many."""
    # Half a surrogate pair would break the very response that complains of it.
    text = str(value).encode("utf-8", "replace").decode()
    return text if len(text) <= 40 else f"{text[:40]}…"


def is_storable(text: str) -> bool:
    """Tell whether a text can be stored and sent: it has no NUL and no half of a surrogate pair."""
    return "\x00" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


def _sentence(model: type[BaseModel], details: ErrorDetails) -> tuple[Location, Phrase]:
    """Return where an error lies, and what it says."""
    kind, location, given = details["type"], details["loc"], details["input"]
    parameters: dict[str, Any] = {"given": given, "length": len(str(given)), **details.get("ctx", {})}
    field = _field_at(model, location)
    if kind == "string_unicode" and field is None:  # A name with half a character is none of ours.
        kind, location = "extra_forbidden", (*location, given)
    of_object = kind in ("missing", "extra_forbidden")
    owner = _model_at(model, location[:-1] if of_object else location)
    if owner is not None and kind in (sentences := getattr(owner, "sentences", {})):
        parameters["given"] = location[-1] if of_object else given
        kind, location = sentences[kind], location[:-1] if of_object else location
    elif field is not None and not of_object:
        kind, parameters = _own_sentence(field, kind), parameters | _bounds_of(field)
        if kind == "literal_error":
            kind, parameters = _of_choice(given, field)
    if owner is not None:
        parameters.setdefault("accepted", ", ".join(sorted(_fields_of(owner))))
        parameters["fields"] = ", ".join(_fields_of(owner))
    location += parameters.pop("at", ())
    parameters |= _names_in(location)
    template = SENTENCES.get(kind, SENTENCES["other"])
    return location, phrase(template, **{name: value for name, value in parameters.items() if f"%({name})" in template})


def _own_sentence(field: FieldInfo, kind: str) -> str:
    """Return the name of a field's own sentence for a type of error, else the type."""
    sentences = (each for each in _metadata_of(field) if isinstance(each, Sentence))
    return next((each.sentence for each in sentences if not each.types or kind in each.types), kind)


def _of_choice(given: Any, field: FieldInfo) -> tuple[str, dict[str, Any]]:
    error = choice_refusal(given, _words_of(field))
    return error.type, dict(error.context or {})


def _words_of(field: FieldInfo) -> list[str]:
    return [word for word in get_args(field.annotation) if isinstance(word, str) and word]


def _metadata_of(field: FieldInfo) -> list[Any]:
    """Return what is noted beside a field's type, and beside the types it may have."""
    inner = (get_args(each)[1:] for each in get_args(field.annotation) if get_origin(each) is Annotated)
    return [*field.metadata, *chain.from_iterable(inner)]


def _bounds_of(field: FieldInfo) -> dict[str, Any]:
    """Return the lowest and the highest number that a field takes, and the words."""
    bounds = {"lowest": "ge", "highest": "le"}
    marks = [each for part in _metadata_of(field) for each in getattr(part, "metadata", [part])]
    numbers = {name: getattr(mark, bound) for mark in marks for name, bound in bounds.items() if hasattr(mark, bound)}
    return {"words": ", ".join(_words_of(field)), **numbers}


def _names_in(location: Location) -> dict[str, Any]:
    """Return the name of the last field of a place, and the number of the last item, from 1."""
    names = [step for step in location if isinstance(step, str)]
    numbers = [step + 1 for step in location if isinstance(step, int)]
    return {"name": names[-1] if names else "", "number": numbers[-1] if numbers else 0}


def _fields_of(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """Return a model's fields by the names they are sent under."""
    return {field.alias or name: field for name, field in model.model_fields.items()}


def _field_at(model: type[BaseModel], location: Location) -> FieldInfo | None:
    owner = _model_at(model, location[:-1]) if location else None
    return _fields_of(owner).get(str(location[-1])) if owner else None


def _model_at(model: type[BaseModel], location: Location) -> type[BaseModel] | None:
    """Return the model of the object at a place, None where there is none."""
    annotation: Any = model
    for step in location:
        annotation = _below(annotation, step)
    return _model_in(annotation)


def _below(annotation: Any, step: int | str) -> Any:
    model = _model_in(annotation) if get_origin(annotation) not in (dict, list, tuple) else None
    if model is not None:
        field = _fields_of(model).get(str(step))
        return field.annotation if field else None
    inner = get_args(annotation)
    return inner[-1 if get_origin(annotation) is dict else 0] if inner else None


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """Return the model an annotation names, by itself, with metadata or beside None."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if get_origin(annotation) in (Annotated, Union, UnionType):
        return next((model for each in get_args(annotation) if (model := _model_in(each))), None)
    return None
