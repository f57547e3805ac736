"""Carry a batch of requests from the queue to a predictor or an embedder and its answers back.

The tasks are shared: the web application queues them by signature, the worker runs them. They touch no database; tasks
on the application's side are told that it began, and store what it returns:
`chain(predict.s(requests, began).set(queue="predict"), store.s(batch).set(queue="default"))`.
"""

from __future__ import annotations

import logging
from typing import Any

from celery import Task, shared_task
from kombu.exceptions import OperationalError

from mlworker.queue.batches import answer_all

from .contract import EmbedRequest, PrefillRequest

logger = logging.getLogger(__name__)


@shared_task(name="mlworker.predict", bind=True, acks_late=True, ignore_result=True)
def predict(self: Task, requests: list[dict[str, Any]], began: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    """Return one `Prefill` for each `PrefillRequest`, all as JSON-ready data; a failed image carries its reason.

    `began` is a signature to call with the worker's name before the work begins.
    """
    asked = [PrefillRequest.from_json(request) for request in requests]
    if began is not None:
        tell(self, began)
    return [prefill.to_json() for prefill in answer_all(asked)]


@shared_task(name="mlworker.embed", acks_late=True, ignore_result=True)
def embed(requests: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return one `Embedding` for each `EmbedRequest`, all as JSON-ready data; a failed image carries its reason."""
    return [embedding.to_json() for embedding in answer_all([EmbedRequest.from_json(one) for one in requests])]


def tell(task: Task, began: dict[str, Any]) -> None:
    """Say that the work has begun; work done without that word is worth more than none."""
    try:
        task.app.signature(began).apply_async((str(task.request.hostname or ""),))
    except OperationalError:
        logger.warning("the queue cannot be told that a batch has begun", exc_info=True)
