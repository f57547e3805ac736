"""Parse a rubric and do its arithmetic: dimensions, scale, weights (plain Python).

A rubric is data (`fixtures/rubrics/*.yaml`). Scores are whole numbers of steps of its scale: with two steps a
point, 7.5 is 15 steps. The holistic score is the weighted sum of the weighted attributes, kept as a whole
number of hundredths of a point, and is computed here and nowhere else.
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_EVEN, Decimal
from functools import cached_property
from itertools import pairwise
from typing import Annotated, Any, ClassVar, Self

from pydantic import (
    AfterValidator,
    ConfigDict,
    Field,
    PlainValidator,
    Strict,
    ValidationInfo,
    field_validator,
    model_validator,
)

from annotation.errors import FieldsInvalid, RubricInvalid
from annotation.phrases import phrase as _

from .reading import Content, Sentence, read, refusal

# Far beyond any rubric that people judge by, and few enough for every page to show.
MOST_CATEGORIES, MOST_SUBCATEGORIES, MOST_ATTRIBUTES, MOST_ANCHORS, MOST_LANGUAGES = 50, 200, 30, 50, 20
LONGEST_WORDING, LONGEST_KEY = 5000, 60
HIGHEST_SCORE, MOST_STEPS = 1000, 1000

KINDS = {"categories": _("category"), "subcategories": _("subcategory"), "attributes": _("attribute")}


def check_text(value: Any) -> dict[str, str]:
    """Return wordings by language in small letters, each on one line."""
    if not isinstance(value, dict):
        raise refusal("mapping", given=value)
    if len(value) > MOST_LANGUAGES:
        raise refusal("too_many_languages", most=MOST_LANGUAGES)
    text = {}
    for language, wording in value.items():
        if not isinstance(language, str):  # YAML reads a bare `no` as false.
            raise refusal("language", given=language)
        if not isinstance(wording, str) or not wording.strip():
            raise refusal("wording", at=(language,), given=wording)
        if len(wording) > LONGEST_WORDING:
            raise refusal("long_wording", at=(language,), most=LONGEST_WORDING)
        line = " ".join(wording.split())
        # NUL and half a surrogate pair, which databases refuse, are among these.
        if any(unicodedata.category(character) in ("Cc", "Cs") for character in line):
            raise refusal("control_characters", at=(language,))
        text[language.lower()] = line
    if "en" not in text:
        raise refusal("no_english")
    return text


def check_length(value: Any) -> tuple[int, int]:
    """Return the target length of a critique, from and to."""
    if not isinstance(value, list):
        raise refusal("list_type", given=value)
    # By type and not `isinstance`: YAML's `yes` would pass for 1.
    if len(value) != 2 or not all(type(bound) is int for bound in value) or not 0 < value[0] <= value[1]:
        raise refusal("length", given=value)
    return value[0], value[1]


def check_divisor(steps: int) -> int:
    """Return the steps of a point, so that each score is a whole number of hundredths of a point."""
    if steps < 1 or 100 % steps:
        raise refusal("divisor", given=steps)
    return steps


Text = Annotated[Mapping[str, str], PlainValidator(check_text, json_schema_input_type=dict[str, str])]
Key = Annotated[str, Field(pattern="^[a-z][a-z0-9_-]*$", max_length=LONGEST_KEY)]
Length = Annotated[tuple[int, int], PlainValidator(check_length, json_schema_input_type=list[int])]


def up_to(most: int) -> tuple[Any, ...]:
    """Return what marks a list of one to `most` items."""
    return Strict(False), Field(min_length=1, max_length=most)


class FromFile(Content):
    """A part of a rubric file; fields that are unknown are passed over."""

    model_config = ConfigDict(extra="ignore")
    sentences: ClassVar = {"model_type": "mapping"}


def localise(text: Text, language: str) -> str:
    """Return the wording in `language` (such as "zh-hans"), else in English."""
    return text.get(language.lower()) or text["en"]


class Anchor(FromFile):
    """What a score, in points, means in words."""

    score: float
    text: Text


class Scale(FromFile):
    """A scale from `minimum` to `maximum` points with `steps_per_point` steps in each point."""

    minimum: int
    maximum: int
    steps_per_point: Annotated[int, AfterValidator(check_divisor)]

    @model_validator(mode="after")
    def check_order(self) -> Self:
        """Refuse a scale without length, and one below zero."""
        if not 0 <= self.minimum < self.maximum:
            raise refusal("scale")
        if self.maximum > HIGHEST_SCORE or self.highest - self.lowest > MOST_STEPS:
            raise refusal("long_scale", highest_score=HIGHEST_SCORE, most=MOST_STEPS)
        return self

    @property
    def lowest(self) -> int:
        """Return the lowest score in steps."""
        return self.minimum * self.steps_per_point

    @property
    def highest(self) -> int:
        """Return the highest score in steps."""
        return self.maximum * self.steps_per_point

    @property
    def step(self) -> float:
        """Return the size of a step in points."""
        return 1 / self.steps_per_point

    @property
    def accepted(self) -> str:
        """Say which scores are accepted, for error messages."""
        step = f"{self.step:g}"
        return _("%(least)s to %(most)s in steps of %(step)s", least=self.minimum, most=self.maximum, step=step)

    def has(self, points: float) -> bool:
        """Tell whether a number of points is a score."""
        try:
            self.to_steps(points)
        except ValueError:
            return False
        return True

    def to_points(self, steps: float) -> float:
        """Convert steps to points: 15 steps of half a point are 7.5."""
        return steps / self.steps_per_point

    def to_steps(self, points: float) -> int:
        """Convert points to steps. Raise ValueError when off the scale, between two steps or not a number."""
        try:
            # Through text: a float's binary digits would put 0.1 next to a step and not on it.
            steps = Decimal(str(points)) * self.steps_per_point
            is_score = self.lowest <= steps <= self.highest and steps == steps.to_integral_value()
        except ArithmeticError:  # Decimal's complaint about "abc", and about comparing nan.
            is_score = False
        if not is_score:
            raise ValueError(_("%(points)s is not on the scale: %(accepted)s", points=points, accepted=self.accepted))
        return int(steps)

    def check(self, steps: int) -> int:
        """Return `steps` when it is on the scale, else raise ValueError."""
        if not self.lowest <= steps <= self.highest:
            points = f"{self.to_points(steps):g}"
            raise ValueError(_("%(points)s is not on the scale: %(accepted)s", points=points, accepted=self.accepted))
        return steps

    def nearest(self, points: float) -> int:
        """Return the step nearest to any number of points, held within the scale.

        Halfway between two steps the even one is taken. Raise ValueError for nan, which is near to nothing.
        """
        exact = Decimal(str(points))
        if exact.is_nan():
            raise ValueError(f"{points} is no number of points")
        bounded_points = min(max(exact, Decimal(self.minimum)), Decimal(self.maximum))
        return int((bounded_points * self.steps_per_point).quantize(Decimal(1), ROUND_HALF_EVEN))


class Subcategory(FromFile):
    """One kind of image, and the category it belongs to."""

    key: Key
    name: Text
    category: str = ""


class Category(FromFile):
    """One category and its subcategories."""

    key: Key
    name: Text
    subcategories: Annotated[tuple[Subcategory, ...], *up_to(MOST_SUBCATEGORIES)]

    @field_validator("subcategories")
    @classmethod
    def name_category(cls, subcategories: tuple[Subcategory, ...], info: ValidationInfo) -> tuple[Subcategory, ...]:
        """Let each subcategory know its category."""
        return tuple(sub.model_copy(update={"category": info.data.get("key", "")}) for sub in subcategories)


class Attribute(FromFile):
    """One attribute experts judge.

    `weight` is its share of the holistic score in whole per cent (0: not part of it). `words` is the target
    length of a critique in English words, from and to; `characters` the same in Chinese characters. `guidance` says,
    by the key of a subcategory, what to look at in images of that kind.
    """

    key: Key
    name: Text
    definition: Text
    weight: Annotated[int, Field(ge=0, le=100), Sentence("per_cent", ("greater_than_equal", "less_than_equal"))]
    words: Length
    characters: Length
    anchors: Annotated[tuple[Anchor, ...], *up_to(MOST_ANCHORS)]
    guidance: dict[Any, Text] = {}

    @field_validator("anchors")
    @classmethod
    def check_order(cls, anchors: tuple[Anchor, ...]) -> tuple[Anchor, ...]:
        """Refuse anchors that do not rise."""
        if any(lower.score >= upper.score for lower, upper in pairwise(anchors)):
            raise refusal("anchors")
        return anchors


class Rubric(FromFile):
    """A whole rubric."""

    scale: Scale
    categories: Annotated[tuple[Category, ...], *up_to(MOST_CATEGORIES)]
    slug: Key
    title: Text
    attributes: Annotated[tuple[Attribute, ...], *up_to(MOST_ATTRIBUTES)]

    @model_validator(mode="after")
    def check_keys(self) -> Self:
        """Refuse two of a kind with the same key."""
        subcategories = [sub for category in self.categories for sub in category.subcategories]
        parts: dict[str, Sequence[Category | Subcategory | Attribute]] = {
            "categories": self.categories,
            "subcategories": subcategories,
            "attributes": self.attributes,
        }
        if len(subcategories) > MOST_SUBCATEGORIES:
            raise refusal(
                "too_long", at=("categories",), actual_length=len(subcategories), max_length=MOST_SUBCATEGORIES
            )
        for kind, items in parts.items():
            duplicates = sorted(key for key, times in Counter(item.key for item in items).items() if times > 1)
            if duplicates:
                raise refusal("key_twice", kind=KINDS[kind], key=duplicates[0])
        return self

    @model_validator(mode="after")
    def check_weights(self) -> Self:
        """Refuse weights that do not add up, and another attribute without weight than the last."""
        total = sum(attribute.weight for attribute in self.attributes)
        if total != 100:
            raise refusal("weights", at=("attributes",), total=total)
        if [attribute.key for attribute in self.attributes if not attribute.weight] != [self.overall.key]:
            raise refusal("overall", at=("attributes",))
        return self

    @model_validator(mode="after")
    def check_anchors(self) -> Self:
        """Refuse anchors off the scale, and guidance for what is no subcategory."""
        for number, attribute in enumerate(self.attributes):
            place = ("attributes", number)
            for anchor_number, anchor in enumerate(attribute.anchors):
                if not self.scale.has(anchor.score):
                    at = (*place, "anchors", anchor_number, "score")
                    raise refusal("off_scale", at=at, points=f"{anchor.score:g}", accepted=self.scale.accepted)
            unknown_keys = [key for key in attribute.guidance if key not in self.subcategories]
            if unknown_keys:
                accepted = ", ".join(self.subcategories)
                raise refusal("guidance", at=(*place, "guidance"), key=unknown_keys[0], accepted=accepted)
        return self

    @cached_property
    def subcategories(self) -> dict[str, Subcategory]:
        """Map each subcategory key to its subcategory, in the rubric's order."""
        return {sub.key: sub for category in self.categories for sub in category.subcategories}

    @cached_property
    def by_key(self) -> dict[str, Attribute]:
        """Map each attribute key to its attribute, in the rubric's order."""
        return {attribute.key: attribute for attribute in self.attributes}

    @property
    def overall(self) -> Attribute:
        """Return the attribute that is the overall judgement: the one without weight, asked last."""
        return self.attributes[-1]

    def holistic(self, steps: Mapping[str, int]) -> int:
        """Return the holistic score in hundredths of a point: the weighted sum of the weighted attributes.

        `steps` maps attribute keys to scores in steps; unweighted ones are ignored. Half hundredths go to the
        even neighbour. Raise KeyError when a weighted attribute is missing.
        """
        attributes = [attribute for attribute in self.attributes if attribute.weight]
        total = sum(attribute.weight * steps[attribute.key] for attribute in attributes)
        # Per cent times points are hundredths of a point already.
        exact = Decimal(total) / self.scale.steps_per_point
        return int(exact.quantize(Decimal(1), ROUND_HALF_EVEN))


def parse(content: Any) -> Rubric:
    """Return the data of a rubric file as a `Rubric`. Raise RubricInvalid naming the field that is wrong."""
    try:
        return read(Rubric, content)
    except FieldsInvalid as error:
        place, problem = next(iter(error.errors.items()))
        message = _("%(where)s: %(problem)s", where=place, problem=problem) if place else problem
        raise RubricInvalid(message) from error


def content_hash(content: Any) -> str:
    """Return the SHA-256 of rubric data, whatever the order of its keys."""
    # Every release states this hash: the same content must have it in whatever order a database returns keys.
    canonical = json.dumps(content, sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
