"""Hold what readers of foreign files give: answers, reference scores, and what was refused with its place."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from annotation.errors import FieldsInvalid, RatingsRefused
from annotation.rubric.annotations import LONGEST_CRITIQUE, LONGEST_SITTING
from annotation.rubric.pins import read_pins
from annotation.rubric.reading import is_storable, shortened
from annotation.rubric.schema import Rubric, Text

ARMS = ("blind", "reveal", "assisted")
ORIGINS = ("own", "accepted", "edited", "bulk")
ORIGIN_FIELDS, COUNT_FIELDS = ("score_origin", "critique_origin"), ("edit_distance", "pasted")
MAPPING_KEYS = ("attributes", "subcategories", "columns", "images", "arm")
# Names that the files of ArtiMuse-10K use for what our rubric calls otherwise.
ATTRIBUTE_ALIASES = {
    "compositionstructure": "composition_design",
    "overallevaluation": "comprehensive_evaluation",
    "emotionviewerresponse": "emotional_impact",
}
CHINESE = re.compile("[\u4e00-\u9fff]")
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)
LONGEST_RATER = 200
HIGHEST_REFERENCE = 100


@dataclass(frozen=True)
class Source:
    """Name where answers come from for ever: a release by its campaign, whose later ones add to it, or what one likes.

    `released_at` is when a release was made, in ISO 8601, and empty where the file is none.
    """

    name: str
    released_at: str = ""


@dataclass(frozen=True)
class Problem:
    """Say what is wrong with one thing in a file: where it stands, which field, and why."""

    place: str
    field: str
    reason: str


@dataclass
class ForeignAnswer:
    """Hold one answer: scores in steps and critiques by attribute, either may be partial.

    `image` is whatever the file calls it, `rater` whatever it calls the person. `arm` is empty where unknown.
    `model` is what the rater was shown the answer of, `origins` where each attribute's score and critique came from:
    the fields of a judgement, by attribute. `number` is 1 for a first answer, 2 for what it became later; `occasion`
    counts the answers of a rater who was asked again after a change of the rubric. `rubric` names the version it was
    given by, and is empty where the file does not say so, as are `campaign`, which it was given in, and `week`, the ISO
    week it came in.
    """

    place: str
    image: str
    rater: str
    steps: dict[str, int] = field(default_factory=dict)
    critiques: dict[str, str] = field(default_factory=dict)
    languages: dict[str, str] = field(default_factory=dict)
    pins: dict[str, list[dict[str, float]]] = field(default_factory=dict)
    subcategory: str = ""
    arm: str = ""
    seconds: int | None = None
    seconds_to_first_score: int | None = None
    model: str = ""
    origins: dict[str, dict[str, Any]] = field(default_factory=dict)
    number: int = 1
    occasion: int = 1
    rubric: str = ""
    campaign: str = ""
    week: str = ""
    repeat: bool = False
    superseded: bool = False
    surplus: bool = False
    simulated: bool = False


@dataclass(frozen=True)
class ForeignScore:
    """Hold a bare score of an image, on the file's own scale."""

    place: str
    image: str
    score: float


@dataclass(frozen=True)
class ForeignConsensus:
    """Hold what an adjudicator adjudicated elsewhere; scores in points."""

    place: str
    image: str
    rule: str
    cause: str
    reason: str
    subcategory: str
    scores: Mapping[str, float]


@dataclass(frozen=True)
class ForeignPrefill:
    """Hold what a model proposed to raters elsewhere; scores from 0 to 100."""

    place: str
    image: str
    model: str
    score: float | None
    scores: Mapping[str, float]
    critiques: Mapping[str, str]


Found = Iterator[ForeignAnswer | ForeignScore | ForeignConsensus | ForeignPrefill | Problem]


@dataclass(frozen=True)
class Version:
    """Name a version of the campaign's rubric that answers may have been given by."""

    name: str
    sha256: str
    rubric: Rubric


