"""Keep models' answers, one per image and model version, apart from all annotations; and the runs that ask for them."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from annotation.rubric.schema import Rubric

from .append_only import AppendOnly, AppendOnlyQuerySet
from .campaigns import Campaign
from .images import Image


class ModelVersion(models.Model):
    """Name one version of one model."""

    name = models.CharField(_("model"), max_length=200)
    version = models.CharField(_("version"), max_length=100)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["name", "version"]
        verbose_name = _("model version")
        constraints = [
            models.UniqueConstraint(fields=["name", "version"], name="a_model_version_once"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


class PrefillQuerySet(AppendOnlyQuerySet["Prefill"]):
    """Ask about many models' answers."""

    def of_run(self, run: PrefillRun) -> PrefillQuerySet:
        """Keep the answers of a run's model version to the run's images."""
        return self.filter(model_version=run.model_version_id, image__prefill_items__run=run)

    def uncertainty(self) -> dict[str, Any]:
        """Return `n` answers with a distribution, and mean, least and greatest spread (points) and entropy (bits)."""
        figures = {
            f"{name}_{aggregate.__name__.lower()}": aggregate(name)
            for name in ("spread", "entropy")
            for aggregate in (models.Avg, models.Min, models.Max)
        }
        return self.filter(spread__isnull=False).aggregate(n=models.Count("pk"), **figures)


class Prefill(AppendOnly):
    """Hold one model version's answer for one image.

    `score` is the model's overall score, 0 to 100; `attributes` maps attribute keys to `critique` and `score`
    (0 to 100, null where the model gives none); `distribution` holds 101 probabilities, rounded to six decimals, or
    null. `spread` is its standard deviation in points, `entropy` is in bits: how unsure the model itself is.
    """

    image = models.ForeignKey(Image, on_delete=models.PROTECT, related_name="prefills")
    model_version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="prefills")
    score = models.FloatField(_("overall score, 0 to 100"), null=True)
    distribution = models.JSONField(_("score distribution"), null=True)
    spread = models.FloatField(_("spread of the distribution, in points"), null=True)
    entropy = models.FloatField(_("entropy of the distribution, in bits"), null=True)
    attributes: Any = models.JSONField(_("prefills per attribute"), default=dict)
    seconds = models.FloatField(_("compute time in seconds"))
    cost = models.FloatField(_("cost in US dollars"), default=0.0)
    provenance: Any = models.JSONField(_("provenance"), default=dict)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = PrefillQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("prefill")
        constraints = [
            models.UniqueConstraint(fields=["image", "model_version"], name="one_prefill_per_model_version"),
        ]

    def __str__(self) -> str:
        return f"{self.model_version} on {self.image}"

    def prefilled_steps(self, rubric: Rubric) -> dict[str, int | None]:
        """Return the proposed score of each attribute in steps, rounded to the rubric's scale; null where none.

        The overall score, divided by ten, stands as the prefill for the overall judgement.
        """
        points = {key: self.attributes.get(key, {}).get("score") for key in rubric.by_key}
        if self.score is not None:
            points[rubric.overall.key] = self.score
        reach = rubric.scale.maximum - rubric.scale.minimum
        return {
            key: None if score is None else rubric.scale.nearest(rubric.scale.minimum + score * reach / 100)
            for key, score in points.items()
        }

    @property
    def scores_attributes(self) -> bool:
        """Tell whether the model gives scores of single attributes."""
        return any(prefill.get("score") is not None for prefill in self.attributes.values())

    def prefilled_critiques(self) -> dict[str, str]:
        """Return the proposed critique of each attribute that has one."""
        return {key: prefill["critique"] for key, prefill in self.attributes.items() if prefill.get("critique")}


class PrefillRunQuerySet(models.QuerySet["PrefillRun"]):
    """Ask about many runs."""

    def running(self) -> PrefillRunQuerySet:
        """Keep those that are neither done nor given up."""
        return self.filter(state=PrefillRun.State.RUNNING)


class PrefillRun(models.Model):
    """Ask one model version for all images of a campaign that lack its answer."""

    class State(models.TextChoices):
        """List the stations of a run."""

        RUNNING = "running", _("running")
        DONE = "done", _("done")
        CANCELLED = "cancelled", _("cancelled")

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="prefill_runs")
    model_version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="runs")
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.RUNNING)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT)
    started_at = models.DateTimeField(default=timezone.now, editable=False)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = PrefillRunQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("prefill run")

    def __str__(self) -> str:
        return f"{self.model_version} for {self.campaign}"

    @property
    def shadow(self) -> bool:
        """Tell whether annotators see another model's answers, so that this run's are only compared."""
        return self.model_version_id != self.campaign.shown_model_id

    def counts(self) -> dict[str, int]:
        """Return how many images of the run are in each state, and `total`."""
        states = self.items.values_list("state").annotate(n=models.Count("pk")).order_by()
        counts = dict.fromkeys(PrefillItem.State.values, 0) | dict(states)
        return counts | {"total": sum(counts.values())}

    def spent(self) -> dict[str, float]:
        """Return the `seconds` of compute time and the `cost` in US dollars so far, failed attempts included.

        `seconds_an_image` and `cost_an_image` are means over the images that are done or set aside.
        """
        adjudicated = ~models.Q(state=PrefillItem.State.WAITING)
        figures = self.items.aggregate(  # The means first: after the sums their names would mean these.
            seconds_an_image=models.Avg("seconds", filter=adjudicated),
            cost_an_image=models.Avg("cost", filter=adjudicated),
            seconds=models.Sum("seconds"),
            cost=models.Sum("cost"),
        )
        return {name: round(value or 0.0, 6) for name, value in figures.items()}


