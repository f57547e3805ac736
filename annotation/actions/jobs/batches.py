"""A run's images, handed out to workers in batches and taken back from workers that are lost."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from annotation.models import Batch, Image, Run, RunItem

from .kinds import kind_of
from .retry import retry_or_set_aside, wait_before_resending
from .runs import finish_run_if_done, lock_run

LEAST_WORK = 0.25  # Seconds of work that a batch should hold.
WORKER_LOST = "the worker broke off while it worked on this image; its log says why"


@transaction.atomic
def hand_out_batches(run: Run) -> list[Batch]:
    """Put the next images of a run into batches, as far as there is room, and return these; the caller sends them."""
    run = lock_run(run)
    if run.state != Run.State.RUNNING:
        return []
    now = timezone.now()
    room = settings.PREFILL_BATCHES_AHEAD - run.batches.open().count()
    size = _batch_size(run, now) if room > 0 else 0
    batches: list[Batch] = []
    # A choice may turn out to be done already, in another campaign, and fill no batch: then the next one is taken.
    while len(batches) < room and (candidates := run.items.next_batch(size, now)):
        if items := _without_done(run, candidates):
            batch = Batch.objects.create(run=run, sent_at=now, expires_at=now + wait_before_resending(1))
            run.items.filter(pk__in=[item.pk for item in items]).update(batch=batch)
            batches.append(batch)
    # Where all that was left is done elsewhere, no result will come that could end the run.
    if not batches:
        finish_run_if_done(run)
    return batches


def requests_for(batch: Batch) -> list[Any]:
    """Return what the worker is asked: one `Request` of the contract for each image that waits for this batch."""
    kind = kind_of(batch.run)
    return [kind.request_for(item.image, batch.run) for item in batch.items.waiting().select_related("image")]


@transaction.atomic
def begin_batch(batch: Batch, *, worker: str) -> None:
    """Note that a worker has begun a batch; from now on it has the time of the longest batch."""
    # Only an open one: a message may come late, when its batch is closed and its images are with another worker.
    Batch.objects.open().filter(pk=batch.pk).update(began_at=timezone.now(), worker=worker[:200])


@transaction.atomic
def take_back_batches(run: Run) -> list[Batch]:
    """Close the batches whose worker is gone, and return those no worker has begun, for the caller to send again."""
    run = lock_run(run)
    now = timezone.now()
    for overdue_batch in run.batches.overdue(now):
        close_batch(overdue_batch, run)
    unheard_batches = list(run.batches.unheard(now))
    for batch in unheard_batches:
        batch.times_sent += 1
        batch.sent_at, batch.expires_at = now, now + wait_before_resending(batch.times_sent)
        batch.save(update_fields=["times_sent", "sent_at", "expires_at"])
    finish_run_if_done(run)
    return unheard_batches


@transaction.atomic
def lose_batch(batch: Batch) -> None:
    """Take a batch back whose worker broke off; its images are tried again, one at a time, a few times."""
    run = lock_run(batch.run)
    # Its results may have been stored while this waited for the lock.
    batch.refresh_from_db()
    if batch.closed_at is None:
        close_batch(batch, run)
    finish_run_if_done(run)


def close_batch(batch: Batch, run: Run) -> None:
    """Close a batch; images in it that still wait have lost their worker, and are tried again at once, each alone."""
    for item in batch.items.waiting().select_related("image"):
        item.error = WORKER_LOST
        retry_or_set_aside(item, run, may_pass=True)
        # The wait is meant for servers that are busy; here only the worker was lost.
        item.not_before = None
        item.save()
    batch.closed_at = timezone.now()
    batch.save(update_fields=["closed_at"])


def _batch_size(run: Run, now: datetime) -> int:
    """Return how many images to put into a batch.

    Towards the end fewer, so that no worker sits idle while another has a whole batch left; but no fewer than keep one
    busy for a while, as handing out takes time too.
    """
    ahead, most = settings.PREFILL_BATCHES_AHEAD, settings.PREFILL_BATCH_SIZE
    # No further: with so many left batches are full, and counting a large run each time would cost.
    free = run.items.free(now)[: ahead * most].count()
    if free == ahead * most:
        return most
    seconds = run.spent()["seconds_an_image"]
    worth_it = int(LEAST_WORK / seconds) if seconds else 1
    return max(1, min(most, max(worth_it, math.ceil(free / ahead))))


def _without_done(run: Run, items: Sequence[RunItem]) -> list[RunItem]:
    """Return the items that still lack a result; those that got one meanwhile, in another campaign, are done."""
    images = Image.objects.filter(pk__in=[item.image_id for item in items])
    missing_ids = set(kind_of(run).lacking(images, run.model_version).values_list("pk", flat=True))
    done_ids = [item.pk for item in items if item.image_id not in missing_ids]
    if done_ids:
        run.items.filter(pk__in=done_ids).update(state=RunItem.State.DONE)
    return [item for item in items if item.image_id in missing_ids]
