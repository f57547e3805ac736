"""Read an answer as it comes from a page or a program, and check all of it (plain Python).

Scores arrive in points of the rubric's scale (7.5) and are kept in whole steps (15).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from rapidfuzz.distance import Levenshtein

from annotation.errors import AnswerInvalid
from annotation.phrases import phrase as _

from .pins import Pin, parse_pins
from .schema import Rubric

OWN, ACCEPTED, BULK, EDITED = "own", "accepted", "bulk", "edited"
LANGUAGES = ("", "en", "zh-hans")
LONGEST_CRITIQUE = 10_000
LONGEST_MESSAGE = 200
LONGEST_SITTING = 24 * 60 * 60

ANSWER_KEYS = {"key", "rubric_version", "subcategory", "seconds", "seconds_to_first_score", "judgements"}
JUDGEMENT_KEYS = {"score", "critique", "language", "score_origin", "critique_origin", "pasted", "pins"}


@dataclass(frozen=True)
class ShownPrefill:
    """Hold what a model proposes: scores in steps (None where it gives none) and critiques, by attribute key."""

    scores: Mapping[str, int | None] = field(default_factory=dict)
    critiques: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class AnsweredAttribute:
    """Hold one attribute's score in steps and critique, with where each came from.

    `pasted` counts the characters of the critique that were pasted or dropped in, not typed; `pins` are the places on
    the image it speaks of.
    """

    steps: int
    critique: str
    language: str = ""
    score_origin: str = OWN
    critique_origin: str = OWN
    edit_distance: int | None = None
    pasted: int = 0
    pins: Sequence[Pin] = ()


@dataclass(frozen=True)
class Answer:
    """Hold one complete, checked answer."""

    key: UUID
    subcategory: str
    judgements: Mapping[str, AnsweredAttribute]
    seconds: int | None = None
    seconds_to_first_score: int | None = None

    def steps(self) -> dict[str, int]:
        """Return each attribute's score in steps."""
        return {key: judgement.steps for key, judgement in self.judgements.items()}


def is_storable(text: str) -> bool:
    """Tell whether a text can be stored and sent: it has no NUL and no half of a surrogate pair."""
    return "\x00" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


def shortened(value: Any) -> str:
    """Return what someone sent in a form fit for a message: plain characters, and not too many."""
    text = str(value).encode("utf-8", "replace").decode()
    return text if len(text) <= 40 else f"{text[:40]}…"


def parse_answer(data: Any, rubric: Rubric, rubric_version: int, prefill: ShownPrefill | None) -> Answer:
    """Check `data` against the rubric and what was proposed, and return the answer.

    Raise AnswerInvalid with a message for each wrong field: missing and unknown ones, scores off the scale or
    between steps, another rubric version, an origin that does not fit the prefill.
    """
    if not isinstance(data, dict):
        raise AnswerInvalid({"answer": _("an object is accepted")})
    reader = _Reader(rubric, prefill or ShownPrefill())
    reader.refuse_unknown(data, ANSWER_KEYS, "")
    key = reader.uuid(data.get("key"))
    if data.get("rubric_version") != rubric_version:
        reader.errors["rubric_version"] = (
            f"version {rubric_version} is in force, not {data.get('rubric_version')!r}; reload the page"
        )
    subcategory = reader.choice("subcategory", data.get("subcategory"), tuple(rubric.subcategories))
    judgements = reader.judgements(data.get("judgements"))
    seconds = reader.seconds("seconds", data.get("seconds"))
    first = reader.seconds("seconds_to_first_score", data.get("seconds_to_first_score"))
    if reader.errors:
        raise AnswerInvalid(reader.errors)
    return Answer(key, subcategory, judgements, seconds, first)


