"""The log of every change: append-only, a hash chain per campaign."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .append_only import AppendOnly, AppendOnlyQuerySet
from .campaigns import Campaign


class EventChain(models.Model):
    """The head of one campaign's chain; locking this row orders the events."""

    campaign = models.OneToOneField(Campaign, on_delete=models.PROTECT, related_name="event_chain")
    # Length and head are kept beside the events: a tail that was cut off shows.
    length = models.PositiveBigIntegerField(default=0)
    head = models.CharField(_("hash of the newest event"), max_length=64, blank=True)

    class Meta:
        verbose_name = _("event chain")

    def __str__(self) -> str:
        return f"{self.campaign.slug}: {self.length} events"


class Event(AppendOnly):
    """One change: who did what to which row, with the hash of the content written.

    `hash` covers all other fields and the hash of the event before.
    """

    chain = models.ForeignKey(
        EventChain, on_delete=models.PROTECT, related_name="events", verbose_name=_("event chain")
    )
    number = models.PositiveBigIntegerField(_("number"))
    verb = models.CharField(_("verb"), max_length=50)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, verbose_name=_("who did it")
    )
    subject = models.CharField(_("what was changed"), max_length=100)
    content_hash = models.CharField(_("SHA-256 of the content"), max_length=64)
    details: Any = models.JSONField(_("details"), default=dict)
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)
    previous_hash = models.CharField(_("hash of the event before"), max_length=64, blank=True)
    hash = models.CharField(_("hash"), max_length=64)

    objects = AppendOnlyQuerySet["Event"].as_manager()

    class Meta:
        ordering = ["chain", "number"]
        verbose_name = _("event")
        verbose_name_plural = _("events")
        constraints = [
            models.UniqueConstraint(fields=["chain", "number"], name="events_are_numbered"),
        ]
        indexes = [
            models.Index(fields=["chain"], condition=models.Q(verb="consent.given"), name="events_of_consent"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.verb} {self.subject}"
