"""Reports of agreement, computed in the background and kept fresh."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from annotation.actions.agreement import measure_agreement as actions
from annotation.actions.agreement import refresh_agreement
from annotation.models import Campaign, Report

from .queueing import enqueue_task, person_of


@shared_task(name="annotation.measure_agreement")
def measure_agreement(campaign_id: int, user_id: int | None = None) -> None:
    """Compute a report of agreement."""
    actions.measure_agreement(Campaign.objects.get(pk=campaign_id), by=person_of(user_id))


@shared_task(name="annotation.recompute_report")
def recompute_report(report_id: int, user_id: int | None = None) -> None:
    """Compute a report again, and keep what differs."""
    actions.recompute_report(Report.objects.get(pk=report_id), by=person_of(user_id))


@shared_task(name="annotation.keep_reports_fresh")
def keep_reports_fresh() -> None:
    """Queue a report for each campaign whose answers have moved on; every worker of ours asks for this."""
    for campaign in refresh_agreement.campaigns_to_refresh(timezone.now()):
        # A task each, so that one long report does not keep the next look waiting.
        enqueue_task(refresh_report, campaign.pk)


@shared_task(name="annotation.refresh_report")
def refresh_report(campaign_id: int) -> None:
    """Compute a report if one is still due and nobody is at it."""
    refresh_agreement.refresh_report(Campaign.objects.get(pk=campaign_id))
