"""Prefills from nothing but the image's hash, at once and always the same: the double for tests of the whole flow."""

from __future__ import annotations

import hashlib
import math
import time
from pathlib import Path

from mlworker import environment
from mlworker.contract import AttributePrefill, AttributeQuestion, PredictorError, PrefillRequest
from mlworker.predictors.base import Predictor, Reading

SPREAD = 8.0  # Standard deviation of the score distribution, in points.


class Fake(Predictor[str, tuple[float, ...]]):
    """Scores drawn from the image's SHA-256.

    To rehearse failure it refuses an image whose reference contains "poison", and one whose SHA-256 begins with any
    of the comma-separated prefixes in the environment variable `MLWORKER_FAKE_FAILS`. To rehearse slowness it takes
    `MLWORKER_FAKE_SECONDS` for each image.
    """

    name = "fake"
    version = "1"
    description = (
        "Made-up answers for tests. The scores are drawn from the image's checksum and say nothing about the image."
    )

    def prepare(self, request: PrefillRequest, path: Path) -> str:
        """Return the image's SHA-256; the file is not opened."""
        if "poison" in request.image or request.sha256.startswith(tuple(environment.fake_failures())):
            raise PredictorError(f"the fake predictor was told to fail on image {request.image!r}")
        return request.sha256

    def infer(self, model_input: str) -> tuple[float, ...]:
        """Return 101 probabilities of the whole scores 0 to 100: a bell around a score drawn from the hash."""
        time.sleep(environment.fake_seconds())
        centre = draw_points(model_input, "score")
        bell = [math.exp(-((point - centre) ** 2) / (2 * SPREAD**2)) for point in range(101)]
        total = math.fsum(bell)
        return tuple(height / total for height in bell)

    def read(self, request: PrefillRequest, model_output: tuple[float, ...]) -> Reading:
        """Return the expected score, the distribution and a prefill for every attribute asked for."""
        score = math.fsum(point * probability for point, probability in enumerate(model_output))
        return Reading(
            score=round(score, 2),
            distribution=model_output,
            attributes={question.key: made_up_prefill(request.sha256, question) for question in request.attributes},
        )


def draw_points(sha256: str, purpose: str) -> int:
    """Return a whole number from 0 to 100 that depends on the image and the purpose only."""
    # By a hash rather than a seeded generator, whose draws may change from version to version.
    digest = hashlib.sha256(f"{sha256}:{purpose}".encode()).digest()
    return int.from_bytes(digest[:8]) % 101


def made_up_prefill(sha256: str, question: AttributeQuestion) -> AttributePrefill:
    """Return made-up words and a made-up score that say that they are made up."""
    score = draw_points(sha256, question.key)
    return AttributePrefill(
        critique=f"Made-up critique of {question.name} for image {sha256[:8]}: {score} of 100 points.",
        score=float(score),
    )