class _Reader:
    """Collect every error instead of stopping at the first."""

    def __init__(self, rubric: Rubric, prefill: ShownPrefill) -> None:
        self.rubric = rubric
        self.prefill = prefill
        self.errors: dict[str, str] = {}

    def refuse_unknown(self, data: dict[str, Any], accepted: set[str], prefix: str) -> None:
        for name in sorted(map(shortened, set(data) - accepted)):
            self.errors[f"{prefix}{name}"] = _(
                "is unknown; accepted: %(accepted)s", accepted=", ".join(sorted(accepted))
            )

    def uuid(self, value: Any) -> UUID:
        try:
            return UUID(str(value))
        except ValueError:
            self.errors["key"] = _("a UUID is accepted, the same on every retry")
            return UUID(int=0)

    def choice(self, name: str, value: Any, accepted: tuple[str, ...], default: str = "") -> str:
        if isinstance(value, str) and value in accepted:
            return value
        missing = value in (None, "")
        problem = _("is missing") if missing else _("%(given)s is unknown", given=shortened(repr(value)))
        self.errors[name] = _(
            "%(problem)s; accepted: %(accepted)s", problem=problem, accepted=", ".join(filter(None, accepted))
        )
        return default

    def seconds(self, name: str, value: Any) -> int | None:
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= LONGEST_SITTING:
            self.errors[name] = _("seconds from 0 to %(most)s are accepted", most=LONGEST_SITTING)
            return None
        return round(value)

    def judgements(self, data: Any) -> dict[str, AnsweredAttribute]:
        if not isinstance(data, dict):
            self.errors["judgements"] = _("an object with an entry for each attribute is accepted")
            return {}
        self.refuse_unknown(data, set(self.rubric.by_key), "judgements.")
        answered = ((key, self.judgement(key, data.get(key))) for key in self.rubric.by_key)
        return {key: judgement for key, judgement in answered if judgement is not None}

    def judgement(self, key: str, data: Any) -> AnsweredAttribute | None:
        if data is None:
            self.errors[f"scores.{key}"] = _("is missing; accepted: %(accepted)s", accepted=self.rubric.scale.accepted)
            return None
        if not isinstance(data, dict):
            self.errors[f"judgements.{key}"] = _("an object with score and critique is accepted")
            return None
        self.refuse_unknown(data, JUDGEMENT_KEYS, f"judgements.{key}.")
        steps = self.score(key, data.get("score"))
        critique = self.critique(key, data.get("critique"))
        if steps is None or critique is None:
            return None
        origins = (OWN, ACCEPTED, BULK, EDITED)
        judgement = AnsweredAttribute(
            steps=steps,
            critique=critique,
            language=self.choice(f"languages.{key}", data.get("language", ""), LANGUAGES),
            score_origin=self.choice(f"origins.{key}", data.get("score_origin", OWN), origins, OWN),
            critique_origin=self.choice(f"origins.{key}", data.get("critique_origin", OWN), origins, OWN),
            pasted=self.pasted(key, data.get("pasted", 0)),
            pins=self.pins(key, data.get("pins", [])),
        )
        return self.check_origins(key, judgement)

    def score(self, key: str, value: Any) -> int | None:
        scale = self.rubric.scale
        if value is None:
            self.errors[f"scores.{key}"] = _("is missing; accepted: %(accepted)s", accepted=scale.accepted)
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.errors[f"scores.{key}"] = _(
                "%(given)s is not a number; accepted: %(accepted)s",
                given=shortened(repr(value)),
                accepted=scale.accepted,
            )
            return None
        try:
            return scale.to_steps(value)
        except ValueError as error:
            said = error.args[0]
            self.errors[f"scores.{key}"] = said if len(said) <= LONGEST_MESSAGE else said[:LONGEST_MESSAGE]
            return None

    def critique(self, key: str, value: Any) -> str | None:
        if not isinstance(value, str) or not value.strip():
            self.errors[f"critiques.{key}"] = _("is missing; a text is accepted")
            return None
        if len(value) > LONGEST_CRITIQUE:
            self.errors[f"critiques.{key}"] = _(
                "has %(count)s characters; at most %(most)s are accepted",
                count=len(value),
                most=LONGEST_CRITIQUE,
            )
            return None
        if not is_storable(value):
            self.errors[f"critiques.{key}"] = _("holds a NUL or half a character, which cannot be stored")
            return None
        return value.strip()

    def pasted(self, key: str, value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            self.errors[f"pasted.{key}"] = _("a whole number of characters, 0 or more, is accepted")
            return 0
        return min(value, LONGEST_CRITIQUE)

    def pins(self, key: str, value: Any) -> Sequence[Pin]:
        try:
            return parse_pins(value)
        except ValueError as error:
            self.errors[f"pins.{key}"] = error.args[0]
            return ()

    def check_origins(self, key: str, judgement: AnsweredAttribute) -> AnsweredAttribute:
        """Hold the claimed origins against the prefill: equal is accepted, by itself or in bulk, unequal is not."""
        score, critique = self.prefill.scores.get(key), self.prefill.critiques.get(key, "").strip()
        if judgement.score_origin != OWN:
            if score is None:
                self.errors[f"origins.{key}"] = _("no score was proposed here; only 'own' is accepted")
            accepted = BULK if judgement.score_origin == BULK else ACCEPTED
            judgement = replace(judgement, score_origin=accepted if judgement.steps == score else EDITED)
        if judgement.critique_origin != OWN and not critique:
            self.errors[f"origins.{key}"] = _("no critique was proposed here; only 'own' is accepted")
        if critique and judgement.critique == critique:
            accepted = BULK if judgement.critique_origin == BULK else ACCEPTED
            return replace(judgement, critique_origin=accepted, edit_distance=0)
        if judgement.critique_origin == OWN:
            return judgement
        distance = Levenshtein.distance(critique, judgement.critique)
        return replace(judgement, critique_origin=EDITED, edit_distance=distance)
