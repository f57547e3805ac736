"""Ask a model for its answers and store them: one per image and model version, failures set aside.

What is to be done stands in the database: batches are handed out here and sent by `annotation.tasks.jobs`, and whatever
happens to a message or a worker, the batch is handed out again until each image has its answer or a reason.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from annotation.actions.events.record import record
from annotation.errors import BadInput, Conflict
from annotation.models import Campaign, Image, ModelVersion, Prefill, PrefillBatch, PrefillItem, PrefillRun
from annotation.phrases import phrase as _
from mlworker import contract, registry
from mlworker.queue.broker import LONGEST_PATIENCE

from .prefill_answers import fail, take_answers
from .references import reference

# How many images ahead in each person's order are urgent.
LOOK_AHEAD = 10
LEAST_WORK = 0.25  # Seconds of work that a batch should hold.
WORKER_LOST = "the worker broke off while it worked on this image; its log says why"


@transaction.atomic
def start_run(campaign: Campaign, model: str, *, by: AbstractBaseUser | None) -> PrefillRun:
    """Start a run over the campaign's images that lack this model version's answer, and return it.

    Where this model version is being asked already, its run takes up the images that came since and goes on. Raise
    BadInput naming the models there are.
    """
    if model not in registry.names():
        raise BadInput(
            _("model %(model)r is unknown; accepted: %(accepted)s", model=model, accepted=", ".join(registry.names()))
        )
    try:
        number = registry.version_of(model)
    except contract.PredictorError as error:
        raise BadInput(_("model %(model)r cannot be asked: %(reason)s", model=model, reason=str(error))) from error
    Campaign.objects.select_for_update().get(pk=campaign.pk)
    version, _created = ModelVersion.objects.get_or_create(name=model, version=number)
    run = campaign.prefill_runs.running().filter(model_version=version).first()
    new = run is None
    if run is None:
        run = PrefillRun.objects.create(campaign=campaign, model_version=version, requested_by_id=by.pk if by else None)
    lacking = campaign.images.exclude(prefills__model_version=version).exclude(prefill_items__run=run)
    items = (PrefillItem(run=run, image_id=pk) for pk in lacking.values_list("pk", flat=True))
    added = PrefillItem.objects.bulk_create(items, batch_size=2000)
    if new or added:
        details = {"model": str(version), "images": len(added)}
        record(campaign, "prefill.started" if new else "prefill.extended", run, by=by, content=details, details=details)
    put_urgent_first(run)
    _finish_if_done(run)
    return run


@transaction.atomic
def resume_run(run: PrefillRun, *, by: AbstractBaseUser | None) -> PrefillRun:
    """Take up a run that was given up, and the images that were set aside; a running run merely goes on.

    Raise Conflict when there is nothing left to ask, or another run asks the same model version.
    """
    run = _locked(run)
    failed = run.items.failed()
    if run.state == PrefillRun.State.RUNNING:
        return run
    if not (run.items.waiting().exists() or failed.exists()):
        raise Conflict(
            _("run %(run)s has an answer for each of its images; start another one for new images", run=run.pk)
        )
    if not _installed(run.model_version):
        raise Conflict(
            _(
                "run %(run)s asked %(model)s, which is no longer installed; start another one",
                run=run.pk,
                model=run.model_version,
            )
        )
    same = run.campaign.prefill_runs.running().filter(model_version=run.model_version)
    if other := same.first():
        raise Conflict(
            _("run %(run)s asks %(model)s already; wait for it or cancel it", run=other.pk, model=run.model_version)
        )
    again = failed.update(state=PrefillItem.State.WAITING, tries=0, not_before=None, error="", batch=None)
    run.state, run.finished_at = PrefillRun.State.RUNNING, None
    run.save(update_fields=["state", "finished_at"])
    details = {"images": run.items.waiting().count(), "failed_before": again}
    record(run.campaign, "prefill.resumed", run, by=by, content=details, details=details)
    return run


@transaction.atomic
def cancel_run(run: PrefillRun, *, by: AbstractBaseUser | None) -> None:
    """Give a run up; what is stored stays, a batch under way is still stored, and the rest can be resumed."""
    run = _locked(run)
    if run.state != PrefillRun.State.RUNNING:
        return
    now = timezone.now()
    run.items.waiting().update(batch=None)
    run.batches.open().update(closed_at=now)
    run.state, run.finished_at = PrefillRun.State.CANCELLED, now
    run.save(update_fields=["state", "finished_at"])
    record(run.campaign, "prefill.cancelled", run, by=by, content=run.counts())


@transaction.atomic
def put_urgent_first(run: PrefillRun) -> None:
    """Let the images that come next in somebody's order be handed out before the others."""
    heads: set[int] = set()
    for participation in run.campaign.participations.filter(active=True):
        heads.update(participation.queue.with_places().values_list("entry__image", flat=True)[:LOOK_AHEAD])
    run.items.waiting().filter(urgent=False, image__in=heads).update(urgent=True)


@transaction.atomic
def hand_out(run: PrefillRun) -> list[PrefillBatch]:
    """Put the next images of a run into batches, as far as there is room, and return these; the caller sends them."""
    run = _locked(run)
    if run.state != PrefillRun.State.RUNNING:
        return []
    now = timezone.now()
    room = settings.PREFILL_BATCHES_AHEAD - run.batches.open().count()
    size = _batch_size(run, now) if room > 0 else 0
    batches: list[PrefillBatch] = []
    while len(batches) < room and (chosen := run.items.next_batch(size, now)):
        if unanswered := _without_answered(run, chosen):
            batch = PrefillBatch.objects.create(run=run, sent_at=now, expires_at=now + _patience(1))
            run.items.filter(pk__in=[item.pk for item in unanswered]).update(batch=batch)
            batches.append(batch)
    if not batches:
        _finish_if_done(run)
    return batches


