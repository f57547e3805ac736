"""Figures that take long to work out, as they were at a moment."""

from __future__ import annotations

from typing import Any

from django.db import models

from .campaigns import Campaign


class Figures(models.Model):
    """Figures of one kind on a campaign, none before they were worked out first.

    `mark` is a number, such as that of all events, which is another one once they are behind.
    Not written once: nothing rests on them, and they can be worked out again.
    """

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="figures")
    kind = models.CharField(max_length=50)
    content: Any = models.JSONField(null=True)
    mark = models.PositiveBigIntegerField(default=0)
    asked_at = models.DateTimeField(null=True)
    worked_out_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "kind"], name="figures_of_a_kind_once"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.campaign}"
