"""Ask a model for its answers and store them: one per image and model version, failures set aside."""

from __future__ import annotations

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from annotation.errors import BadInput
from annotation.models import Campaign, Image, ModelVersion, Prefill, PrefillItem, PrefillRun
from mlworker import contract, registry

from .open_campaign import show_model
from .record import record


@transaction.atomic
def start_run(campaign: Campaign, model: str, *, by: AbstractBaseUser | None) -> PrefillRun:
    """Start a run over the campaign's images that lack this model version's answer, and return it.

    The first model asked becomes the one the campaign shows. Raise BadInput naming the models there are.
    """
    if model not in registry.names():
        raise BadInput(f"model {model!r} is unknown; accepted: {', '.join(registry.names())}")
    version, _ = ModelVersion.objects.get_or_create(name=model, version=registry.version_of(model))
    if campaign.shown_model is None:
        show_model(campaign, version, by=by)
    run = PrefillRun.objects.create(campaign=campaign, model_version=version, requested_by_id=by.pk if by else None)
    lacking = campaign.images.exclude(prefills__model_version=version)
    PrefillItem.objects.bulk_create(PrefillItem(run=run, image=image) for image in lacking)
    details = {"model": str(version), "images": run.items.count()}
    record(campaign, "prefill.started", run, by=by, content=details, details=details)
    _finish_if_done(run)
    return run


def request_for(image: Image, run: PrefillRun) -> contract.PrefillRequest:
    """Return what the worker is asked about one image: the copy without metadata, and the rubric's attributes."""
    attributes = tuple(
        contract.AttributeQuestion(attribute.key, attribute.name["en"]) for attribute in run.campaign.rubric.attributes
    )
    return contract.PrefillRequest(str(image.stripped.name), image.stripped_sha256, run.model_version.name, attributes)


@transaction.atomic
def store(prefill: contract.Prefill, run: PrefillRun) -> None:
    """Store one answer of the worker, or set the image aside with its error. Storing it again changes nothing."""
    run = PrefillRun.objects.select_for_update().select_related("campaign", "model_version").get(pk=run.pk)
    # Two files that differ in their metadata only are one picture to the worker: its answer is for both.
    waiting = run.items.filter(image__stripped_sha256=prefill.sha256, state=PrefillItem.State.WAITING)
    for item in waiting.select_related("image"):
        _settle(item, prefill, run)
    _finish_if_done(run)


def _settle(item: PrefillItem, prefill: contract.Prefill, run: PrefillRun) -> None:
    answered = run.model_version.version
    if not prefill.error and prefill.model_version != answered:
        item.error = f"the worker answered with version {prefill.model_version}, not {answered}; update it"
    else:
        item.error = prefill.error
    item.state = PrefillItem.State.FAILED if item.error else PrefillItem.State.DONE
    item.save(update_fields=["state", "error"])
    if item.state == PrefillItem.State.DONE:
        _keep(prefill, item.image, run)


def _keep(prefill: contract.Prefill, image: Image, run: PrefillRun) -> None:
    answer = prefill.to_json()
    row, created = Prefill.objects.get_or_create(
        image=image,
        model_version=run.model_version,
        defaults={
            name: answer[name] for name in ("score", "distribution", "attributes", "seconds", "cost", "provenance")
        },
    )
    if created:
        content = {name: answer[name] for name in ("sha256", "score", "attributes")}
        record(run.campaign, "prefill.stored", row, by=None, content=content)


@transaction.atomic
def cancel_run(run: PrefillRun, *, by: AbstractBaseUser | None) -> None:
    """Give a run up; what is stored stays, and another run asks for the rest."""
    run = PrefillRun.objects.select_for_update().select_related("campaign").get(pk=run.pk)
    if run.state != PrefillRun.State.RUNNING:
        return
    run.state = PrefillRun.State.CANCELLED
    run.finished_at = timezone.now()
    run.save(update_fields=["state", "finished_at"])
    record(run.campaign, "prefill.cancelled", run, by=by, content=run.counts())


def _finish_if_done(run: PrefillRun) -> None:
    counts = run.counts()
    if counts[PrefillItem.State.WAITING] or run.state != PrefillRun.State.RUNNING:
        return
    run.state = PrefillRun.State.DONE
    run.finished_at = timezone.now()
    run.save(update_fields=["state", "finished_at"])
    record(run.campaign, "prefill.finished", run, by=None, content=counts, details=counts)