@transaction.atomic
def begin(batch: PrefillBatch, *, worker: str) -> None:
    """Note that a worker has begun a batch; from now on it has the time of the longest batch."""
    PrefillBatch.objects.open().filter(pk=batch.pk).update(began_at=timezone.now(), worker=worker[:200])


@transaction.atomic
def take_back(run: PrefillRun) -> list[PrefillBatch]:
    """Close the batches whose worker is gone, and return those no worker has begun, for the caller to send again."""
    run = _locked(run)
    now = timezone.now()
    for overdue in run.batches.overdue(now):
        _lose(overdue, run)
    unheard = list(run.batches.unheard(now))
    for batch in unheard:
        batch.times_sent += 1
        batch.sent_at, batch.expires_at = now, now + _patience(batch.times_sent)
        batch.save(update_fields=["times_sent", "sent_at", "expires_at"])
    _finish_if_done(run)
    return unheard


@transaction.atomic
def lose(batch: PrefillBatch) -> None:
    """Take a batch back whose worker broke off; its images are tried again, one at a time, a few times."""
    run = _locked(batch.run)
    batch.refresh_from_db()
    if batch.closed_at is None:
        _lose(batch, run)
    _finish_if_done(run)


@transaction.atomic
def store(batch: PrefillBatch, answers: Sequence[contract.Prefill]) -> None:
    """Store a worker's answers, setting failed images aside; a failure that may pass is tried again later.

    Storing again changes nothing, and an answer that comes after its batch was given up is kept.
    """
    run = _locked(batch.run)
    batch.refresh_from_db()
    take_answers(answers, run)
    if batch.closed_at is None:
        _lose(batch, run)  # Nothing is left in it, unless the worker answered less than it was asked.
    _finish_if_done(run)


def requests_for(batch: PrefillBatch) -> list[contract.PrefillRequest]:
    """Return what the worker is asked: one request an image that waits for this batch."""
    items = batch.items.waiting().select_related("image")
    return [request_for(item.image, batch.run) for item in items]


def request_for(image: Image, run: PrefillRun) -> contract.PrefillRequest:
    """Return what the worker is asked about one image: the copy without metadata, and the rubric's attributes."""
    attributes = tuple(
        contract.AttributeQuestion(attribute.key, attribute.name["en"]) for attribute in run.campaign.rubric.attributes
    )
    return contract.PrefillRequest(reference(image), image.stripped_sha256, run.model_version.name, attributes)


def _locked(run: PrefillRun) -> PrefillRun:
    rows = PrefillRun.objects.select_for_update(of=("self",))
    return rows.select_related("campaign__rubric_version", "model_version").get(pk=run.pk)


def _installed(version: ModelVersion) -> bool:
    try:
        return registry.version_of(version.name) == version.version
    except contract.PredictorError:
        return False


def _batch_size(run: PrefillRun, now: datetime) -> int:
    """Return how many images to put into a batch.

    Towards the end fewer, so that no worker sits idle while another has a whole batch left; but no fewer than keep one
    busy for a while, as handing out takes time too.
    """
    ahead, most = settings.PREFILL_BATCHES_AHEAD, settings.PREFILL_BATCH_SIZE
    free = run.items.free(now)[: ahead * most].count()
    if free == ahead * most:
        return most
    seconds = run.spent()["seconds_an_image"]
    worth_it = int(LEAST_WORK / seconds) if seconds else 1
    return max(1, min(most, max(worth_it, math.ceil(free / ahead))))


def _patience(times_sent: int) -> timedelta:
    """Return how long a message may wait for a worker: longer each time, lest they pile up while none runs."""
    return timedelta(seconds=min(settings.PREFILL_RESEND_AFTER * times_sent, LONGEST_PATIENCE))


def _without_answered(run: PrefillRun, items: Iterable[PrefillItem]) -> list[PrefillItem]:
    """Return the items that still lack an answer; those answered meanwhile, in another campaign, are done."""
    items = list(items)
    answered = set(
        Prefill.objects.filter(
            model_version=run.model_version_id, image__in=[item.image_id for item in items]
        ).values_list("image", flat=True)
    )
    done = [item.pk for item in items if item.image_id in answered]
    if done:
        run.items.filter(pk__in=done).update(state=PrefillItem.State.DONE)
    return [item for item in items if item.image_id not in answered]


def _lose(batch: PrefillBatch, run: PrefillRun) -> None:
    """Close a batch; the images in it that have no answer are tried again, one at a time, a few times."""
    for item in batch.items.waiting().select_related("image"):
        item.error = WORKER_LOST
        fail(item, run, may_pass=True)
        item.not_before = None
        item.save()
    batch.closed_at = timezone.now()
    batch.save(update_fields=["closed_at"])


def _finish_if_done(run: PrefillRun) -> None:
    if run.state != PrefillRun.State.RUNNING or run.items.waiting().exists():
        return
    counts = run.counts()
    run.state = PrefillRun.State.DONE
    run.finished_at = timezone.now()
    run.save(update_fields=["state", "finished_at"])
    record(run.campaign, "prefill.finished", run, by=None, content=counts, details=counts)
