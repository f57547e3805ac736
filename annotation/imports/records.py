"""What readers of foreign files give: annotations, reference scores, and what was refused with its place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Source:
    """Where annotations come from for ever: a release by its campaign, whose later ones add to it, or what one likes.

    `released_at` is when a release was made, in ISO 8601, and empty where the file is none.
    """

    name: str
    released_at: str = ""


@dataclass(frozen=True)
class Problem:
    """What is wrong with one thing in a file: where it stands, which field, and why."""

    place: str
    field: str
    reason: str


@dataclass(frozen=True)
class Remark:
    """What whoever imports a file is to know of it, though nothing is refused for it."""

    text: str


@dataclass
class ForeignAnnotation:
    """One annotation: scores in steps and critiques by attribute, either may be partial.

    `image` is whatever the file calls it, `rater` whatever it calls the person. `arm` is empty where unknown.
    `model` is what the rater was shown the answer of, `origins` where each attribute's score and critique came from:
    the fields of a judgement, by attribute. `number` is 1 for a first answer, 2 for what it became later; `sent_back`
    says that this was after it had been sent back to the rater. `occasion` counts the answers of a rater who was asked
    again after a change of the rubric. `rubric` names the version it was given by, and is empty where the file does not
    say so, as are `campaign`, which it was given in, and `week`, the ISO week it came in.
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
    sent_back: bool = False
    surplus: bool = False
    exposed: bool = False
    simulated: bool = False


@dataclass(frozen=True)
class ForeignScore:
    """A bare score of an image, on the file's own scale."""

    place: str
    image: str
    score: float


@dataclass(frozen=True)
class ForeignConsensus:
    """What an adjudicator adjudicated elsewhere; scores in points."""

    place: str
    image: str
    rule: str
    cause: str
    reason: str
    subcategory: str
    scores: Mapping[str, float]


@dataclass(frozen=True)
class ForeignPrefill:
    """A model's prefill, shown to raters elsewhere; scores from 0 to 100."""

    place: str
    image: str
    model: str
    score: float | None
    scores: Mapping[str, float]
    critiques: Mapping[str, str]


Records = Iterator[ForeignAnnotation | ForeignScore | ForeignConsensus | ForeignPrefill | Problem | Remark]
