"""What a release of ours says beside its answers: consensuses and prefills from elsewhere.

Neither is a consensus of this campaign nor a prefill of it: no adjudicator, annotator or run ever meets them.
"""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .append_only import AppendOnly, AppendOnlyQuerySet
from .campaigns import Campaign
from .cases import Case, Consensus
from .images import Image


class Imported(AppendOnly):
    """What was imported on an image of a campaign, and from which campaign; the newest stands."""

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT)
    image = models.ForeignKey(Image, on_delete=models.PROTECT)
    imported_from = models.CharField(_("where it was imported from"), max_length=200)
    content_hash = models.CharField(_("SHA-256 of the content"), max_length=64)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        abstract = True
        ordering = ["pk"]


class ImportedConsensus(Imported):
    """What was adjudicated elsewhere: `scores` maps attributes to points, as the release states them."""

    rule = models.CharField(_("rule"), max_length=10, choices=Case.Rule)
    cause = models.CharField(_("cause"), max_length=10, choices=Consensus.Cause)
    reason = models.TextField(_("reason"))
    subcategory = models.CharField(_("subcategory"), max_length=50, blank=True)
    scores: Any = models.JSONField(_("scores in points"), default=dict)

    objects = AppendOnlyQuerySet["ImportedConsensus"].as_manager()

    class Meta(Imported.Meta):
        verbose_name = _("imported consensus")
        verbose_name_plural = _("imported consensuses")

    def __str__(self) -> str:
        return f"{self.image}: {self.cause} ({self.imported_from})"


class ImportedPrefill(Imported):
    """A model's prefill, shown to raters elsewhere: `score` and `scores` by attribute, 0 to 100, and critiques."""

    model = models.CharField(_("model"), max_length=300)
    score = models.FloatField(_("overall score, 0 to 100"), null=True)
    scores: Any = models.JSONField(_("scores per attribute, 0 to 100"), default=dict)
    critiques: Any = models.JSONField(_("critiques per attribute"), default=dict)

    objects = AppendOnlyQuerySet["ImportedPrefill"].as_manager()

    class Meta(Imported.Meta):
        verbose_name = _("imported prefill")

    def __str__(self) -> str:
        return f"{self.model} on {self.image} ({self.imported_from})"
