"""Keep reports of agreement, each at a permanent address, with all that is needed to recompute it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .append_only import AppendOnly, AppendOnlyQuerySet
from .campaigns import Campaign


class Report(AppendOnly):
    """Hold one computed report: the query, the engine's version, the seed, the hash of the input, the figures."""

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="reports")
    query: Any = models.JSONField(_("query"))
    engine_version = models.CharField(_("engine version"), max_length=100)
    seed = models.PositiveBigIntegerField(_("seed"))
    input_hash = models.CharField(_("SHA-256 of the input"), max_length=64)
    figures: Any = models.JSONField(_("figures"))
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = AppendOnlyQuerySet["Report"].as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("report")

    def __str__(self) -> str:
        return f"report {self.pk} on {self.campaign}"
