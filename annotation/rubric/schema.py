"""Parse a rubric and do its arithmetic: dimensions, scale, weights (plain Python).

A rubric is data (`fixtures/rubrics/*.yaml`). Scores are whole numbers of steps of its scale: with two steps a
point, 7.5 is 15 steps. The holistic score is the weighted sum of the weighted attributes, kept as a whole
number of hundredths of a point, and is computed here and nowhere else.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from functools import cached_property
from itertools import pairwise
from typing import Any

from annotation.errors import RubricInvalid
from annotation.phrases import phrase as _

type_names = {dict: _("a mapping"), list: _("a list"), str: _("text"), int: _("a whole number")}
a_number = _("a number")
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
        step = f"{self.step:g}"
        return _("%(least)s to %(most)s in steps of %(step)s", least=self.minimum, most=self.maximum, step=step)

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
    by the key of a subcategory, what to look at in images of that kind.
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
        raise RubricInvalid(_("%(where)s: minimum must be 0 or more, and below maximum", where="scale"))
    if scale.steps_per_point < 1 or 100 % scale.steps_per_point:
        # So that each score is a whole number of hundredths of a point.
        where, steps = "scale.steps_per_point", scale.steps_per_point
        raise RubricInvalid(_("%(where)s: a divisor of 100 is accepted, not %(given)s", where=where, given=steps))
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
        (_("category"), [category.key for category in rubric.categories]),
        (_("subcategory"), [sub.key for category in rubric.categories for sub in category.subcategories]),
        (_("attribute"), [attribute.key for attribute in rubric.attributes]),
    ):
        twice = sorted({key for key in keys if keys.count(key) > 1})
        if twice:
            raise RubricInvalid(_("%(kind)s key %(key)r stands twice; keys must differ", kind=kind, key=twice[0]))
    total = sum(attribute.weight for attribute in rubric.attributes)
    if total != 100:
        words = _("%(where)s: the weights add up to %(total)s, not to 100", where="attributes", total=total)
        raise RubricInvalid(words)
    unweighted = [attribute.key for attribute in rubric.attributes if attribute.weight == 0]
    if unweighted != [rubric.overall.key]:
        raise RubricInvalid(
            _("%(where)s: exactly the last one (the overall judgement) must have weight 0", where="attributes")
        )


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
        words = _("%(where)s: the scores must rise from each anchor to the next", where=f"{where}.anchors")
        raise RubricInvalid(words)
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
            accepted = ", ".join(subcategories)
            raise RubricInvalid(
                _(
                    "%(where)s: %(key)r is no subcategory; accepted: %(accepted)s",
                    where=f"{where}.guidance",
                    key=key,
                    accepted=accepted,
                )
            )
    return {key: _text(given, key, f"{where}.guidance") for key in given}


def _weight(item: Any, where: str) -> int:
    weight: int = _take(item, "weight", int, where)
    if not 0 <= weight <= 100:
        place = f"{where}.weight"
        raise RubricInvalid(_("%(where)s: 0 to 100 per cent is accepted, not %(given)s", where=place, given=weight))
    return weight


def _on_scale(anchor: Any, where: str, scale: Scale) -> int:
    try:
        return scale.to_steps(_take(anchor, "score", (int, float), where))
    except ValueError as error:
        raise RubricInvalid(_("%(where)s: %(problem)s", where=f"{where}.score", problem=error.args[0])) from error


def _range(item: Any, name: str, where: str) -> tuple[int, int]:
    bounds = _take(item, name, list, where)
    if len(bounds) != 2 or not all(type(bound) is int for bound in bounds) or not 0 < bounds[0] <= bounds[1]:
        raise RubricInvalid(
            _(
                "%(where)s: two whole numbers, from and to, are accepted, not %(given)r",
                where=f"{where}.{name}",
                given=bounds,
            )
        )
    return bounds[0], bounds[1]


def _items(content: Any, name: str, where: str = "") -> Iterator[tuple[Any, str]]:
    items = _take(content, name, list, where)
    path = f"{where}.{name}" if where else name
    if not items:
        raise RubricInvalid(_("%(where)s: at least one is needed", where=path))
    for index, item in enumerate(items):
        yield item, f"{path}[{index}]"


def _key(content: Any, name: str, where: str = "") -> str:
    key: str = _take(content, name, str, where)
    if not re.fullmatch("[a-z][a-z0-9_-]*", key):
        path = f"{where}.{name}" if where else name
        raise RubricInvalid(
            _(
                "%(where)s: a small letter, then small letters, digits, _ and - are accepted, not %(given)r",
                where=path,
                given=key,
            )
        )
    return key


def _text(content: Any, name: str, where: str = "") -> Text:
    value = _take(content, name, dict, where)
    path = f"{where}.{name}" if where else name
    text = {}
    for language, wording in value.items():
        if not isinstance(language, str):  # YAML reads a bare `no` as false.
            raise RubricInvalid(
                _("%(where)s: the language %(given)r is not text; put it in quotes", where=path, given=language)
            )
        if not isinstance(wording, str) or not wording.strip():
            place = f"{path}.{language}"
            raise RubricInvalid(_("%(where)s: a wording is needed, not %(given)r", where=place, given=wording))
        if any(unicodedata.category(character) in ("Cc", "Cs") for character in "".join(wording.split())):
            place = f"{path}.{language}"
            raise RubricInvalid(_("%(where)s: holds characters that cannot be stored", where=place))
        text[language.lower()] = " ".join(wording.split())
    if "en" not in text:
        raise RubricInvalid(_("%(where)s: an English wording (en) is needed", where=path))
    return text


def _take(content: Any, path: str, kind: type | tuple[type, ...], where: str = "") -> Any:
    full = f"{where}.{path}" if where else path
    for name in path.split("."):
        if not isinstance(content, dict) or name not in content:
            raise RubricInvalid(_("%(where)s: is missing", where=full))
        content = content[name]
    if not isinstance(content, kind) or isinstance(content, bool):
        accepted = type_names.get(kind, a_number) if isinstance(kind, type) else a_number
        raise RubricInvalid(
            _("%(where)s: %(accepted)s is accepted, not %(given)r", where=full, accepted=accepted, given=content)
        )
    return content
