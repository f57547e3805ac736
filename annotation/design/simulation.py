"""Play an expert for demos and studies: known severity, noise and anchoring toward the model (plain Python).

A simulated expert sees an image's true quality, drawn from its hash, through own severity and noise, and moves a
share of the way toward the model where its answer is shown. What it writes says that it is simulated.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

from annotation.rubric.schema import Rubric


@dataclass(frozen=True)
class SimulatedExpert:
    """One expert's temperament, in points of the scale.

    `severity` is subtracted from every score, `noise` is the standard deviation of what no one else shares, `anchoring`
    the share of the way toward the model's score where it is shown.
    """

    name: str
    severity: float = 0.0
    noise: float = 0.9
    anchoring: float = 0.3


def true_quality(sha256: str, attribute: str) -> float:
    """Return an image's true quality on an attribute in points: mean 5.5, shared between attributes to two thirds."""
    return 5.5 + 1.4 * _normal("image", sha256) + 0.7 * _normal("attribute", sha256, attribute)


def first_scores(expert: SimulatedExpert, rubric: Rubric, sha256: str) -> dict[str, float]:
    """Return the expert's own scores in points, on the scale's steps."""
    return {
        key: _on_scale(
            rubric,
            true_quality(sha256, key) - expert.severity + expert.noise * _normal(expert.name, sha256, key),
        )
        for key in rubric.by_key
    }


def anchored_scores(
    expert: SimulatedExpert, rubric: Rubric, own_scores: Mapping[str, float], prefill_scores: Mapping[str, float | None]
) -> dict[str, float]:
    """Return the scores after seeing the model's: a share of the way toward it."""
    scores = dict(own_scores)
    for key, score in prefill_scores.items():
        if score is not None:
            scores[key] = _on_scale(rubric, own_scores[key] + expert.anchoring * (score - own_scores[key]))
    return scores


def subcategory(expert: SimulatedExpert, rubric: Rubric, sha256: str, manifest: str) -> str:
    """Return the subcategory the expert chooses: the manifest's, but one time in ten a sibling."""
    siblings = [
        key
        for key, sub in rubric.subcategories.items()
        if sub.category == rubric.subcategories[manifest].category and key != manifest
    ]
    if not siblings or _uniform("slip", expert.name, sha256) > 0.1:
        return manifest
    return siblings[int(_uniform("sibling", expert.name, sha256) * len(siblings))]


def draw_content(
    expert: SimulatedExpert, rubric: Rubric, rubric_version: int, sha256: str, chosen: str, scores: Mapping[str, float]
) -> dict[str, Any]:
    """Return an answer as the judging page would send it; critiques state that they are simulated."""
    # From the content, so that a simulation that is run again repeats its answers and adds none.
    key = hashlib.sha256(repr((expert.name, sha256, sorted(scores.items()))).encode()).digest()[:16]
    return {
        "key": str(uuid.UUID(bytes=key)),
        "rubric_version": rubric_version,
        "subcategory": chosen,
        "seconds": 60 + int(120 * _uniform("seconds", expert.name, sha256)),
        "seconds_to_first_score": 5 + int(10 * _uniform("first", expert.name, sha256)),
        "judgements": {
            attribute: {"score": score, "critique": critique(rubric, attribute, score), "language": "en"}
            for attribute, score in scores.items()
        },
    }


def critique(rubric: Rubric, attribute: str, score: float) -> str:
    """Return a critique that leans on the nearest worded anchor and says that it is simulated."""
    definition = rubric.by_key[attribute]
    nearest = min(definition.anchors, key=lambda anchor: abs(anchor.score - score))
    return f"[Simulated] {definition.name['en']}, {score:g} of {rubric.scale.maximum}: {nearest.text['en']}"


def _on_scale(rubric: Rubric, points: float) -> float:
    return rubric.scale.to_points(rubric.scale.nearest(points))


def _uniform(*parts: str) -> float:
    # A hash and no generator: what an expert says of an image does not hang on what was drawn before.
    digest = hashlib.sha256(":".join(parts).encode()).digest()
    # Half a step in, as the normal has no value at 0.
    return (int.from_bytes(digest[:8], "big") + 0.5) / 2**64


def _normal(*parts: str) -> float:
    return NormalDist().inv_cdf(_uniform(*parts))
