"""Hold a campaign's answers in the form that every figure of its report starts from.

Scores are whole numbers, as they are stored: steps of the scale for attributes, hundredths of a point for the holistic
score, the position in the rubric for a subcategory. Figures are in points.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any, NamedTuple

from annotation.agreement.coefficients.alpha import Level
from annotation.agreement.ratings import Ratings
from annotation.rubric.schema import Rubric

BLIND, REVEAL, ASSISTED = "blind", "reveal", "assisted"
HOLISTIC, SUBCATEGORY = "holistic", "subcategory"
HUNDREDTH = 0.01


class Scores(NamedTuple):
    """What one answer gives: `steps` in the order of the rubric's attributes, None where it lacks a score."""

    subcategory: str
    holistic: int | None
    steps: tuple[int | None, ...]


class RaterAnnotation(NamedTuple):
    """One answer that counts: the first, and the final one (the same where nothing was revised)."""

    image: str
    rater: str
    arm: str
    at: str
    rubric: int
    first: Scores
    final: Scores

    @property
    def is_own(self) -> bool:
        """Tell whether the first answer was given before any model was seen."""
        return self.arm in (BLIND, REVEAL)


@dataclass(frozen=True)
class Panel:
    """The answers that count of one campaign or several, in all arms, sorted; what is known of images and raters.

    `subcategories` names the one in force for each image, `model` the shown model's scores in points by image and
    attribute, `expertise` the categories each rater is eligible for, or `all`; `simulated` lists raters that are
    programs.
    """

    annotations: tuple[RaterAnnotation, ...]
    subcategories: Mapping[str, str] = field(default_factory=dict)
    model: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    expertise: Mapping[str, str] = field(default_factory=dict)
    simulated: tuple[str, ...] = ()

    def own_annotations(self) -> tuple[RaterAnnotation, ...]:
        """Return the answers headline figures rest on: first given blind or before the reveal."""
        return tuple(annotation for annotation in self.annotations if annotation.is_own)

    def keep(self, annotations: Iterable[RaterAnnotation]) -> Panel:
        """Return the same with fewer answers."""
        return replace(self, annotations=tuple(annotations))

    def without(self, images: Collection[str] = (), raters: Collection[str] = ()) -> Panel:
        """Return the same without the answers to some images, and without those of some raters."""
        if not images and not raters:
            return self
        exclusions = frozenset(images), frozenset(raters)
        return self.keep(
            annotation
            for annotation in self.annotations
            if annotation.image not in exclusions[0] and annotation.rater not in exclusions[1]
        )

    def beside(self, other: Panel) -> Panel:
        """Return both together; of two answers of a rater to an image the one here stays, and so does the model."""
        # A rater counts once an image, in whichever campaign comes first.
        cells = {(annotation.image, annotation.rater) for annotation in self.annotations}
        further_annotations = (
            annotation for annotation in other.annotations if (annotation.image, annotation.rater) not in cells
        )
        return replace(
            self,
            annotations=tuple(sorted([*self.annotations, *further_annotations])),
            subcategories={**other.subcategories, **self.subcategories},
            expertise={**other.expertise, **self.expertise},
            simulated=tuple(sorted({*self.simulated, *other.simulated})),
        )

    def content(self) -> dict[str, Any]:
        """Return everything figures depend on, as JSON can carry it."""
        return asdict(replace(self, annotations=())) | {"annotations": self.annotations}


@dataclass(frozen=True)
class Fields:
    """What is measured: the rubric's attributes, the holistic score, the subcategory."""

    rubric: Rubric

    @property
    def attributes(self) -> list[str]:
        """Return the keys of the attributes."""
        return list(self.rubric.by_key)

    @property
    def scores(self) -> list[str]:
        """Return all that is a score: the attributes, then the holistic score."""
        return [*self.attributes, HOLISTIC]

    @property
    def all(self) -> list[str]:
        """Return every field."""
        return [*self.scores, SUBCATEGORY]

    def level(self, name: str) -> Level:
        """Return the level of measurement of a field."""
        return "nominal" if name == SUBCATEGORY else "interval"

    def values(
        self, name: str, annotations: Iterable[RaterAnnotation], *, final: bool = False
    ) -> Iterator[tuple[RaterAnnotation, float]]:
        """Yield the answers that give this field, with the value in points (a position for the subcategory)."""
        positions = {key: float(place) for place, key in enumerate(self.rubric.subcategories)}
        place = self.attributes.index(name) if name in self.rubric.by_key else -1
        step = self.rubric.scale.step
        for annotation in annotations:
            scores = annotation.final if final else annotation.first
            if name == SUBCATEGORY:
                yield annotation, positions[scores.subcategory]
            elif name == HOLISTIC and scores.holistic is not None:
                yield annotation, HUNDREDTH * scores.holistic
            elif name != HOLISTIC and (steps := scores.steps[place]) is not None:
                yield annotation, step * steps

    def ratings(self, name: str, annotations: Iterable[RaterAnnotation], *, final: bool = False) -> Ratings:
        """Return the ratings of a field, with the time of each in days."""
        rows = list(self.values(name, annotations, final=final))
        return Ratings.of(
            [annotation.image for annotation, _ in rows],
            [annotation.rater for annotation, _ in rows],
            [value for _, value in rows],
            time=[days(annotation.at) for annotation, _ in rows],
        )


def days(moment: str) -> float:
    """Return a moment in ISO 8601 as days since 1970."""
    return datetime.fromisoformat(moment).timestamp() / 86400
