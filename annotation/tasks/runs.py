"""Runs in the background: their batches sent to model workers, and what comes back stored."""

from __future__ import annotations

from typing import Any

from celery import chain, shared_task
from django.conf import settings

from annotation.actions.campaigns.open_campaign import show_first_model
from annotation.actions.jobs.batches import (
    begin_batch,
    hand_out_batches,
    lose_batch,
    requests_for,
    take_back_batches,
)
from annotation.actions.jobs.kinds import kind_of
from annotation.actions.jobs.results import store_results
from annotation.actions.jobs.runs import put_urgent_first, start_run
from annotation.models import Batch, Campaign, Run
from mlworker import registry
from mlworker.tasks import embed, predict

from .proofs import relayed
from .queueing import PATIENT, person_of, queue_named

# What a worker is asked to do, by kind of run.
TASKS = {Run.Kind.PREFILL: predict, Run.Kind.EMBED: embed}


def send_next_batches(run: Run) -> None:
    """Hand out a run's next batches and send them. Raise QueueDown when the queue cannot be reached."""
    for batch in hand_out_batches(run):
        send_batch(batch)


def send_batch(batch: Batch) -> None:
    """Send a batch: a worker makes the results, and tasks of ours note that it began and store what it made.

    The message expires when the batch would be sent again, so that no two are worth anything at the same time. Raise
    QueueDown when the queue cannot be reached; the batch is sent again later.
    """
    number = str(batch.pk)
    requests = [request.to_json() for request in requests_for(batch)]
    # Ours, on the queue of those with a database: a model worker has none.
    note_of_begin = relayed(batch_began, number)
    options = {"expires": batch.expires_at, "time_limit": settings.PREFILL_LONGEST_BATCH}
    queue = registry.queue_of(batch.run.model_version.name)
    work = TASKS[Run.Kind(batch.run.kind)].s(requests, note_of_begin).set(queue=queue, **options)
    work.link_error(relayed(batch_lost, number))
    with queue_named():
        chain(work, relayed(store_batch, number)).apply_async(retry=False)


@shared_task(name="annotation.run_prefill")
def run_prefill(campaign_id: int, model: str, user_id: int | None = None) -> None:
    """Start a prefill run and queue its first images."""
    campaign = Campaign.objects.get(pk=campaign_id)
    by = person_of(user_id)
    run = start_run(campaign, Run.Kind.PREFILL, model, by=by)
    show_first_model(campaign, run.model_version, by=by)
    send_next_batches(run)


@shared_task(name="annotation.feed_run")
def feed_run(run_id: int) -> None:
    """Queue the next images of a run."""
    send_next_batches(Run.objects.get(pk=run_id))


@shared_task(name="annotation.keep_runs_going")
def keep_runs_going() -> None:
    """Look after all runs: put urgent images first, take back what was lost, send what was not heard, hand out more.

    Every worker of ours asks for this every few seconds; running it twice at once does no harm.
    """
    for run in Run.objects.running().select_related("campaign"):
        # Before batches are handed out, so that what somebody waits for is in the next one.
        put_urgent_first(run)
        for batch in take_back_batches(run):
            send_batch(batch)
        send_next_batches(run)


@shared_task(name="annotation.batch_began", **PATIENT)
def batch_began(worker: str, batch_id: str) -> None:
    """Note that a worker has begun a batch."""
    begin_batch(Batch.objects.get(pk=batch_id), worker=worker)


@shared_task(name="annotation.store_batch", **PATIENT)
def store_batch(results: list[dict[str, Any]], batch_id: str) -> None:
    """Store what the worker made, and queue the next images."""
    batch = Batch.objects.select_related("run").get(pk=batch_id)
    kind = kind_of(batch.run)
    store_results(batch, [kind.read_result(result) for result in results])
    send_next_batches(batch.run)


@shared_task(name="annotation.batch_lost", **PATIENT)
def batch_lost(task_id: str, batch_id: str) -> None:
    """Take a batch back that broke a worker, and queue the next images."""
    batch = Batch.objects.select_related("run").get(pk=batch_id)
    lose_batch(batch)
    send_next_batches(batch.run)
