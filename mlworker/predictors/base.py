"""What every model has, a name, a version and a description; and the three steps of a predictor.

prepare turns the file into the model's input, infer runs the model, read turns its output into words and scores. The
steps are apart so that each can be tested alone and a batch can be formed between them.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar, Generic, TypeVar

from mlworker.contract import (
    AttributePrefill,
    Embedding,
    EmbedRequest,
    OutOfMemory,
    PredictorError,
    Prefill,
    PrefillRequest,
)

RequestT = TypeVar("RequestT", PrefillRequest, EmbedRequest)
ResultT = TypeVar("ResultT", Prefill, Embedding)
ModelInput = TypeVar("ModelInput")
ModelOutput = TypeVar("ModelOutput")


@dataclass(frozen=True)
class Reading:
    """What a model's raw output says of one image; the fields mean what they mean in `Prefill`."""

    score: float | None = None
    distribution: tuple[float, ...] | None = None
    attributes: dict[str, AttributePrefill] = field(default_factory=dict)
    provenance: dict[str, Any] = field(default_factory=dict)
    cost: float = 0.0


class Model(ABC, Generic[RequestT, ResultT]):
    """One version of one model, which looks at images.

    A subclass imports heavy libraries when it is built, not when its module is imported, so that its version and
    description cost nothing to ask for.
    """

    name: ClassVar[str]
    version: ClassVar[str]
    description: ClassVar[str]
    at_once: int = 1  # How many images it looks at together.

    def load(self) -> None:
        """Read now what would else be read on first use; raises PredictorError."""

    def state(self) -> dict[str, Any]:
        """Return what the health command tells of a loaded model."""
        return {}

    @abstractmethod
    def predict_many(self, images: Sequence[tuple[RequestT, Path]]) -> list[ResultT]:
        """Return one result an image, in order; one that cannot be had carries its reason, and the rest go on.

        Raises OutOfMemory if they do not fit into memory together; the caller comes again with fewer.
        """


class Predictor(Model[PrefillRequest, Prefill], Generic[ModelInput, ModelOutput]):
    """A model that makes prefills."""

    @abstractmethod
    def prepare(self, request: PrefillRequest, path: Path) -> ModelInput:
        """Return the model's input for the image at `path`; raises PredictorError if there can be none."""

    @abstractmethod
    def infer(self, model_input: ModelInput) -> ModelOutput:
        """Return the model's raw output."""

    @abstractmethod
    def read(self, request: PrefillRequest, model_output: ModelOutput) -> Reading:
        """Return the raw output as scores and critiques for the attributes that were asked for."""

    def predict(self, request: PrefillRequest, path: Path) -> Prefill:
        """Return the prefill of the image at `path`; raises PredictorError if it cannot be predicted."""
        start = time.perf_counter()
        reading = self.read(request, self.infer(self.prepare(request, path)))
        return self.prefill(request, reading, time.perf_counter() - start)

    def prefill(self, request: PrefillRequest, reading: Reading, seconds: float) -> Prefill:
        return Prefill(
            image=request.image,
            sha256=request.sha256,
            model=self.name,
            model_version=self.version,
            score=reading.score,
            distribution=reading.distribution,
            attributes=reading.attributes,
            seconds=seconds,
            cost=reading.cost,
            provenance=reading.provenance,
        )

    def predict_many(self, images: Sequence[tuple[PrefillRequest, Path]]) -> list[Prefill]:
        """Return one result an image, in order; a predictor that can look at several at once overrides this."""
        return [self._attempt(request, path) for request, path in images]

    def _attempt(self, request: PrefillRequest, path: Path) -> Prefill:
        start = time.perf_counter()
        try:
            return self.predict(request, path)
        except PredictorError as error:
            failure = Prefill.failure(request, self.version, error)
        # No reason to end the process: the next image may be smaller.
        except MemoryError:
            failure = Prefill.failure(request, self.version, OutOfMemory("the image did not fit into memory"))
        # A failure took its time too, and belongs to what a run cost.
        return replace(failure, seconds=time.perf_counter() - start)
