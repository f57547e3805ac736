"""Run the slow verbs in the background."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from celery import chain, shared_task
from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import OperationalError as DatabaseAway
from django.utils import timezone
from kombu.exceptions import OperationalError

from annotation.actions.agreement import measure_agreement as agreement_actions
from annotation.actions.agreement import refresh_agreement as refresh_actions
from annotation.actions.campaigns.open_campaign import show_first_model
from annotation.actions.duplicates import embed as embed_actions
from annotation.actions.jobs import prefill as prefill_actions
from annotation.actions.releases import build_release as build_actions
from annotation.actions.releases import publish_release as release_actions
from annotation.actions.releases.scope import Asked
from annotation.errors import QueueDown
from annotation.models import Campaign, PrefillBatch, PrefillRun, Release, Report
from mlworker.contract import Embedding, Prefill
from mlworker.tasks import embed, predict

MOST_HELPERS = 16
# What a task does while the database is away: try again, later each time, and not all at the same moment.
PATIENT: dict[str, Any] = {
    "autoretry_for": (DatabaseAway,),
    "retry_backoff": 2,
    "retry_backoff_max": 120,
    "retry_jitter": True,
    "max_retries": 20,
}


def queue(task: Any, *arguments: Any) -> None:
    """Queue a task at once or not at all. Raise QueueDown when the queue cannot be reached."""
    try:
        task.apply_async(arguments, retry=False)
    except OperationalError as error:
        raise QueueDown(f"the queue cannot be reached: {error}; check REDIS_URL") from error


def feed(run: PrefillRun) -> None:
    """Hand out a run's next batches and send them. Raise QueueDown when the queue cannot be reached."""
    for batch in prefill_actions.hand_out(run):
        send(batch)


def send(batch: PrefillBatch) -> None:
    """Send a batch: the worker predicts, and tasks of ours note that it began and store what it answers.

    The message expires when the batch would be sent again, so that no two are worth anything at the same time. Raise
    QueueDown when the queue cannot be reached; the batch is sent again later.
    """
    number = str(batch.pk)
    requests = [request.to_json() for request in prefill_actions.requests_for(batch)]
    began = prefill_began.s(number).set(queue="default")
    options = {"expires": batch.expires_at, "time_limit": settings.PREFILL_LONGEST_BATCH}
    asked = predict.s(requests, began).set(queue="predict", **options)
    asked.link_error(batch_lost.s(number).set(queue="default"))
    try:
        chain(asked, store_batch.s(number).set(queue="default")).apply_async(retry=False)
    except OperationalError as error:
        raise QueueDown(f"the queue cannot be reached: {error}; check REDIS_URL") from error


@shared_task(name="annotation.run_prefill")
def run_prefill(campaign_id: int, model: str, user_id: int | None = None) -> None:
    """Start a prefill run and queue its first images."""
    campaign = Campaign.objects.get(pk=campaign_id)
    by = _person(user_id)
    run = prefill_actions.start_run(campaign, model, by=by)
    show_first_model(campaign, run.model_version, by=by)
    feed(run)


@shared_task(name="annotation.feed_run")
def feed_run(run_id: int) -> None:
    """Queue the next images of a run."""
    feed(PrefillRun.objects.get(pk=run_id))


@shared_task(name="annotation.keep_prefill_going")
def keep_prefill_going() -> None:
    """Look after all runs: put urgent images first, take back what was lost, send what was not heard, hand out more.

    Every worker of ours asks for this every few seconds; running it twice at once does no harm.
    """
    for run in PrefillRun.objects.running().select_related("campaign"):
        prefill_actions.put_urgent_first(run)
        for batch in prefill_actions.take_back(run):
            send(batch)
        feed(run)


@shared_task(name="annotation.prefill_began", **PATIENT)
def prefill_began(worker: str, batch_id: str) -> None:
    """Note that a worker has begun a batch."""
    prefill_actions.begin(PrefillBatch.objects.get(pk=batch_id), worker=worker)


@shared_task(name="annotation.store_batch", **PATIENT)
def store_batch(prefills: list[dict[str, Any]], batch_id: str) -> None:
    """Store what the worker answered, and queue the next images."""
    batch = PrefillBatch.objects.select_related("run").get(pk=batch_id)
    prefill_actions.store(batch, [Prefill.from_json(prefill) for prefill in prefills])
    feed(batch.run)