@dataclass(frozen=True)
class Vocabulary:
    """Translate a file's names into the rubric's, by a mapping first, then by key, name in any language, alias.

    `version` names the rubric where the file does, `versions` are those known here, the campaign's first.
    """

    rubric: Rubric
    mapping: Mapping[str, Any]
    versions: Sequence[Version] = ()
    version: str = ""

    def by_version(self, name: str, sha256: str | None) -> Vocabulary | str:
        """Return the vocabulary of the version a file names, with this content where it says so, or why there is none.

        A version of the same content stands for one that is not known here.
        """
        named = [version for version in self.versions if version.name == name and sha256 in (None, version.sha256)]
        alike = [version for version in self.versions if version.sha256 == sha256]
        for version in named + alike:
            return replace(self, rubric=version.rubric, version=version.name)
        other = any(version.name == name for version in self.versions)
        problem = "has another content here" if other else "is not known here"
        accepted = ", ".join(version.name for version in self.versions)
        return f"{name!r} {problem}; accepted: {accepted}, or one with the same content as one of these"

    def attribute(self, name: str) -> str | None:
        """Return the key of an attribute, None when nothing is called so."""
        return self._find(name, "attributes", {key: it.name for key, it in self.rubric.by_key.items()})

    def subcategory(self, name: str) -> str | None:
        """Return the key of a subcategory; the first words of a name do where no other begins so."""
        return self._find(name, "subcategories", {key: it.name for key, it in self.rubric.subcategories.items()})

    def image(self, *names: str) -> str:
        """Return what an image is called here, by the first of its names that the mapping has, else by the last."""
        images = self.mapping.get("images", {})
        return str(next((images[name] for name in names if name in images), names[-1]))

    def column(self, name: str) -> str:
        """Return our name of a column."""
        return str(self.mapping.get("columns", {}).get(name, name))

    @cached_property
    def arm(self) -> str:
        """Return the arm declared for the whole file, empty where none is."""
        return str(self.mapping.get("arm", ""))

    def _find(self, name: str, kind: str, names: Mapping[str, Text]) -> str | None:
        mapped = self.mapping.get(kind, {}).get(name, name)
        wanted = _plain(mapped)
        known = {_plain(text): key for key, texts in names.items() for text in (key, *texts.values())}
        alias = ATTRIBUTE_ALIASES.get(wanted) if kind == "attributes" else None
        if wanted in known or alias in names:
            return known.get(wanted, alias)
        beginning = {key for text, key in known.items() if wanted and text.startswith(wanted)}
        return beginning.pop() if len(beginning) == 1 else None


def number_of(value: Any, accepted: str) -> float:
    """Return the number that a file gives, as a number or as text. Raise ValueError naming what is accepted."""
    written = isinstance(value, str) and NUMBER.fullmatch(value.strip())
    try:
        if written or (isinstance(value, int | float) and not isinstance(value, bool)):
            return float(value)
    except OverflowError:  # A whole number of hundreds of digits.
        pass
    raise ValueError(f"{shortened(value)!r} is not a number; accepted: {accepted}")


def reference_score(place: str, image: str, value: Any) -> ForeignScore | Problem:
    """Return a bare score of an image, or what is wrong with it."""
    accepted = f"0 to {HIGHEST_REFERENCE}"
    try:
        score = number_of(value, accepted)
        if not 0 <= score <= HIGHEST_REFERENCE:
            raise ValueError(f"{shortened(value)} is not on the scale; accepted: {accepted}")
    except ValueError as error:
        return Problem(place, "gt_score", str(error))
    return ForeignScore(place, image, score)


def check_mapping(mapping: Any) -> Mapping[str, Any]:
    """Return the mapping. Raise RatingsRefused naming the key that is wrong."""
    if not isinstance(mapping, dict):
        raise RatingsRefused(f"the mapping: an object with {', '.join(MAPPING_KEYS)} is accepted")
    for key, value in mapping.items():
        if key not in MAPPING_KEYS:
            raise RatingsRefused(f"the mapping: {key!r} is unknown; accepted: {', '.join(MAPPING_KEYS)}")
        if key == "arm" and value not in ARMS:
            raise RatingsRefused(f"the mapping: arm: {value!r} is unknown; accepted: {', '.join(ARMS)}")
        if key != "arm" and not isinstance(value, dict):
            raise RatingsRefused(f"the mapping: {key}: an object from their names to ours is accepted")
    return mapping


