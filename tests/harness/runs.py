"""Runs worked off in this process by the worker's own code."""

from __future__ import annotations

from typing import Any

from annotation.actions.jobs.batches import hand_out_batches, requests_for
from annotation.actions.jobs.results import store_results
from annotation.models import Batch, Run
from mlworker.contract import Prefill
from mlworker.queue.batches import results_for


def results_of(batch: Batch) -> list[Any]:
    """Return what the worker's own code makes of a batch."""
    return results_for(requests_for(batch))


def work_off(run: Run) -> Run:
    """Let the worker's own code do all that a run hands out; return the run anew."""
    while batches := hand_out_batches(run):
        for batch in batches:
            store_results(batch, results_of(batch))
    run.refresh_from_db()
    return run


def failing(batch: Batch, error: str, *, temporary: bool = False, **more: Any) -> list[Prefill]:
    """Return the results of a worker that fails on every image of a batch."""
    return [
        Prefill(request.image, request.sha256, request.model, "1", error=error, temporary=temporary, **more)
        for request in requests_for(batch)
    ]
