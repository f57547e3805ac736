"""Releases, built and published in the background by several workers."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

from celery import shared_task
from django.conf import settings

from annotation.actions.releases import build_release as build_actions
from annotation.actions.releases import publish_release as release_actions
from annotation.dataset.format.frozen import Scope
from annotation.dataset.write.parts import build_folder
from annotation.errors import QueueDown
from annotation.models import Campaign, Release

from .queueing import enqueue_task, person_of

MOST_HELPERS = 16


@shared_task(name="annotation.publish_release", acks_late=True, reject_on_worker_lost=True)
def publish_release(
    campaign_id: int,
    version: str,
    user_id: int | None = None,
    scope: dict[str, Any] | None = None,
) -> None:
    """Build and publish a release below the releases folder, other workers helping.

    Where this worker is killed, another one goes on with the parts that are done.
    """
    release_actions.publish_release(
        Campaign.objects.get(pk=campaign_id),
        version,
        out=Path(settings.RELEASES_DIR),
        by=person_of(user_id),
        scope=Scope.from_json(scope or {}),
        on_start=_ask_for_help,
    )


def _ask_for_help(release: Release) -> None:
    with suppress(QueueDown):  # Then this worker builds all of it.
        # One part less, for this worker writes too; more messages than that would only clog the queue.
        for _each in range(min(release.parts - release.parts_done - 1, MOST_HELPERS)):
            enqueue_task(help_release, release.pk)


@shared_task(name="annotation.help_release")
def help_release(release_id: int) -> None:
    """Write parts of a release that another worker builds, if it still does."""
    folder = Release.objects.get(pk=release_id).path
    build_actions.help_to_build(release_id, build_folder(folder))
