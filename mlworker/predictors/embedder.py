"""What every embedder has: an image becomes numbers of a fixed shape, and many of these become embeddings.

Two images are as alike as the cosine of their embeddings says.
"""

from __future__ import annotations

import time
from abc import abstractmethod
from base64 import b64encode
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlworker.contract import Embedding, EmbedRequest, OutOfMemory, PredictorError

from .base import Model

Numbers = NDArray[np.float32]


class Embedder(Model[EmbedRequest, Embedding]):
    """A model that makes embeddings, of several images together."""

    at_once = 16  # As many as a batch usually has (`PREFILL_BATCH_SIZE`).

    @abstractmethod
    def prepare(self, path: Path) -> Numbers:
        """Return the image at `path` in the shape all have; raises PredictorError if it cannot be had."""

    @abstractmethod
    def embed_inputs(self, model_inputs: Numbers) -> Numbers:
        """Return images x numbers, a row an image, of any length; raises OutOfMemory and PredictorError."""

    def provenance(self) -> dict[str, Any]:
        return {}

    def predict_many(self, images: Sequence[tuple[EmbedRequest, Path]]) -> list[Embedding]:
        starts = range(0, len(images), self.at_once)
        return [embedding for start in starts for embedding in self._embed_batch(images[start : start + self.at_once])]

    def _embed_batch(self, images: Sequence[tuple[EmbedRequest, Path]]) -> list[Embedding]:
        start = time.perf_counter()
        failures: dict[int, Embedding] = {}
        inputs: dict[int, Numbers] = {}
        for number, (request, path) in enumerate(images):
            try:
                inputs[number] = self.prepare(path)
            except PredictorError as error:
                failures[number] = request.failure(self.version, error)
        try:
            rows = dict(zip(inputs, self.embed_inputs(np.stack(list(inputs.values()))) if inputs else (), strict=True))
        except OutOfMemory:
            raise  # Fewer at a time may fit.
        except PredictorError as error:
            failures |= {number: images[number][0].failure(self.version, error) for number in inputs}
        # Nobody can tell them apart in a batch, so each gets an equal share.
        seconds = (time.perf_counter() - start) / len(images)
        return [
            failures[number] if number in failures else self._embedding(request, rows[number], seconds)
            for number, (request, _path) in enumerate(images)
        ]

    def _embedding(self, request: EmbedRequest, row: Numbers, seconds: float) -> Embedding:
        """Return a row as the result that goes back to the application, scaled to length one."""
        # In float64: squares of float32 numbers may overflow.
        length = float(np.linalg.norm(row.astype(np.float64)))
        if not 0 < length < float("inf"):
            return request.failure(self.version, PredictorError("the image is plain: it has no embedding"))
        return Embedding(
            image=request.image,
            sha256=request.sha256,
            model=self.name,
            model_version=self.version,
            # Bytes in base64: a list of numbers in JSON would take several times the room in the queue.
            vector=b64encode((row / length).astype("<f4").tobytes()).decode("ascii"),
            seconds=seconds,
            provenance=self.provenance(),
        )
