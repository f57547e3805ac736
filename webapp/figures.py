"""Figures that take long, for the pages that show them: those that are behind are asked for anew."""

from __future__ import annotations

import logging
from typing import Any

from django.db import transaction
from django.utils import timezone

from annotation.actions.figures.keep_figures import KeptFigures, ask_for_figures, figures_of
from annotation.errors import QueueDown
from annotation.models import Campaign
from annotation.tasks.figures import work_out_figures
from annotation.tasks.queueing import enqueue_task

logger = logging.getLogger(__name__)


def kept_figures(campaign: Campaign, kind: str) -> KeptFigures:
    """Return figures on a campaign, and have them worked out in the background where they are behind."""
    figures = figures_of(campaign, kind)
    if figures.is_behind and ask_for_figures(campaign, kind, timezone.now()):
        transaction.on_commit(lambda: _enqueue(campaign.pk, kind))
    return figures


def _enqueue(*arguments: Any) -> None:
    try:
        enqueue_task(work_out_figures, *arguments)
    # The page shows what it has; whoever looks later asks again.
    except QueueDown as error:
        logger.error("%s was not queued: %s", work_out_figures.name, error)
