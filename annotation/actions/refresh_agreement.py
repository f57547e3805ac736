"""Compute reports anew as answers arrive: soon, not at each answer, and never two of a campaign at once."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from annotation.models import Annotation, Campaign, Report, Revision

from .agreement_inputs import has_moved_on
from .measure_agreement import measure

QUIET = timedelta(minutes=1)  # A burst of answers makes one report, once it is over;
LONGEST_WAIT = timedelta(hours=1)  # or after so long, where it never ends.
NOTABLE_SHARE = 50  # A report follows sooner than that when one answer in so many is new.
LEASE = timedelta(minutes=20)  # After which whoever computes is taken for lost.


def due(now: datetime) -> list[Campaign]:
    """Return the campaigns whose newest report has fallen behind their answers."""
    free = Campaign.objects.filter(Q(measuring_until=None) | Q(measuring_until__lte=now))
    return [campaign for campaign in free.filter(annotations__isnull=False).distinct() if is_due(campaign, now)]


def is_due(campaign: Campaign, now: datetime) -> bool:
    """Tell whether a report is to be computed: something is new, and a burst is over or goes on for long."""
    newest = campaign.reports.whole().first()
    if newest is not None and "as_of" in newest.query:
        if not has_moved_on(campaign, newest.query["as_of"]):
            return False
        if now - newest.created_at >= LONGEST_WAIT:
            return True
        if not _is_notable(newest):
            return False
    last = Revision.objects.filter(annotation__campaign=campaign).order_by("pk").last()
    return last is not None and now - last.created_at >= QUIET


def refresh(campaign: Campaign, now: datetime | None = None) -> Report | None:
    """Compute a report if one is due and nobody else is at it, and return it."""
    now = now or timezone.now()
    if not is_due(campaign, now):
        return None
    free = Campaign.objects.filter(Q(measuring_until=None) | Q(measuring_until__lte=now), pk=campaign.pk)
    if not free.update(measuring_until=now + LEASE):
        return None
    try:
        return measure(campaign, by=None)
    finally:
        Campaign.objects.filter(pk=campaign.pk).update(measuring_until=None)


def _is_notable(newest: Report) -> bool:
    """Tell whether enough is new, or something was taken back, which is never to wait long."""
    as_of = newest.query["as_of"]
    new = Revision.objects.filter(annotation__campaign=newest.campaign_id, pk__gt=as_of["revision"]).count()
    held = Annotation.objects.filter(campaign=newest.campaign_id).count()
    withdrawn = newest.campaign.withdrawals.filter(pk__gt=as_of["withdrawal"]).exists()
    return withdrawn or new * NOTABLE_SHARE >= held
