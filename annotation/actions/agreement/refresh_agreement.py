"""Compute reports anew as answers arrive: soon, not at each answer, and never two of a campaign at once."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from annotation.models import Annotation, Campaign, Event, Report

from .inputs import TAKEN_BACK, changes_since
from .measure_agreement import measure_agreement

QUIET = timedelta(minutes=1)  # A burst of answers makes one report, once it is over;
LONGEST_WAIT = timedelta(hours=1)  # or after so long, where it never ends.
SHORTEST_WAIT = timedelta(minutes=10)  # Between two reports, unless
NOTABLE_SHARE = 50  # one answer in so many is new.
LEASE = timedelta(minutes=20)  # After which whoever computes is taken for lost.


def campaigns_to_refresh(now: datetime) -> list[Campaign]:
    """Return the campaigns whose newest report has fallen behind their answers."""
    has_annotations = Exists(Annotation.objects.filter(campaign=OuterRef("pk")))
    campaigns = Campaign.objects.filter(has_annotations, Q(measuring_until=None) | Q(measuring_until__lte=now))
    return [campaign for campaign in campaigns if is_report_due(campaign, now)]


def is_report_due(campaign: Campaign, now: datetime) -> bool:
    """Tell whether a report is to be computed: something is new, and a burst of answers is over or goes on for long."""
    # Without the figures, which are nearly all of a report and are not needed here.
    newest = campaign.reports.whole().defer("figures").first()
    changes = changes_since(campaign, newest.query["as_of"] if newest else None)
    last = changes.first()
    if last is None:
        return False
    # A first report has nothing to be too close to: it waits for the burst to end, and for nothing else.
    age = LONGEST_WAIT if newest is None else now - newest.created_at
    if newest is not None and age >= LONGEST_WAIT:
        return True
    return now - last.created_at >= QUIET and (age >= SHORTEST_WAIT or _is_notable(changes, campaign))


def refresh_report(campaign: Campaign, now: datetime | None = None) -> Report | None:
    """Compute a report if one is due and nobody else is at it, and return it; what fails is left alone for a while."""
    now = now or timezone.now()
    if not is_report_due(campaign, now):
        return None
    free = Campaign.objects.filter(Q(measuring_until=None) | Q(measuring_until__lte=now), pk=campaign.pk)
    # Asked and taken in one statement, as two workers may have found the campaign due at the same time.
    if not free.update(measuring_until=now + LEASE):
        return None
    # No `finally`: after a failure the lease stands, so that it is not tried again at once, over and over.
    report = measure_agreement(campaign, by=None)
    Campaign.objects.filter(pk=campaign.pk).update(measuring_until=None)
    return report


def _is_notable(changes: QuerySet[Event], campaign: Campaign) -> bool:
    """Tell whether enough is new, or something was taken back, which is never to wait long."""
    if changes.filter(verb__in=TAKEN_BACK).exists():
        return True
    return changes.count() * NOTABLE_SHARE >= Annotation.objects.filter(campaign=campaign).count()
