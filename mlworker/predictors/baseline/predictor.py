"""Scores from measured image statistics: the yardstick that any real model has to beat.

Each attribute's score is 100 times a weighted mean of marks. A mark is a measure laid on a straight ramp: 0 at one end,
1 at the other, clamped beyond; where the first end is the larger, less is better. `FORMULAS` holds all of it, and the
ends were chosen so that everyday photographs spread over the scale; nothing was fitted to people's judgements.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import PIL
from numpy.typing import NDArray

from mlworker import images
from mlworker.contract import AttributePrefill, PrefillRequest
from mlworker.predictors.base import Predictor, Reading

from .critiques import CRITIQUES
from .measurements import Measurements, measure_image

LONGEST_SIDE = 512  # Pixels; a fixed size makes sharpness comparable between images.


@dataclass(frozen=True)
class Part:
    """One measure's part in an attribute's score: no marks at `zero_at`, full marks at `full_at`."""

    weight: float
    measure: str
    zero_at: float
    full_at: float

    def mark(self, measurements: Measurements) -> float:
        """Return the weighted mark, 0 to `weight`."""
        value: float = getattr(measurements, self.measure)
        return self.weight * min(1.0, max(0.0, (value - self.zero_at) / (self.full_at - self.zero_at)))


FORMULAS: dict[str, tuple[Part, ...]] = {
    "composition_design": (
        Part(0.4, "focus", 0.08, 0.30),
        Part(0.3, "border", 0.50, 0.10),
        Part(0.3, "balance", 0.5, 1.0),
    ),
    "visual_elements": (
        Part(0.4, "contrast", 0.05, 0.30),
        Part(0.3, "tone_entropy", 4.0, 7.8),
        Part(0.3, "busyness", 0.0, 0.2),
    ),
    "technical_execution": (
        Part(0.6, "log_sharpness", 0.0, 4.0),
        Part(0.2, "clipping", 0.25, 0.0),
        Part(0.2, "tonal_range", 0.2, 0.95),
    ),
    # The next three cannot be measured: variety, salience and intensity stand in, and the critiques say so.
    "originality_creativity": (
        Part(0.5, "hue_entropy", 0.0, 3.2),
        Part(0.5, "tone_entropy", 4.0, 7.8),
    ),
    "theme_communication": (
        Part(0.6, "focus", 0.08, 0.30),
        Part(0.4, "contrast", 0.05, 0.30),
    ),
    "emotional_impact": (
        Part(0.5, "colourfulness", 0.0, 90.0),
        Part(0.2, "saturation", 0.0, 0.6),
        Part(0.3, "contrast", 0.05, 0.30),
    ),
    "overall_gestalt": (
        Part(0.25, "symmetry", 0.0, 1.0),
        Part(0.25, "border", 0.50, 0.10),
        Part(0.25, "contrast", 0.05, 0.30),
        Part(0.25, "log_sharpness", 0.0, 4.0),
    ),
}

# The overall score, which is also that of comprehensive_evaluation: the published weights of ArtiMuse's holistic score.
WEIGHTS: dict[str, float] = {
    "composition_design": 0.07,
    "visual_elements": 0.07,
    "technical_execution": 0.08,
    "originality_creativity": 0.15,
    "theme_communication": 0.15,
    "emotional_impact": 0.10,
    "overall_gestalt": 0.38,
}


class Baseline(Predictor[NDArray[np.uint8], Measurements]):
    """A copy of at most 512 pixels a side, measured, and the measurements stated."""

    name = "baseline"
    version = "1"
    description = (
        "Measured image statistics: colour, contrast, sharpness, exposure, symmetry and edge layout, turned into "
        "scores by fixed formulas. It has learnt nothing and sees no subject, idea or feeling; a yardstick for real "
        "models."
    )

    def prepare(self, request: PrefillRequest, path: Path) -> NDArray[np.uint8]:
        """Return the image as height x width x 3 sRGB values 0 to 255; raises ImageUnavailable."""
        return np.asarray(images.decode(path, LONGEST_SIDE))

    def infer(self, model_input: NDArray[np.uint8]) -> Measurements:
        return measure_image(model_input)

    def read(self, request: PrefillRequest, model_output: Measurements) -> Reading:
        """Return scores and critiques for the attributes asked for that this predictor knows."""
        # Of a rubric with other attributes only those with a formula: a made-up measure would look like a judgement.
        scores = score(model_output)
        return Reading(
            score=scores["comprehensive_evaluation"],
            attributes={
                question.key: AttributePrefill(CRITIQUES[question.key](model_output, scores), scores[question.key])
                for question in request.attributes
                if question.key in scores
            },
            provenance={
                "measurements": {name: round(value, 6) for name, value in asdict(model_output).items()},
                "longest_side": LONGEST_SIDE,
                "numpy": np.__version__,
                "pillow": PIL.__version__,
            },
        )


def score(measurements: Measurements) -> dict[str, float]:
    """Return all eight scores, 0 to 100 with two decimals, by attribute key."""
    marks = {key: sum(part.mark(measurements) for part in parts) for key, parts in FORMULAS.items()}
    marks["comprehensive_evaluation"] = sum(weight * marks[key] for key, weight in WEIGHTS.items())
    return {key: round(100 * mark, 2) for key, mark in marks.items()}
