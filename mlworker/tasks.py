"""Batches of requests, taken from the queue to a predictor or an embedder, and their results on the way back.

The tasks are shared: the web application queues them by signature, the worker runs them. They touch no database; tasks
on the application's side are told that it began, and store what it returns:
`chain(predict.s(requests, began).set(queue="predict"), store.s(batch).set(queue="default"))`.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from celery import Task, shared_task
from kombu.exceptions import OperationalError

from mlworker.queue.batches import results_for

from .contract import EmbedRequest, PrefillRequest

logger = logging.getLogger(__name__)


# Acknowledged late: the message of a worker that is killed goes to another one.
@shared_task(name="mlworker.predict", bind=True, acks_late=True, ignore_result=True)
def predict(self: Task, requests: list[dict[str, Any]], began: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    """Return one `Prefill` for each `PrefillRequest`, all as JSON-ready data; a failed image carries its reason.

    `began` is a signature to call with the worker's name before the work begins.
    """
    return run_requests(self, [PrefillRequest.from_json(request) for request in requests], began)


@shared_task(name="mlworker.embed", bind=True, acks_late=True, ignore_result=True)
def embed(self: Task, requests: list[dict[str, Any]], began: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    """Return one `Embedding` for each `EmbedRequest`, as `predict` does."""
    return run_requests(self, [EmbedRequest.from_json(request) for request in requests], began)


def run_requests(task: Task, requests: Sequence[Any], began: dict[str, Any] | None) -> list[dict[str, Any]]:
    """Say that the work begins, do it, and return the results as JSON-ready data."""
    if began is not None:
        report_batch_began(task, began)
    return [result.to_json() for result in results_for(requests)]


def report_batch_began(task: Task, began: dict[str, Any]) -> None:
    """Say that the work has begun; work done without that word is worth more than none."""
    try:
        task.app.signature(began).apply_async((str(task.request.hostname or ""),))
    # Unheard, the batch may be sent again; its results count once.
    except OperationalError:
        logger.warning("the queue cannot be told that a batch has begun", exc_info=True)
