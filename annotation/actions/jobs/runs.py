"""The life of a run, whatever it makes: started, cancelled, resumed, finished.

What is to be done stands in the database: batches are handed out by `batches.py` and sent by `annotation.tasks.runs`,
and whatever happens to a message or a worker, each image ends with a result or a reason.
"""

from __future__ import annotations

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from annotation import policy
from annotation.actions.events.record import record_event
from annotation.errors import BadInput, Conflict
from annotation.models import Campaign, ModelVersion, Run, RunItem
from annotation.phrases import phrase as _
from mlworker import contract, registry

from .kinds import kind_named, kind_of


@transaction.atomic
def start_run(campaign: Campaign, kind: str, model: str, *, by: AbstractBaseUser | None) -> Run:
    """Start a run over the campaign's images that lack this model version's result, and return it.

    Where this model version is being asked already, its run takes up the images that came since and goes on. Raise
    BadInput naming the models there are.
    """
    policy.require(policy.may_organise, by, campaign)
    number = _version_to_ask(model, kind_named(kind).models)
    # Two people who ask at once get one run: the second finds the first one's.
    Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)
    version, _created = ModelVersion.objects.get_or_create(name=model, version=number)
    # Locked, so that it cannot finish while images are added to it.
    run = campaign.runs.running().select_for_update(no_key=True).filter(kind=kind, model_version=version).first()
    is_new = run is None
    if run is None:
        run = Run.objects.create(
            campaign=campaign, kind=kind, model_version=version, requested_by_id=by.pk if by else None
        )
    missing_images = kind_of(run).lacking(campaign.images.all(), version).exclude(run_items__run=run)
    items = (RunItem(run=run, image_id=pk) for pk in missing_images.values_list("pk", flat=True))
    added = RunItem.objects.bulk_create(items, batch_size=2000)
    # Asked again with nothing to add, nothing has happened.
    if is_new or added:
        details = {"model": str(version), "images": len(added)}
        record_event(
            campaign, f"{kind}.{'started' if is_new else 'extended'}", run, by=by, content=details, details=details
        )
    put_urgent_first(run)
    # A run over no images gets no result that would end it.
    finish_run_if_done(run)
    return run


@transaction.atomic
def resume_run(run: Run, *, by: AbstractBaseUser | None) -> Run:
    """Take up a cancelled run, and the images that were set aside; a running run merely goes on.

    Raise Conflict when there is nothing left to ask, or another run asks the same model version.
    """
    policy.require(policy.may_organise, by, run.campaign)
    run = lock_run(run)
    failed_items = run.items.failed().filter(image__withdrawals=None)
    if run.state == Run.State.RUNNING:
        return run
    if not (run.items.waiting().exists() or failed_items.exists()):
        raise Conflict(
            _("run %(run)s has a result for each of its images; start another one for new images", run=run.pk)
        )
    # Another version's answers would be refused one by one, each after its work was done.
    if not _is_installed(run):
        raise Conflict(
            _(
                "run %(run)s asked %(model)s, which is no longer installed; start another one",
                run=run.pk,
                model=run.model_version,
            )
        )
    rival_runs = run.campaign.runs.running().filter(kind=run.kind, model_version=run.model_version)
    if other := rival_runs.first():
        raise Conflict(
            _("run %(run)s asks %(model)s already; wait for it or cancel it", run=other.pk, model=run.model_version)
        )
    count = failed_items.update(state=RunItem.State.WAITING, tries=0, not_before=None, error="", batch=None)
    run.state, run.finished_at = Run.State.RUNNING, None
    run.save(update_fields=["state", "finished_at"])
    details = {"images": run.items.waiting().count(), "failed_before": count}
    record_event(run.campaign, f"{run.kind}.resumed", run, by=by, content=details, details=details)
    return run


@transaction.atomic
def cancel_run(run: Run, *, by: AbstractBaseUser | None) -> None:
    """Give a run up; what is stored stays, a batch under way is still stored, and the rest can be resumed."""
    policy.require(policy.may_organise, by, run.campaign)
    run = lock_run(run)
    if run.state != Run.State.RUNNING:
        return
    now = timezone.now()
    # Free again for when the run is resumed; a result that still comes finds its image by hash, not by batch.
    run.items.waiting().update(batch=None)
    run.batches.open().update(closed_at=now)
    run.state, run.finished_at = Run.State.CANCELLED, now
    run.save(update_fields=["state", "finished_at"])
    record_event(run.campaign, f"{run.kind}.cancelled", run, by=by, content=run.counts())


@transaction.atomic
def put_urgent_first(run: Run) -> None:
    """Let the images whose results somebody will soon wait for be handed out before the others."""
    urgent = kind_of(run).urgent_images(run.campaign)
    run.items.waiting().filter(urgent=False, image__in=urgent).update(urgent=True)


def lock_run(run: Run) -> Run:
    """Lock a run's row until the transaction ends; return it anew, its campaign and model version at hand."""
    # The run's row alone: campaign and model version are shared with runs that need not wait.
    rows = Run.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("campaign__rubric_version", "model_version").get(pk=run.pk)


def finish_run_if_done(run: Run) -> None:
    """End a running run that no image waits in; call it inside a transaction that has locked the run."""
    if run.state != Run.State.RUNNING or run.items.waiting().exists():
        return
    counts = run.counts()
    run.state = Run.State.DONE
    run.finished_at = timezone.now()
    run.save(update_fields=["state", "finished_at"])
    record_event(run.campaign, f"{run.kind}.finished", run, by=None, content=counts, details=counts)


def _version_to_ask(model: str, models: str) -> str:
    """Return the model's version; raise BadInput for one that is unknown or not set up."""
    if model not in registry.names(models):
        accepted = ", ".join(registry.names(models))
        raise BadInput(_("model %(model)r is unknown; accepted: %(accepted)s", model=model, accepted=accepted))
    try:
        return registry.version_of(model, models)
    except contract.PredictorError as error:
        raise BadInput(_("model %(model)r cannot be asked: %(reason)s", model=model, reason=str(error))) from error


def _is_installed(run: Run) -> bool:
    try:
        return registry.version_of(run.model_version.name, kind_of(run).models) == run.model_version.version
    except contract.PredictorError:
        return False
