"""Runs, one job over many images each: what is to be done, in which batches, and how far it is."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .campaigns import Campaign
from .images import Image
from .model_versions import ModelVersion
from .prefills import Prefill, PrefillQuerySet


class RunQuerySet(models.QuerySet["Run"]):
    def running(self) -> RunQuerySet:
        """Keep those that are neither done nor cancelled."""
        return self.filter(state=Run.State.RUNNING)


class Run(models.Model):
    """One model version asked about all images of a campaign that lack its result."""

    class Kind(models.TextChoices):
        """What a run makes; what each kind asks and stores stands in `annotation.actions.jobs.kinds`."""

        PREFILL = "prefill", _("prefills")
        EMBED = "embed", _("embeddings")

    class State(models.TextChoices):
        """The stations of a run."""

        RUNNING = "running", _("running")
        DONE = "done", _("done")
        CANCELLED = "cancelled", _("cancelled")

    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="runs", verbose_name=_("campaign"))
    model_version = models.ForeignKey(
        ModelVersion, on_delete=models.PROTECT, related_name="runs", verbose_name=_("model version")
    )
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.RUNNING)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, verbose_name=_("asked for by")
    )
    started_at = models.DateTimeField(_("started at"), default=timezone.now, editable=False)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)

    objects = RunQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("run")
        verbose_name_plural = _("runs")

    def __str__(self) -> str:
        return f"{self.model_version} for {self.campaign}"

    @property
    def shadow(self) -> bool:
        """Tell whether this run's prefills are only compared, as annotators see another model's."""
        # Nobody is shown an embedding, so a run that makes them has nothing to be a shadow of.
        return self.kind == self.Kind.PREFILL and self.model_version_id != self.campaign.shown_model_id

    def prefills(self) -> PrefillQuerySet:
        """Return the prefills that the run's model version has made of the run's images."""
        return Prefill.objects.filter(model_version=self.model_version_id, image__run_items__run=self)

    def counts(self) -> dict[str, int]:
        """Return how many images of the run are in each state, and `total`."""
        counts = self.tallies.totals(*RunItem.State.values)
        return counts | {"total": sum(counts.values())}

    def spent(self) -> dict[str, float]:
        """Return the `seconds` of compute time and the `cost` in US dollars so far, failed tries included.

        `seconds_an_image` and `cost_an_image` are means over the images that are done or set aside.
        """
        sums = self.tallies.totals("done", "failed", "seconds", "cost", "seconds_finished", "cost_finished")
        finished = sums["done"] + sums["failed"] or 1
        figures = {
            "seconds_an_image": sums["seconds_finished"] / finished,
            "cost_an_image": sums["cost_finished"] / finished,
            "seconds": sums["seconds"],
            "cost": sums["cost"],
        }
        return {name: round(value, 6) for name, value in figures.items()}


class BatchQuerySet(models.QuerySet["Batch"]):
    def open(self) -> BatchQuerySet:
        """Keep those still handed out."""
        return self.filter(closed_at=None)

    def overdue(self, now: datetime) -> BatchQuerySet:
        """Keep the open ones that a worker began longer ago than a batch may take: the worker is gone."""
        return self.open().filter(began_at__lt=now - timedelta(seconds=settings.PREFILL_LONGEST_BATCH))

    def unheard(self, now: datetime) -> BatchQuerySet:
        """Keep the open ones that no worker has begun and whose message has expired."""
        return self.open().filter(began_at=None, expires_at__lt=now)


class Batch(models.Model):
    """A few images of a run together: sent through the queue, begun by a worker, closed when its results are stored.

    The queue may forget or repeat a message; what is to be done stands here.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="batches")
    worker = models.CharField(_("worker"), max_length=200, blank=True)
    times_sent = models.PositiveIntegerField(_("times sent"), default=1)
    sent_at = models.DateTimeField(_("sent"), default=timezone.now)
    expires_at = models.DateTimeField(_("message expires"))
    began_at = models.DateTimeField(_("begun"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)

    objects = BatchQuerySet.as_manager()

    class Meta:
        ordering = ["sent_at", "pk"]
        verbose_name = _("batch of a run")
        indexes = [models.Index(fields=["run"], condition=models.Q(closed_at=None), name="open_batches")]

    def __str__(self) -> str:
        return f"{self.run}: {self.pk}"


class RunItemQuerySet(models.QuerySet["RunItem"]):
    def waiting(self) -> RunItemQuerySet:
        """Keep the images that have neither a result nor a final failure."""
        return self.filter(state=RunItem.State.WAITING)

    def failed(self) -> RunItemQuerySet:
        """Keep the images that were set aside."""
        return self.filter(state=RunItem.State.FAILED)

    def free(self, now: datetime) -> RunItemQuerySet:
        """Keep the waiting images that can be handed out now."""
        is_due = models.Q(not_before=None) | models.Q(not_before__lte=now)
        return self.waiting().filter(is_due, batch=None)

    def next_batch(self, size: int, now: datetime) -> list[RunItem]:
        """Return the waiting images to hand out next, the urgent first; one that was tried before goes alone."""
        items = list(self.free(now).order_by("-urgent", "pk").select_related("image")[:size])
        # It may be what broke the worker; with others in its batch, they would fail along with it.
        if items and items[0].tries:
            return items[:1]
        return [item for item in items if not item.tries]


class RunItem(models.Model):
    """One image's way through a run; a failed one is set aside with its error.

    `tries` counts what went wrong so far; `seconds` and `cost` (US dollars) include failed tries.
    """

    class State(models.TextChoices):
        """The stations of an image in a run."""

        WAITING = "waiting", _("waiting")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="items")
    image = models.ForeignKey(Image, on_delete=models.PROTECT, related_name="run_items")
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    urgent = models.BooleanField(_("next in somebody's order"), default=False)
    # Null when its batch is gone: the image then waits for another one, and is never lost with it.
    batch = models.ForeignKey(
        Batch, null=True, blank=True, on_delete=models.SET_NULL, related_name="items", verbose_name=_("batch")
    )
    tries = models.PositiveSmallIntegerField(_("tries that failed"), default=0)
    not_before = models.DateTimeField(_("try again at"), null=True, blank=True)
    error = models.TextField(_("error"), blank=True)
    seconds = models.FloatField(_("compute time in seconds"), default=0.0)
    cost = models.FloatField(_("cost in US dollars"), default=0.0)

    objects = RunItemQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("image of a run")
        constraints = [
            models.UniqueConstraint(fields=["run", "image"], name="an_image_once_per_run"),
        ]
        indexes = [
            models.Index(
                fields=["run", "-urgent", "id"],
                # Partial, so that the look-up stays quick however many images are done.
                condition=models.Q(state="waiting", batch=None),
                name="images_to_hand_out",
            ),
            models.Index(fields=["run", "state"], condition=~models.Q(error=""), name="images_with_an_error"),
        ]

    def __str__(self) -> str:
        return f"{self.image}: {self.state}"
