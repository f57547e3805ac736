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

    at_once = 16

    @abstractmethod
    def prepare(self, path: Path) -> Numbers:
        """Return the image at `path` in the shape all have; raises PredictorError if it cannot be had."""

    @abstractmethod
    def describe(self, prepared: Numbers) -> Numbers:
        """Return a row of numbers for each prepared image; raises OutOfMemory and PredictorError."""

    def provenance(self) -> dict[str, Any]:
        """Return what produces the embeddings."""
        return {}

    def predict_many(self, images: Sequence[tuple[EmbedRequest, Path]]) -> list[Embedding]:
        """Return one result an image, in order."""
        starts = range(0, len(images), self.at_once)
        return [one for start in starts for one in self._together(images[start : start + self.at_once])]

    def _together(self, images: Sequence[tuple[EmbedRequest, Path]]) -> list[Embedding]:
        start = time.perf_counter()
        failed: dict[int, Embedding] = {}
        ready: dict[int, Numbers] = {}
        for number, (request, path) in enumerate(images):
            try:
                ready[number] = self.prepare(path)
            except PredictorError as error:
                failed[number] = request.failure(self.version, error)
        try:
            rows = dict(zip(ready, self.describe(np.stack(list(ready.values()))) if ready else (), strict=True))
        except OutOfMemory:
            raise  # Fewer at a time may fit.
        except PredictorError as error:
            failed |= {number: images[number][0].failure(self.version, error) for number in ready}
        seconds = (time.perf_counter() - start) / len(images)
        return [
            failed[number] if number in failed else self._embedding(request, rows[number], seconds)
            for number, (request, _path) in enumerate(images)
        ]

    def _embedding(self, request: EmbedRequest, row: Numbers, seconds: float) -> Embedding:
        """Return a row as the result that goes back to the application, scaled to length one."""
        length = float(np.linalg.norm(row.astype(np.float64)))
        if not 0 < length < float("inf"):
            return request.failure(self.version, PredictorError("the image is plain: it has no embedding"))
        return Embedding(
            image=request.image,
            sha256=request.sha256,
            model=self.name,
            model_version=self.version,
            vector=b64encode((row / length).astype("<f4").tobytes()).decode("ascii"),
            seconds=seconds,
            provenance=self.provenance(),
        )
