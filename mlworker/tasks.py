"""Carry a prefill request from the queue to a predictor and its answer back.

The task is shared: the web application queues it by its signature, the worker runs it. It touches no database; a
second task, on the application's side, stores what it returns:
`chain(predict.s(request.to_json()).set(queue="predict"), store.s(run_id).set(queue="default"))`.
"""

from __future__ import annotations

from typing import Any

from celery import shared_task

from mlworker import pictures, registry
from mlworker.contract import PredictorError, Prefill, PrefillRequest, UnknownModel
from mlworker.environment import media_root


@shared_task(name="mlworker.predict", acks_late=True, ignore_result=True)
def predict(request: dict[str, Any]) -> dict[str, Any]:
    """Return the `Prefill` for a `PrefillRequest`, both as JSON-ready data; a failed picture carries its reason."""
    return answer(PrefillRequest.from_json(request)).to_json()


def answer(request: PrefillRequest) -> Prefill:
    """Return the named model's answer, or one with `error` when this picture or model name cannot be served."""
    try:
        path = pictures.locate(request.picture, media_root())
        pictures.check_sha256(path, request.sha256)
        return registry.load(request.model).predict(request, path)
    except PredictorError as error:
        return Prefill(request.picture, request.sha256, request.model, known_version(request.model), error=str(error))


def known_version(model: str) -> str:
    """Return the model's version, or "" for a model that is not registered."""
    try:
        return registry.version_of(model)
    except UnknownModel:
        return ""
