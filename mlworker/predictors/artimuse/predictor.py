"""ArtiMuse or UniPercept, from a checkpoint in its authors' format: a score distribution and eight critiques.

The score is no generated text: the logits of 101 score tokens at the end of one prompt, softmax in float32, expectation
over 0 to 100 (Token As Score). The published checkpoints give no scores of single attributes, so there are none here.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from functools import cached_property
from importlib.metadata import version as installed
from itertools import takewhile
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from mlworker import environment, images
from mlworker.contract import AttributePrefill, OutOfMemory, PredictorError, Prefill, PrefillRequest
from mlworker.predictors.base import Predictor, Reading
from mlworker.predictors.imagenet import normalise_pixels

from .batch import ImageOutput, infer_images
from .checkpoint import Checkpoint, load_checkpoint
from .memory import images_at_once
from .prompts import Wording, wording_for
from .source import ACCEPTED_NAMES, CheckpointSource

logger = logging.getLogger(__name__)
SIDE = 448
# The authors' scripts allow 8192. Memory is reckoned for critiques of this length: the lower, the more images at once.
MOST_NEW_TOKENS = 1024
ImageQuestions = tuple[Any, tuple[str, ...]]  # Pixels, and the names of the attributes asked for.


def image_pixels(path: Path) -> Any:
    """Return the image as the authors prepare it: float32 of 1 x 3 x 448 x 448; raises ImageUnavailable."""
    # Not turned upright, not on white, its shape not kept: the checkpoints were trained so. White behind transparency
    # alone moves scores by many points. The colours are those that experts see, which the authors take for granted.
    return normalise_pixels(images.decode_as_stored(path, SIDE))[None]


def source_from_settings() -> CheckpointSource:
    """Return the checkpoint that `MLWORKER_ARTIMUSE` names; raises PredictorError."""
    text = environment.artimuse_checkpoint()
    if not text:
        raise PredictorError(f"MLWORKER_ARTIMUSE is not set: {ACCEPTED_NAMES}")
    try:
        return CheckpointSource.from_text(text)
    except PredictorError as error:
        raise PredictorError(f"MLWORKER_ARTIMUSE: {error}") from error


class Version:
    """The predictor's version: what names the checkpoint."""

    def __get__(self, instance: ArtiMuse | None, owner: type[ArtiMuse]) -> str:
        """Return the version without loading the model; raises PredictorError."""
        return source_from_settings().version if instance is None else instance.source.version


