"""Prefills, one per image and model version, apart from all annotations."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from annotation.dataset.contents.records import PrefillRecord
from annotation.rubric.schema import Rubric

from .append_only import AppendOnly, AppendOnlyQuerySet
from .images import Image
from .model_versions import ModelVersion


class PrefillQuerySet(AppendOnlyQuerySet["Prefill"]):
    def uncertainty(self) -> dict[str, Any]:
        """Return `n` prefills with a distribution, and mean, least and greatest spread (points) and entropy (bits)."""
        figures = {
            f"{name}_{aggregate.__name__.lower()}": aggregate(name)
            for name in ("spread", "entropy")
            for aggregate in (models.Avg, models.Min, models.Max)
        }
        return self.filter(spread__isnull=False).aggregate(n=models.Count("pk"), **figures)


class Prefill(AppendOnly):
    """What one model version says of one image.

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
        """Return each attribute's prefilled score in steps, rounded to the rubric's scale; null where none.

        The overall score, divided by ten, stands as the prefill for the overall judgement.
        """
        # By the rubric's keys: a model may judge fewer attributes, or others, than are asked.
        points = {key: self.attributes.get(key, {}).get("score") for key in rubric.by_key}
        if self.score is not None:
            points[rubric.overall.key] = self.score
        # A model's 0 to 100 is spread over the whole scale, of whatever length the rubric makes it.
        reach = rubric.scale.maximum - rubric.scale.minimum
        return {
            key: None if score is None else rubric.scale.nearest(rubric.scale.minimum + score * reach / 100)
            for key, score in points.items()
        }

    @property
    def scores_attributes(self) -> bool:
        """Tell whether the model gives scores of single attributes."""
        return any(prefill.get("score") is not None for prefill in self.attributes.values())

    def record(self) -> PrefillRecord:
        """Return what a release says of it."""
        return PrefillRecord(
            model=str(self.model_version),
            score=self.score,
            scores={key: values.get("score") for key, values in self.attributes.items()},
            critiques=self.prefilled_critiques(),
        )

    def prefilled_critiques(self) -> dict[str, str]:
        """Return the prefilled critique of each attribute that has one."""
        return {key: prefill["critique"] for key, prefill in self.attributes.items() if prefill.get("critique")}
