"""The results for a batch of requests, all for prefills or all for embeddings: images are fetched, checked, and looked
at together as far as memory allows.

Every request gets a result, in order; one that fails carries its reason and holds nobody up.
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

from mlworker import downloads, images, registry
from mlworker.contract import OutOfMemory, PredictorError, Request
from mlworker.environment import media_root
from mlworker.predictors.base import Model, RequestT, ResultT

from .loaded_models import note_loaded_model

logger = logging.getLogger(__name__)
# A process looks with one model at a time; its other threads fetch the next images and pass on the last results.
INFERENCE_LOCK = threading.Lock()


def results_for(requests: Sequence[RequestT]) -> list[Any]:
    """Return one result a request, in order: a prefill or an embedding, or the failure of one."""
    # Gone with the batch, whatever ends it: fetched images are not ours to keep.
    with tempfile.TemporaryDirectory(prefix="connoisseur-images-") as folder:
        return _results_for(requests, Path(folder))


def _results_for(requests: Sequence[RequestT], folder: Path) -> list[Any]:
    results: dict[int, Any] = {}
    numbered_pairs: list[tuple[int, tuple[RequestT, Path]]] = []
    for number, request in enumerate(requests):
        try:
            numbered_pairs.append((number, (request, image_path(request, folder))))
        except PredictorError as error:
            results[number] = request.failure(version_or_blank(request.model, request.kind), error)
    # Requests of one model stand together, as a run asks one; a batch of several is worked off in turn.
    for _model, group in groupby(numbered_pairs, key=lambda entry: entry[1][0].model):
        numbers, pairs = zip(*group, strict=True)
        results.update(zip(numbers, results_of_model(pairs), strict=True))
    return [results[number] for number in range(len(requests))]


def image_path(request: Request, folder: Path) -> Path:
    """Return the path of the image that was asked about: below the media root, or fetched into `folder`.

    Raises ImageUnavailable, and TemporaryFailure for what may pass.
    """
    if downloads.is_address(request.image):
        path = downloads.fetch(request, folder)
    else:
        path = images.locate(request.image, media_root())
    images.check_sha256(path, request.sha256)  # Of a shared folder too: files change, and results are kept by hash.
    return path


def results_of_model(pairs: Sequence[tuple[RequestT, Path]]) -> list[Any]:
    """Return the results of the one model that is asked; where it cannot be had at all, they say why."""
    first_request, _path = pairs[0]
    with INFERENCE_LOCK:
        try:
            model = loaded_model(first_request.model, first_request.kind)
        except PredictorError as error:
            version = version_or_blank(first_request.model, first_request.kind)
            return [request.failure(version, error) for request, _ in pairs]
        return list(predict_as_many_as_fit(model, pairs))


# Errors are not cached, so a checkpoint that is put right is used without a new start.
@cache
def loaded_model(name: str, kind: str = "predictor") -> Model[Any, Any]:
    """Return the named model, read once per process; raises PredictorError, and then the next call tries again."""
    model = registry.load(name, kind)
    model.load()
    note_loaded_model(model)
    return model


def predict_as_many_as_fit(
    model: Model[RequestT, ResultT], pairs: Sequence[tuple[RequestT, Path]]
) -> Iterator[ResultT]:
    """Yield one result an image; out of memory halves the batch and goes on, down to one image."""
    try:
        yield from model.predict_many(pairs)
    except (OutOfMemory, MemoryError) as error:
        if len(pairs) == 1:
            reason = OutOfMemory(f"the image did not fit into memory: {error}" if str(error) else "out of memory")
            yield pairs[0][0].failure(model.version, reason)  # type: ignore[misc]
            return
        logger.warning("%d images do not fit into memory together; trying half as many", len(pairs))
        # By halves rather than one by one: a batch is mostly only a little too large.
        middle = len(pairs) // 2
        yield from predict_as_many_as_fit(model, pairs[:middle])
        yield from predict_as_many_as_fit(model, pairs[middle:])


def version_or_blank(name: str, kind: str) -> str:
    """Return the model's version, or "" for a model that is not registered or not set up."""
    try:
        return registry.version_of(name, kind)
    except PredictorError:
        return ""
