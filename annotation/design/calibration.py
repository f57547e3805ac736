"""Compare one person with a reference panel on a set of anchor images (plain Python).

Taste has no key of right answers. What can be said is how far somebody lies from a panel, in units of the panel's own
disagreement, and whether they put the images into a similar order:

- distance: (own score - mean of the panel) / SD, with the SD of panel scores within an image, pooled over the images
  (square root of the mean of the variances, each weighted by its degrees of freedom) and at least one step of the
  scale, so that a unanimous panel does not make every step a gulf;
- rank agreement: the rank correlation of own and panel's mean scores over the images, ties averaged.
  Spearman, C. (1904). The proof and measurement of association between two things. American Journal of Psychology 15.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import fmean, variance
from typing import Any

import scipy

# Two images can only be in the same order or in the opposite one.
FEWEST_RANKED = 3
HOLISTIC = "holistic"

OwnScores = Mapping[Any, Mapping[str, float]]
Panel = Mapping[Any, Mapping[str, Sequence[float]]]


@dataclass(frozen=True)
class Rule:
    """When somebody is near enough to begin; None where the organiser sets no limit.

    `farthest` is the largest mean distance without sign, `least_rank` the smallest rank agreement.
    """

    farthest: float | None = None
    least_rank: float | None = None


@dataclass(frozen=True)
class Comparison:
    """One own score and the panel's, in points, ascending; `spread` is the panel's SD for the attribute."""

    own: float
    panel: tuple[float, ...]
    spread: float

    @property
    def mean(self) -> float:
        """Return the panel's mean."""
        return fmean(self.panel)

    @property
    def distance(self) -> float:
        """Return how far the own score lies above the panel's mean, in SD; below it is negative."""
        return (self.own - self.mean) / self.spread


@dataclass(frozen=True)
class Gap:
    """How far one attribute lies from the panel: the mean distance without and with sign, in SD."""

    distance: float
    shift: float


@dataclass(frozen=True)
class Standing:
    """Where somebody stands after `judged` of `anchors` images.

    `distance` and `shift` are over all attributes and images, None before the first answer; `rank` is None for fewer
    than three images or where one side gives the same score to all.
    """

    judged: int
    anchors: int
    distance: float | None
    shift: float | None
    rank: float | None
    attributes: Mapping[str, Gap]

    @property
    def is_complete(self) -> bool:
        """Tell whether all anchors are judged."""
        return self.judged >= self.anchors > 0

    def passes(self, rule: Rule) -> bool:
        """Tell whether all anchors are judged and the rule is met; a rank that cannot be computed does not meet it."""
        if not self.is_complete or self.distance is None:
            return False
        is_near = rule.farthest is None or self.distance <= rule.farthest
        return is_near and (rule.least_rank is None or (self.rank is not None and self.rank >= rule.least_rank))


def spreads(panel: Panel, step: float) -> dict[str, float]:
    """Return for each attribute the panel's SD within an image, pooled over the images; at least one step."""
    squares: dict[str, float] = {}
    freedom: dict[str, int] = {}
    for scores in panel.values():
        for attribute, values in scores.items():
            if len(values) < 2:
                continue
            squares[attribute] = squares.get(attribute, 0.0) + variance(values) * (len(values) - 1)
            freedom[attribute] = freedom.get(attribute, 0) + len(values) - 1
    attributes = {attribute for scores in panel.values() for attribute in scores}
    return {
        name: max(step, sqrt(squares[name] / freedom[name])) if freedom.get(name) else step
        for name in sorted(attributes)
    }


def compare(own_scores: OwnScores, panel: Panel, step: float) -> dict[Any, dict[str, Comparison]]:
    """Return how each own score compares with the panel's, by image and attribute."""
    spread = spreads(panel, step)
    return {
        image: {
            attribute: Comparison(score, tuple(sorted(panel[image][attribute])), spread[attribute])
            for attribute, score in scores.items()
            if panel[image].get(attribute)
        }
        for image, scores in own_scores.items()
        if image in panel
    }


def stand(own_scores: OwnScores, panel: Panel, step: float) -> Standing:
    """Return where somebody stands; `own` and `panel` are in points by image and attribute, the holistic score too.

    The holistic score gives the ranks; the distance is over the attributes, of which it is made.
    """
    by_image = compare(own_scores, panel, step)
    by_attribute: dict[str, list[float]] = {}
    for comparisons in by_image.values():
        for attribute, comparison in comparisons.items():
            # It is the attributes' weighted sum: counted beside them they would count twice.
            if attribute != HOLISTIC:
                by_attribute.setdefault(attribute, []).append(comparison.distance)
    gaps = {name: Gap(fmean(map(abs, values)), fmean(values)) for name, values in sorted(by_attribute.items())}
    distances = [distance for values in by_attribute.values() for distance in values]
    return Standing(
        judged=len(by_image),
        anchors=len(panel),
        distance=fmean(map(abs, distances)) if distances else None,
        shift=fmean(distances) if distances else None,
        rank=rank_agreement(own_scores, panel),
        attributes=gaps,
    )


def rank_agreement(own_scores: OwnScores, panel: Panel) -> float | None:
    """Return Spearman's correlation of own and mean panel holistic scores, None where it is undefined."""
    pairs = _pairs(own_scores, panel)
    values, panel_values = {score for _, score, _ in pairs}, {mean for _, _, mean in pairs}
    if len(pairs) < FEWEST_RANKED or len(values) < 2 or len(panel_values) < 2:
        return None
    return float(scipy.stats.spearmanr([score for _, score, _ in pairs], [mean for _, _, mean in pairs]).statistic)


def ranks(own_scores: OwnScores, panel: Panel) -> dict[Any, tuple[float, float]]:
    """Return for each image judged its rank by own and by the panel's score, 1 the highest, ties averaged."""
    pairs = _pairs(own_scores, panel)
    own_ranks = scipy.stats.rankdata([-score for _, score, _ in pairs])
    panel_ranks = scipy.stats.rankdata([-mean for _, _, mean in pairs])
    images = (image for image, _, _ in pairs)
    return dict(zip(images, zip(own_ranks.tolist(), panel_ranks.tolist(), strict=True), strict=True))


def _pairs(own_scores: OwnScores, panel: Panel) -> list[tuple[Any, float, float]]:
    return [
        (image, own_scores[image][HOLISTIC], fmean(panel[image][HOLISTIC]))
        for image in panel
        if image in own_scores and HOLISTIC in own_scores[image] and panel[image].get(HOLISTIC)
    ]


@dataclass(frozen=True)
class Candidate:
    """An image that may become an anchor: its mean level and its subcategory."""

    image: Any
    level: float
    subcategory: str


def choose(candidates: Sequence[Candidate], size: int) -> list[Candidate]:
    """Choose anchors spread evenly over the levels, and over subcategories as far as that allows.

    The candidates are cut into `size` groups by level; from each comes the one whose subcategory was taken least often
    so far, the middle one among equals.
    """
    # By image among equal levels, so that the choice does not hang on the database's order.
    ranking = sorted(candidates, key=lambda candidate: (candidate.level, str(candidate.image)))
    levels: dict[str, int] = {}
    anchors = []
    for number in range(min(size, len(ranking))):
        group = ranking[number * len(ranking) // size : (number + 1) * len(ranking) // size] or [ranking[number]]
        middle = (len(group) - 1) / 2
        place = min(range(len(group)), key=lambda n: (levels.get(group[n].subcategory, 0), abs(n - middle)))
        levels[group[place].subcategory] = levels.get(group[place].subcategory, 0) + 1
        anchors.append(group[place])
    return anchors
