"""Run the slow verbs in the background."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from celery import chain, shared_task
from django.conf import settings
from django.contrib.auth import get_user_model
from kombu.exceptions import OperationalError

from mlworker.contract import Prefill
from mlworker.tasks import predict

from .actions import measure_agreement as agreement_actions
from .actions import prefill as prefill_actions
from .actions import release as release_actions
from .errors import QueueDown
from .models import Campaign, PrefillItem, PrefillRun


def queue_run(run: PrefillRun) -> None:
    """Queue one chain an image: the worker predicts, and a task of ours stores.

    Raise QueueDown, with the run given up, when the queue cannot be reached.
    """
    try:
        for item in run.items.filter(state=PrefillItem.State.WAITING).select_related("image"):
            request = prefill_actions.request_for(item.image, run)
            chain(
                predict.s(request.to_json()).set(queue="predict"),
                store_prefill.s(run.pk).set(queue="default"),
            ).apply_async(retry=False)
    except OperationalError as error:
        prefill_actions.cancel_run(run, by=None)
        raise QueueDown(f"the queue cannot be reached: {error}; check REDIS_URL") from error


@shared_task(name="annotation.run_prefill")
def run_prefill(campaign_id: int, model: str, user_id: int | None = None) -> None:
    """Start a prefill run and queue its images."""
    campaign = Campaign.objects.get(pk=campaign_id)
    queue_run(prefill_actions.start_run(campaign, model, by=_person(user_id)))


@shared_task(name="annotation.store_prefill")
def store_prefill(prefill: dict[str, Any], run_id: int) -> None:
    """Store what the worker answered."""
    prefill_actions.store(Prefill.from_json(prefill), PrefillRun.objects.get(pk=run_id))


@shared_task(name="annotation.measure_agreement")
def measure_agreement(campaign_id: int, user_id: int | None = None) -> None:
    """Compute a report of agreement."""
    agreement_actions.measure(Campaign.objects.get(pk=campaign_id), by=_person(user_id))


@shared_task(name="annotation.publish_release")
def publish_release(campaign_id: int, version: str, user_id: int | None = None) -> None:
    """Build and publish a release below the releases folder."""
    campaign = Campaign.objects.get(pk=campaign_id)
    release_actions.publish(campaign, version, out=Path(settings.RELEASES_DIR), by=_person(user_id))


def _person(user_id: int | None) -> Any:
    return None if user_id is None else get_user_model().objects.get(pk=user_id)
