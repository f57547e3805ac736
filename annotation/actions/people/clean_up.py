"""Clear what is kept no longer than it is needed: workers do it once a day."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from annotation.actions.events.record import record_event
from annotation.actions.images.remove_files import remove_unfinished
from annotation.models import Campaign, Image, Membership, ViewingCheck


@dataclass
class CleaningReport:
    """How much was cleared, and the images (SHA-256) whose files could be removed now, or still could not."""

    sessions: int = 0
    drafts: int = 0
    viewing_checks: int = 0
    removed: list[str] = field(default_factory=list)
    unremoved: list[str] = field(default_factory=list)


def clean_up(*, now: datetime | None = None) -> CleaningReport:
    """Clear sessions that have ended, and drafts and viewing checks `RETENTION_DAYS` after their campaigns closed.

    Files of withdrawn images that are still in storage go too. A second run finds nothing left to do.
    """
    now = now or timezone.now()
    limit = now - timedelta(days=settings.RETENTION_DAYS)
    report = CleaningReport()
    report.sessions = Session.objects.filter(expire_date__lt=now).delete()[0]
    for campaign in Campaign.objects.filter(closed_at__lt=limit).order_by("pk"):
        report.drafts += _clear_drafts(campaign)
    report.viewing_checks = _clear_viewing_checks(limit)
    for image in remove_unfinished():
        (report.unremoved if image.files == Image.Files.SERVED else report.removed).append(image.sha256)
    return report


@transaction.atomic
def _clear_drafts(campaign: Campaign) -> int:
    drafts = campaign.assignments.exclude(draft=None)
    count = drafts.update(draft=None, draft_version=F("draft_version") + 1)
    if count:
        details = {"drafts": count}
        record_event(campaign, "drafts.cleared", campaign, by=None, content=details, details=details)
    return count


def _clear_viewing_checks(limit: datetime) -> int:
    """Delete old checks of people who judge nowhere, or only in campaigns that closed long ago."""
    judging = Membership.objects.annotators().exclude(campaign__closed_at__lt=limit)
    old_checks = ViewingCheck.objects.filter(created_at__lt=limit).exclude(user__in=judging.values("user"))
    return old_checks.delete()[0]
