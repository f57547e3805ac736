"""Parse a rubric and do its arithmetic: dimensions, scale, weights (plain Python).

A rubric is data (`fixtures/rubrics/*.yaml`). Scores are whole numbers of steps of its scale: with two steps a
point, 7.5 is 15 steps. The holistic score is the weighted sum of the weighted attributes, kept as a whole
number of hundredths of a point, and is computed here and nowhere else.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from functools import cached_property
from itertools import pairwise
from typing import Any

from .errors import RubricInvalid

type_names = {dict: "a mapping", list: "a list", str: "text", int: "a whole number"}
Text = Mapping[str, str]


def localise(text: Text, language: str) -> str:
    """Return the wording in `language` (such as "zh-hans"), else in English."""
    return text.get(language.lower()) or text["en"]


@dataclass(frozen=True)
class Anchor:
    """Describe in words what a score means; `steps` is the position on the scale."""

    steps: int
    text: Text


@dataclass(frozen=True)
class Scale:
    """Hold a scale from `minimum` to `maximum` points with `steps_per_point` steps in each point."""

    minimum: int
    maximum: int
    steps_per_point: int

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
        return f"{self.minimum} to {self.maximum} in steps of {self.step:g}"

    def to_points(self, steps: float) -> float:
        """Convert steps to points: 15 steps of half a point are 7.5."""
        return steps / self.steps_per_point

    def to_steps(self, points: float) -> int:
        """Convert points to steps. Raise ValueError when off the scale, between two steps or not a number."""
        try:
            steps = Decimal(str(points)) * self.steps_per_point
            accepted = self.lowest <= steps <= self.highest and steps == steps.to_integral_value()
        except ArithmeticError:  # Decimal's complaint about "abc", and about comparing nan.
            accepted = False
        if not accepted:
            raise ValueError(f"{points} is not on the scale: {self.accepted}")
        return int(steps)

    def check(self, steps: int) -> int:
        """Return `steps` when it is on the scale, else raise ValueError."""
        if not self.lowest <= steps <= self.highest:
            raise ValueError(f"{self.to_points(steps):g} is not on the scale: {self.accepted}")
        return steps

    def nearest(self, points: float) -> int:
        """Return the step nearest to any number of points, held within the scale.

        Halfway between two steps the even one is taken. Raise ValueError for nan, which is near to nothing.
        """
        exact = Decimal(str(points))
        if exact.is_nan():
            raise ValueError(f"{points} is no number of points")
        held = min(max(exact, Decimal(self.minimum)), Decimal(self.maximum))
        return int((held * self.steps_per_point).quantize(Decimal(1), ROUND_HALF_EVEN))


@dataclass(frozen=True)
class Subcategory:
    """Name one subcategory and the category it belongs to."""

    key: str
    name: Text
    category: str


@dataclass(frozen=True)
class Category:
    """Name one category and its subcategories."""

    key: str
    name: Text
    subcategories: tuple[Subcategory, ...]


@dataclass(frozen=True)
class Attribute:
    """Describe one attribute experts judge.

    `weight` is its share of the holistic score in whole per cent (0: not part of it). `words` is the target
    length of a critique in English words, from and to; `characters` the same in Chinese characters. `guidance` says,
    by the key of a subcategory, what to look at in pictures of that kind.
    """

    key: str
    name: Text
    definition: Text
    weight: int
    words: tuple[int, int]
    characters: tuple[int, int]
    anchors: tuple[Anchor, ...]
    guidance: Mapping[str, Text]


@dataclass(frozen=True)
class Rubric:
    """Hold a whole rubric."""

    slug: str
    title: Text
    scale: Scale
    categories: tuple[Category, ...]
    attributes: tuple[Attribute, ...]

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
        weighted = [attribute for attribute in self.attributes if attribute.weight]
        total = sum(attribute.weight * steps[attribute.key] for attribute in weighted)
        exact = Decimal(total) / self.scale.steps_per_point
        return int(exact.quantize(Decimal(1), ROUND_HALF_EVEN))


def parse(content: Any) -> Rubric:
    """Turn the data of a rubric file into a `Rubric`. Raise RubricInvalid naming the field that is wrong."""
    scale = Scale(*(_take(content, f"scale.{name}", int) for name in ("minimum", "maximum", "steps_per_point")))
    if not 0 <= scale.minimum < scale.maximum:
        raise RubricInvalid("scale: minimum must be 0 or more, and below maximum")
    if scale.steps_per_point < 1 or 100 % scale.steps_per_point:
        # So that each score is a whole number of hundredths of a point.
        raise RubricInvalid(f"scale.steps_per_point: a divisor of 100 is accepted, not {scale.steps_per_point}")
    categories = tuple(_category(item, where) for item, where in _items(content, "categories"))
    known = [sub.key for category in categories for sub in category.subcategories]
    rubric = Rubric(
        slug=_key(content, "slug"),
        title=_text(content, "title"),
        scale=scale,
        categories=categories,
        attributes=tuple(_attribute(item, where, scale, known) for item, where in _items(content, "attributes")),
    )
    _check_whole(rubric)
    return rubric


def content_hash(content: Any) -> str:
    """Return the SHA-256 of rubric data, whatever the order of its keys."""
    canonical = json.dumps(content, sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _check_whole(rubric: Rubric) -> None:
    for kind, keys in (
        ("category", [category.key for category in rubric.categories]),
        ("subcategory", [sub.key for category in rubric.categories for sub in category.subcategories]),
        ("attribute", [attribute.key for attribute in rubric.attributes]),
    ):
        twice = sorted({key for key in keys if keys.count(key) > 1})
        if twice:
            raise RubricInvalid(f"{kind} key {twice[0]!r} stands twice; keys must differ")
    total = sum(attribute.weight for attribute in rubric.attributes)
    if total != 100:
        raise RubricInvalid(f"attributes: the weights add up to {total}, not to 100")
    unweighted = [attribute.key for attribute in rubric.attributes if attribute.weight == 0]
    if unweighted != [rubric.overall.key]:
        raise RubricInvalid("attributes: exactly the last one (the overall judgement) must have weight 0")


def _category(item: Any, where: str) -> Category:
    key = _key(item, "key", where)
    subcategories = tuple(
        Subcategory(_key(sub, "key", place), _text(sub, "name", place), key)
        for sub, place in _items(item, "subcategories", where)
    )
    return Category(key, _text(item, "name", where), subcategories)


def _attribute(item: Any, where: str, scale: Scale, subcategories: Sequence[str]) -> Attribute:
    anchors = tuple(
        Anchor(_on_scale(anchor, place, scale), _text(anchor, "text", place))
        for anchor, place in _items(item, "anchors", where)
    )
    if any(lower.steps >= upper.steps for lower, upper in pairwise(anchors)):
        raise RubricInvalid(f"{where}.anchors: the scores must rise from each anchor to the next")
    return Attribute(
        key=_key(item, "key", where),
        name=_text(item, "name", where),
        definition=_text(item, "definition", where),
        weight=_weight(item, where),
        words=_range(item, "words", where),
        characters=_range(item, "characters", where),
        anchors=anchors,
        guidance=_guidance(item, where, subcategories),
    )


def _guidance(item: Any, where: str, subcategories: Sequence[str]) -> dict[str, Text]:
    if "guidance" not in item:
        return {}
    given = _take(item, "guidance", dict, where)
    for key in given:
        if key not in subcategories:
            raise RubricInvalid(f"{where}.guidance: {key!r} is no subcategory; accepted: {', '.join(subcategories)}")
    return {key: _text(given, key, f"{where}.guidance") for key in given}


def _weight(item: Any, where: str) -> int:
    weight: int = _take(item, "weight", int, where)
    if not 0 <= weight <= 100:
        raise RubricInvalid(f"{where}.weight: 0 to 100 per cent is accepted, not {weight}")
    return weight


def _on_scale(anchor: Any, where: str, scale: Scale) -> int:
    try:
        return scale.to_steps(_take(anchor, "score", (int, float), where))
    except ValueError as error:
        raise RubricInvalid(f"{where}.score: {error}") from error


def _range(item: Any, name: str, where: str) -> tuple[int, int]:
    bounds = _take(item, name, list, where)
    if len(bounds) != 2 or not all(type(bound) is int for bound in bounds) or not 0 < bounds[0] <= bounds[1]:
        raise RubricInvalid(f"{where}.{name}: two whole numbers, from and to, are accepted, not {bounds!r}")
    return bounds[0], bounds[1]


def _items(content: Any, name: str, where: str = "") -> Iterator[tuple[Any, str]]:
    items = _take(content, name, list, where)
    path = f"{where}.{name}" if where else name
    if not items:
        raise RubricInvalid(f"{path}: at least one is needed")
    for index, item in enumerate(items):
        yield item, f"{path}[{index}]"


def _key(content: Any, name: str, where: str = "") -> str:
    key: str = _take(content, name, str, where)
    if not re.fullmatch("[a-z][a-z0-9_-]*", key):
        path = f"{where}.{name}" if where else name
        raise RubricInvalid(f"{path}: a small letter, then small letters, digits, _ and - are accepted, not {key!r}")
    return key


def _text(content: Any, name: str, where: str = "") -> Text:
    value = _take(content, name, dict, where)
    path = f"{where}.{name}" if where else name
    text = {}
    for language, wording in value.items():
        if not isinstance(language, str):  # YAML reads a bare `no` as false.
            raise RubricInvalid(f"{path}: the language {language!r} is not text; put it in quotes")
        if not isinstance(wording, str) or not wording.strip():
            raise RubricInvalid(f"{path}.{language}: a wording is needed, not {wording!r}")
        text[language.lower()] = " ".join(wording.split())
    if "en" not in text:
        raise RubricInvalid(f"{path}: an English wording (en) is needed")
    return text


def _take(content: Any, path: str, kind: type | tuple[type, ...], where: str = "") -> Any:
    full = f"{where}.{path}" if where else path
    for name in path.split("."):
        if not isinstance(content, dict) or name not in content:
            raise RubricInvalid(f"{full}: is missing")
        content = content[name]
    if not isinstance(content, kind) or isinstance(content, bool):
        accepted = type_names.get(kind, "a number") if isinstance(kind, type) else "a number"
        raise RubricInvalid(f"{full}: {accepted} is accepted, not {content!r}")
    return content
