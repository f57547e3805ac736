"""Keep who was erased: that there was an account, since when it is nobody's, and why."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .append_only import AppendOnly, AppendOnlyQuerySet


class Erasure(AppendOnly):
    """An account stripped of all that tells whose it was; it stays as the tombstone that answers and events name."""

    class Reason(models.TextChoices):
        """Why an account is erased. No free words, which would stay and could name somebody."""

        REQUEST = "request", _("asked for by the person")
        RETENTION = "retention", _("kept no longer than needed")
        MISTAKE = "mistake", _("made by mistake")

    person = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="erasure")
    reason = models.CharField(_("reason"), max_length=10, choices=Reason)
    erased_at = models.DateTimeField(_("erased at"), default=timezone.now, editable=False)
    erased_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    objects = AppendOnlyQuerySet["Erasure"].as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("erasure")

    def __str__(self) -> str:
        return f"{self.person}: {self.reason}"