class Filler:
    """Fill an answer field by field, and collect what is wrong with them."""

    def __init__(self, answer: ForeignAnswer, words: Vocabulary) -> None:
        self.answer, self.words = answer, words
        self.problems: list[Problem] = []
        self.arm(words.arm)
        if not is_storable(answer.rater) or len(answer.rater) > LONGEST_RATER:
            self.refuse("rater", f"a name of at most {LONGEST_RATER} characters is accepted")

    def result(self) -> Found:
        """Yield the answer if all of it is right and there is something in it, else its problems."""
        if not self.problems and not (self.answer.steps or self.answer.critiques):
            self.refuse("answer", "holds neither a score nor a critique")
        if self.problems:
            yield from self.problems
        else:
            yield self.answer

    def refuse(self, name: str, reason: str) -> None:
        """Note what is wrong with a field."""
        self.problems.append(Problem(self.answer.place, name, reason))

    def score(self, name: str, value: Any) -> None:
        """Take a score in points."""
        key = self._attribute(name, "score")
        if key is None:
            return
        try:
            scale = self.words.rubric.scale
            steps = scale.to_steps(number_of(value, scale.accepted))
        except ValueError as error:
            self.refuse(f"{name}: score", str(error))
            return
        if self.answer.steps.setdefault(key, steps) != steps:
            self.refuse(f"{name}: score", "stands twice with different values")

    def critique(self, name: str, text: Any, language: str | None = None) -> None:
        """Take a critique; an empty one is none. Where no language is told, Chinese is known by its characters."""
        key = self._attribute(name, "critique") if text not in (None, "") else None
        if key is None:
            return
        if not isinstance(text, str) or not is_storable(text) or len(text) > LONGEST_CRITIQUE:
            self.refuse(f"{name}: critique", f"a text of at most {LONGEST_CRITIQUE} characters is accepted")
            return
        text = text.strip()
        if text and self.answer.critiques.setdefault(key, text) != text:
            self.refuse(f"{name}: critique", "stands twice with different texts")
        told = "zh-hans" if CHINESE.search(text) else ""
        self.answer.languages[key] = told if language is None else language

    def pins(self, name: str, pins: Any) -> None:
        """Take the places on the image that a critique speaks of."""
        key = self._attribute(name, "pins") if pins else None
        if key is None:
            return
        try:
            self.answer.pins[key] = [pin.to_json() for pin in read_pins(pins)]
        except FieldsInvalid as error:
            self.refuse(f"{name}: pins", str(error))

    def origin(self, name: str, judged: Mapping[str, Any]) -> None:
        """Take where score and critique came from, how far a model's was edited, and how much was pasted."""
        key = self._attribute(name, "score_origin")
        if key is None:
            return
        found: dict[str, Any] = {}
        for what in ORIGIN_FIELDS:
            found[what] = judged.get(what) or "own"
            if found[what] not in ORIGINS:
                self.refuse(f"{name}: {what}", f"{found[what]!r} is unknown; accepted: {', '.join(ORIGINS)}")
        for what in COUNT_FIELDS:
            found[what] = judged.get(what)
            if found[what] is not None and not (isinstance(found[what], int) and found[what] >= 0):
                self.refuse(f"{name}: {what}", f"{found[what]!r} is no number of characters")
        self.answer.origins[key] = found | {"pasted": found["pasted"] or 0}

    def subcategory(self, name: Any) -> None:
        """Take the subcategory the rater chose."""
        key = self.words.subcategory(str(name)) if name else ""
        if key is None:
            accepted = ", ".join(self.words.rubric.subcategories)
            self.refuse("subcategory", f"{name!r} is unknown; accepted: {accepted}")
        elif key and self.answer.subcategory not in ("", key):
            self.refuse("subcategory", "stands twice with different values")
        elif key:
            self.answer.subcategory = key

    def arm(self, name: str) -> None:
        """Take the arm."""
        if name and name not in ARMS:
            self.refuse("arm", f"{name!r} is unknown; accepted: {', '.join(ARMS)}")
        elif name:
            self.answer.arm = name

    def seconds(self, value: Any) -> None:
        """Take the time spent; what no sitting can have taken counts as not measured."""
        self.answer.seconds = self._spent("seconds", value)

    def seconds_to_first_score(self, value: Any) -> None:
        """Take the time until the first score."""
        self.answer.seconds_to_first_score = self._spent("seconds_to_first_score", value)

    def _spent(self, name: str, value: Any) -> int | None:
        if value in (None, ""):
            return None
        try:
            spent = number_of(value, "seconds")
        except ValueError as error:
            self.refuse(name, str(error))
            return None
        return round(spent) if 0 <= spent <= LONGEST_SITTING else None

    def _attribute(self, name: str, what: str) -> str | None:
        key = self.words.attribute(name)
        if key is None:
            accepted = ", ".join(self.words.rubric.by_key)
            self.refuse(f"{name}: {what}", f"the attribute is unknown; accepted: {accepted}")
        return key


def _plain(name: Any) -> str:
    return "".join(character for character in str(name).lower() if character.isalnum())
