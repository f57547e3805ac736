"""Versions of models, predictors and embedders alike; what one says is kept apart from what another says."""

from __future__ import annotations

import re

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class ModelVersion(models.Model):
    """One version of one model."""

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
        # A file's SHA-256 is too long to read; twelve digits tell two apart.
        number = self.version[:12] if re.fullmatch("[0-9a-f]{64}", self.version) else self.version
        return f"{self.name} {number}"
