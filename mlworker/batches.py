"""Answer a batch of requests: get the pictures, check them, predict as many at once as memory allows.

Every request gets an answer, in order; a picture that fails carries its reason and holds nobody up.
"""

from __future__ import annotations

import logging
import tempfile
import threading
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

from mlworker import downloads, pictures, registry
from mlworker.contract import OutOfMemory, PredictorError, Prefill, PrefillRequest
from mlworker.environment import media_root
from mlworker.loaded import note
from mlworker.predictors.base import Predictor

logger = logging.getLogger(__name__)
Pair = tuple[PrefillRequest, Path]
# A process looks with one model at a time; its other threads fetch the next pictures and pass on the last answers.
LOOKING = threading.Lock()


def answer_all(requests: Sequence[PrefillRequest]) -> list[Prefill]:
    """Return one answer a request, in order."""
    with tempfile.TemporaryDirectory(prefix="connoisseur-pictures-") as folder:
        return _answer_all(requests, Path(folder))


def _answer_all(requests: Sequence[PrefillRequest], folder: Path) -> list[Prefill]:
    answers: dict[int, Prefill] = {}
    ready: list[tuple[int, Pair]] = []
    for number, request in enumerate(requests):
        try:
            ready.append((number, (request, at_hand(request, folder))))
        except PredictorError as error:
            answers[number] = Prefill.failure(request, known_version(request.model), error)
    for model, group in groupby(ready, key=lambda one: one[1][0].model):
        numbers, pairs = zip(*group, strict=True)
        answers.update(zip(numbers, answers_of(model, pairs), strict=True))
    return [answers[number] for number in range(len(requests))]


def at_hand(request: PrefillRequest, folder: Path) -> Path:
    """Return the path of the picture that was asked about: below the media root, or fetched into `folder`.

    Raises PictureUnavailable, and TemporaryFailure for what may pass.
    """
    if downloads.is_address(request.picture):
        path = downloads.fetch(request, folder)
    else:
        path = pictures.locate(request.picture, media_root())
    pictures.check_sha256(path, request.sha256)
    return path


def answers_of(model: str, pairs: Sequence[Pair]) -> list[Prefill]:
    """Return the named model's answers; where it cannot be had at all, answers that say why."""
    with LOOKING:
        try:
            predictor = loaded(model)
        except PredictorError as error:
            return [Prefill.failure(request, known_version(model), error) for request, _ in pairs]
        return list(predict_as_many_as_fit(predictor, pairs))


@cache
def loaded(model: str) -> Predictor[Any, Any]:
    """Return the named model, read once per process; raises PredictorError, and then the next call tries again."""
    predictor = registry.load(model)
    predictor.load()
    note(predictor)
    return predictor


def predict_as_many_as_fit(predictor: Predictor[Any, Any], pairs: Sequence[Pair]) -> Iterator[Prefill]:
    """Yield one answer a picture; out of memory halves the batch and goes on, down to one picture."""
    try:
        yield from predictor.predict_many(pairs)
    except (OutOfMemory, MemoryError) as error:
        if len(pairs) == 1:
            reason = OutOfMemory(f"the picture did not fit into memory: {error}" if str(error) else "out of memory")
            yield Prefill.failure(pairs[0][0], predictor.version, reason)
            return
        logger.warning("%d pictures do not fit into memory together; trying half as many", len(pairs))
        middle = len(pairs) // 2
        yield from predict_as_many_as_fit(predictor, pairs[:middle])
        yield from predict_as_many_as_fit(predictor, pairs[middle:])


def known_version(model: str) -> str:
    """Return the model's version, or "" for a model that is not registered or not set up."""
    try:
        return registry.version_of(model)
    except PredictorError:
        return ""