class ArtiMuse(Predictor[ImageQuestions, ImageOutput]):
    """A checkpoint of the ArtiMuse family; MLWORKER_ARTIMUSE names it."""

    name: ClassVar[str] = "artimuse"
    description: ClassVar[str] = "ArtiMuse, a sibling or UniPercept, from a folder or the Hub (MLWORKER_ARTIMUSE)"

    version = Version()

    def __init__(
        self, source: CheckpointSource | Path | None = None, *, most_new_tokens: int = MOST_NEW_TOKENS
    ) -> None:
        self.source = CheckpointSource(str(source)) if isinstance(source, Path) else source or source_from_settings()
        self.most_new_tokens = most_new_tokens

    @cached_property
    def device(self) -> str:
        import torch  # noqa: PLC0415  heavy

        return "cuda" if torch.cuda.is_available() else "cpu"

    @cached_property
    def folder(self) -> Path:
        """Return the checkpoint's folder; raises PredictorError."""
        return self.source.folder()

    @cached_property
    def checkpoint(self) -> Checkpoint:
        """Return the model, read once: bfloat16 on a GPU, float32 on a CPU; raises PredictorError."""
        try:
            import torch  # noqa: PLC0415  heavy
            import transformers  # noqa: F401, PLC0415  heavy
        except ImportError as error:
            command = "pip install -r requirements-worker.lock"
            raise PredictorError(f"the package {error.name} is not installed: {command}") from error
        # The format of the published weights; a CPU computes in it slowly, and float32 holds each of its numbers.
        dtype = torch.bfloat16 if self.device == "cuda" else torch.float32
        return load_checkpoint(self.folder, device=self.device, dtype=dtype)

    @cached_property
    def wording(self) -> Wording:
        """Return how this family is asked: UniPercept's prompts differ from ArtiMuse's."""
        return wording_for(self.source.name)

    @cached_property
    def at_once(self) -> int:  # type: ignore[override]
        """Return how many images fit into memory together, found once; less after one batch did not fit."""
        return images_at_once(self.checkpoint.model, self.device, self.most_new_tokens)

    def load(self) -> None:
        _ = self.at_once

    def state(self) -> dict[str, Any]:
        return {"at_once": self.at_once} | self.provenance

    def prepare(self, request: PrefillRequest, path: Path) -> ImageQuestions:
        """Return the image's pixels with the questions asked."""
        return image_pixels(path), tuple(question.name for question in request.attributes)

    def infer(self, model_input: ImageQuestions) -> ImageOutput:
        """Look at one image; raises OutOfMemory."""
        return self.infer_together([model_input])[0]

    def infer_together(self, model_inputs: Sequence[ImageQuestions]) -> list[ImageOutput]:
        """Look at images of which the same is asked, together; raises OutOfMemory."""
        pixels, questions = np.concatenate([values for values, _ in model_inputs]), model_inputs[0][1]
        limit = self.most_new_tokens
        return infer_images(self.checkpoint, self.wording, pixels, questions, most_new_tokens=limit)

    def predict_many(self, images: Sequence[tuple[PrefillRequest, Path]]) -> list[Prefill]:
        """Return one prefill an image, in order, looking at as many at once as fit into memory."""
        prefills: list[Prefill] = []
        while remaining := images[len(prefills) :]:
            first, _path = remaining[0]
            # Prompts of one batch must share all but the image.
            batch = list(takewhile(lambda pair: pair[0].attributes == first.attributes, remaining[: self.at_once]))  # noqa: B023
            try:
                prefills += self._predict_batch(batch)
            except OutOfMemory as error:
                self._free_gpu_memory()
                if len(batch) == 1:
                    prefills.append(Prefill.failure(first, self.version, error))
                    continue
                # For good, not for this batch only: every further one of that size would fail as slowly.
                self.at_once = len(batch) // 2
                logger.warning("%d images do not fit into memory; going on with half as many", len(batch))
        return prefills

    def _predict_batch(self, pairs: Sequence[tuple[PrefillRequest, Path]]) -> list[Prefill]:
        start = time.perf_counter()
        failures: dict[int, Prefill] = {}
        inputs: dict[int, ImageQuestions] = {}
        for number, (request, path) in enumerate(pairs):
            try:
                inputs[number] = self.prepare(request, path)
            except PredictorError as error:
                failures[number] = Prefill.failure(request, self.version, error)
        outputs = dict(zip(inputs, self.infer_together(list(inputs.values())) if inputs else (), strict=True))
        seconds = (time.perf_counter() - start) / len(pairs)
        return [
            failures[number]
            if number in failures
            else self.prefill(request, self.read(request, outputs[number]), seconds)
            for number, (request, _path) in enumerate(pairs)
        ]

    def _free_gpu_memory(self) -> None:
        """Give back what torch keeps for later: its pieces, cut for the failed batch, may not do for the next."""
        import torch  # noqa: PLC0415  heavy

        if self.device == "cuda":
            torch.cuda.empty_cache()

    def read(self, request: PrefillRequest, model_output: ImageOutput) -> Reading:
        """Return the expected score, its distribution and the critiques, which have no scores of their own."""
        logits = np.array(model_output.logits, dtype=np.float64)
        weights = np.exp(logits - logits.max())  # Less the greatest, lest the exponential overflow.
        distribution = weights / weights.sum()
        return Reading(
            score=float(distribution @ np.arange(101)),
            distribution=tuple(float(probability) for probability in distribution),
            attributes={
                question.key: AttributePrefill(critique=model_output.critiques[question.name][1])
                for question in request.attributes
            },
            provenance=self.provenance,
        )

    @cached_property
    def provenance(self) -> dict[str, Any]:
        return {
            "checkpoint": self.source.name if self.source.revision else Path(self.source.name).name,
            "revision": self.folder.name if self.source.revision else "",
            "checkpoint_sha256": self.checkpoint.sha256,
            "wording": self.wording.name,
            "prompt_sha256": self.wording.sha256(self.checkpoint.system_message),
            "device": self.device_name,
            "dtype": str(self.checkpoint.model.dtype).removeprefix("torch."),
            "torch": installed("torch"),
            "transformers": installed("transformers"),
            "max_new_tokens": self.most_new_tokens,
        }

    @property
    def device_name(self) -> str:
        """Return the device, a GPU with its model: scores of two models of GPU may differ in the last digits."""
        import torch  # noqa: PLC0415  heavy

        return f"cuda ({torch.cuda.get_device_name()})" if self.device == "cuda" else self.device