class PrefillBatchQuerySet(models.QuerySet["PrefillBatch"]):
    """Ask about many batches."""

    def open(self) -> PrefillBatchQuerySet:
        """Keep those still handed out."""
        return self.filter(closed_at=None)

    def overdue(self, now: datetime) -> PrefillBatchQuerySet:
        """Keep the open ones that a worker began longer ago than a batch may take: the worker is gone."""
        return self.open().filter(began_at__lt=now - timedelta(seconds=settings.PREFILL_LONGEST_BATCH))

    def unheard(self, now: datetime) -> PrefillBatchQuerySet:
        """Keep the open ones that no worker has begun and whose message has expired."""
        return self.open().filter(began_at=None, expires_at__lt=now)


class PrefillBatch(models.Model):
    """Hand out a few images of a run together: sent through the queue, begun by a worker, closed when answered.

    The queue may forget or repeat a message; what is to be done stands here.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    run = models.ForeignKey(PrefillRun, on_delete=models.CASCADE, related_name="batches")
    worker = models.CharField(_("worker"), max_length=200, blank=True)
    times_sent = models.PositiveIntegerField(_("times sent"), default=1)
    sent_at = models.DateTimeField(_("sent"), default=timezone.now)
    expires_at = models.DateTimeField(_("message expires"))
    began_at = models.DateTimeField(_("begun"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)

    objects = PrefillBatchQuerySet.as_manager()

    class Meta:
        ordering = ["sent_at", "pk"]
        verbose_name = _("batch of a prefill run")
        indexes = [models.Index(fields=["run"], condition=models.Q(closed_at=None), name="open_batches")]

    def __str__(self) -> str:
        return f"{self.run}: {self.pk}"


class PrefillItemQuerySet(models.QuerySet["PrefillItem"]):
    """Ask about many images of runs."""

    def waiting(self) -> PrefillItemQuerySet:
        """Keep the images without an answer or a final refusal."""
        return self.filter(state=PrefillItem.State.WAITING)

    def failed(self) -> PrefillItemQuerySet:
        """Keep the images that were set aside."""
        return self.filter(state=PrefillItem.State.FAILED)

    def free(self, now: datetime) -> PrefillItemQuerySet:
        """Keep the waiting images that can be handed out now."""
        due = models.Q(not_before=None) | models.Q(not_before__lte=now)
        return self.waiting().filter(due, batch=None)

    def next_batch(self, size: int, now: datetime) -> list[PrefillItem]:
        """Return the waiting images to hand out next, the urgent first; one that was tried before goes alone."""
        chosen = list(self.free(now).order_by("-urgent", "pk").select_related("image")[:size])
        if chosen and chosen[0].tries:
            return chosen[:1]
        return [item for item in chosen if not item.tries]


class PrefillItem(models.Model):
    """Follow one image through a prefill run; a failed one is set aside with its error.

    `tries` counts what went wrong so far; `seconds` and `cost` (US dollars) include failed attempts.
    """

    class State(models.TextChoices):
        """List the stations of an image in a run."""

        WAITING = "waiting", _("waiting")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")

    run = models.ForeignKey(PrefillRun, on_delete=models.CASCADE, related_name="items")
    image = models.ForeignKey(Image, on_delete=models.PROTECT, related_name="prefill_items")
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    urgent = models.BooleanField(_("next in somebody's order"), default=False)
    batch = models.ForeignKey(
        PrefillBatch, null=True, blank=True, on_delete=models.SET_NULL, related_name="items", verbose_name=_("batch")
    )
    tries = models.PositiveSmallIntegerField(_("tries that failed"), default=0)
    not_before = models.DateTimeField(_("try again at"), null=True, blank=True)
    error = models.TextField(_("error"), blank=True)
    seconds = models.FloatField(_("compute time in seconds"), default=0.0)
    cost = models.FloatField(_("cost in US dollars"), default=0.0)

    objects = PrefillItemQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("image of a prefill run")
        constraints = [
            models.UniqueConstraint(fields=["run", "image"], name="an_image_once_per_run"),
        ]
        indexes = [
            models.Index(
                fields=["run", "-urgent", "id"],
                condition=models.Q(state="waiting", batch=None),
                name="images_to_hand_out",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.image}: {self.state}"
