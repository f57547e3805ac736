"""Figures that take long, worked out in the background."""

from __future__ import annotations

from celery import shared_task

from annotation.actions.figures import keep_figures as actions
from annotation.models import Campaign


@shared_task(name="annotation.work_out_figures")
def work_out_figures(campaign_id: int, kind: str) -> None:
    """Work out figures of a kind."""
    actions.work_out_figures(Campaign.objects.get(pk=campaign_id), kind)
