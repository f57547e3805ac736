"""Scores that came with an image from elsewhere: something to compare with, never an answer."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .append_only import AppendOnly, AppendOnlyQuerySet
from .campaigns import Campaign
from .images import Image


class ReferenceScore(AppendOnly):
    """One score of one image as a file gave it, on that file's own scale."""

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="reference_scores")
    image = models.ForeignKey(Image, on_delete=models.PROTECT, related_name="reference_scores")
    source = models.CharField(_("where it comes from"), max_length=200)
    score = models.FloatField(_("score as given"))
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = AppendOnlyQuerySet["ReferenceScore"].as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("reference score")
        constraints = [
            models.UniqueConstraint(fields=["campaign", "image", "source"], name="a_reference_score_once_per_source"),
        ]

    def __str__(self) -> str:
        return f"{self.image}: {self.score:g} ({self.source})"