@shared_task(name="annotation.batch_lost", **PATIENT)
def batch_lost(task_id: str, batch_id: str) -> None:
    """Take a batch back that broke a worker, and queue the next images."""
    batch = PrefillBatch.objects.select_related("run").get(pk=batch_id)
    prefill_actions.lose(batch)
    feed(batch.run)


def send_embed(batch: embed_actions.Batch) -> None:
    """Ask a worker for a batch of embeddings; a task of ours stores them. Raise QueueDown for an unreachable queue."""
    requests = [request.to_json() for request in embed_actions.requests_for(batch)]
    about = asdict(batch)
    options = {"countdown": batch.wait or None, "time_limit": settings.PREFILL_LONGEST_BATCH}
    asked = embed.s(requests).set(queue="predict", **options)
    asked.link_error(embeddings_lost.s(about).set(queue="default"))
    try:
        chain(asked, store_embeddings.s(about).set(queue="default")).apply_async(retry=False)
    except OperationalError as error:
        raise QueueDown(f"the queue cannot be reached: {error}; check REDIS_URL") from error


@shared_task(name="annotation.store_embeddings", **PATIENT)
def store_embeddings(answers: list[dict[str, Any]], about: dict[str, Any]) -> None:
    """Store the embeddings a worker made, and send what is to be tried again and the next batch of the chain."""
    batch = embed_actions.Batch(**about)
    again = embed_actions.store_embeddings(batch, [Embedding.from_json(answer) for answer in answers])
    for following in (again, embed_actions.next_batch(batch)):
        if following:
            send_embed(following)


@shared_task(name="annotation.embeddings_lost", **PATIENT)
def embeddings_lost(task_id: str, about: dict[str, Any]) -> None:
    """Send the images of a batch that broke a worker one by one, and the next batch of the chain."""
    batch = embed_actions.Batch(**about)
    for following in (*embed_actions.lose(batch), embed_actions.next_batch(batch)):
        if following:
            send_embed(following)


@shared_task(name="annotation.measure_agreement")
def measure_agreement(campaign_id: int, user_id: int | None = None) -> None:
    """Compute a report of agreement."""
    agreement_actions.measure(Campaign.objects.get(pk=campaign_id), by=_person(user_id))


@shared_task(name="annotation.recompute_report")
def recompute_report(report_id: int, user_id: int | None = None) -> None:
    """Compute a report again, and keep what differs."""
    agreement_actions.recompute(Report.objects.get(pk=report_id), by=_person(user_id))


@shared_task(name="annotation.keep_reports_fresh")
def keep_reports_fresh() -> None:
    """Queue a report for each campaign whose answers have moved on; every worker of ours asks for this."""
    for campaign in refresh_actions.due(timezone.now()):
        queue(refresh_report, campaign.pk)


@shared_task(name="annotation.refresh_report")
def refresh_report(campaign_id: int) -> None:
    """Compute a report if one is still due and nobody is at it."""
    refresh_actions.refresh(Campaign.objects.get(pk=campaign_id))


@shared_task(name="annotation.publish_release", acks_late=True, reject_on_worker_lost=True)
def publish_release(
    campaign_id: int,
    version: str,
    user_id: int | None = None,
    asked: dict[str, Any] | None = None,
) -> None:
    """Build and publish a release below the releases folder, other workers helping.

    Where this worker is killed, another one goes on with the parts that are done.
    """
    release_actions.publish(
        Campaign.objects.get(pk=campaign_id),
        version,
        out=Path(settings.RELEASES_DIR),
        by=_person(user_id),
        asked=Asked.of(asked or {}),
        begun=_ask_for_help,
    )


def _ask_for_help(release: Release) -> None:
    with suppress(QueueDown):  # Then this worker builds all of it.
        for _each in range(min(release.parts - release.parts_done - 1, MOST_HELPERS)):
            queue(help_release, release.pk)


@shared_task(name="annotation.help_release")
def help_release(release_id: int) -> None:
    """Write parts of a release that another worker builds, if it still does."""
    folder = Path(Release.objects.get(pk=release_id).folder)
    build_actions.help_to_build(release_id, build_actions.unfinished(folder))


def _person(user_id: int | None) -> Any:
    return None if user_id is None else get_user_model().objects.get(pk=user_id)
