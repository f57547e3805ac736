"""Keep models' answers, one per image and model version, apart from all annotations."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from annotation.rubric import Rubric

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


class Prefill(AppendOnly):
    """Hold one model version's answer for one image.

    `score` is the model's overall score, 0 to 100; `attributes` maps attribute keys to `critique` and `score`
    (0 to 100, null where the model gives none); `distribution` holds 101 probabilities or null.
    """

    image = models.ForeignKey(Image, on_delete=models.PROTECT, related_name="prefills")
    model_version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="prefills")
    score = models.FloatField(_("overall score, 0 to 100"), null=True)
    distribution = models.JSONField(_("score distribution"), null=True)
    attributes: Any = models.JSONField(_("proposals per attribute"), default=dict)
    seconds = models.FloatField(_("compute time in seconds"))
    cost = models.FloatField(_("cost in US dollars"), default=0.0)
    provenance: Any = models.JSONField(_("provenance"), default=dict)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = AppendOnlyQuerySet["Prefill"].as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("prefill")
        constraints = [
            models.UniqueConstraint(fields=["image", "model_version"], name="one_prefill_per_model_version"),
        ]

    def __str__(self) -> str:
        return f"{self.model_version} on {self.image}"

    def proposed_steps(self, rubric: Rubric) -> dict[str, int | None]:
        """Return the proposed score of each attribute in steps, rounded to the rubric's scale; null where none.

        The overall score, divided by ten, stands as the proposal for the overall judgement.
        """
        points = {key: self.attributes.get(key, {}).get("score") for key in rubric.by_key}
        if self.score is not None:
            points[rubric.overall.key] = self.score
        reach = rubric.scale.maximum - rubric.scale.minimum
        return {
            key: None if score is None else rubric.scale.nearest(rubric.scale.minimum + score * reach / 100)
            for key, score in points.items()
        }

    def proposed_critiques(self) -> dict[str, str]:
        """Return the proposed critique of each attribute that has one."""
        return {key: proposal["critique"] for key, proposal in self.attributes.items() if proposal.get("critique")}


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

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("prefill run")

    def __str__(self) -> str:
        return f"{self.model_version} for {self.campaign}"

    def counts(self) -> dict[str, int]:
        """Return how many images of the run are in each state, and `total`."""
        states = self.items.values_list("state").annotate(n=models.Count("pk")).order_by()
        counts = dict.fromkeys(PrefillItem.State.values, 0) | dict(states)
        return counts | {"total": sum(counts.values())}


class PrefillItem(models.Model):
    """Follow one image through a prefill run; a failed one is set aside with its error."""

    class State(models.TextChoices):
        """List the stations of an image in a run."""

        WAITING = "waiting", _("waiting")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")

    run = models.ForeignKey(PrefillRun, on_delete=models.CASCADE, related_name="items")
    image = models.ForeignKey(Image, on_delete=models.PROTECT, related_name="prefill_items")
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    error = models.TextField(_("error"), blank=True)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("image of a prefill run")
        constraints = [
            models.UniqueConstraint(fields=["run", "image"], name="an_image_once_per_run"),
        ]

    def __str__(self) -> str:
        return f"{self.image}: {self.state}"
