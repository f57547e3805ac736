"""What is kept no longer than needed, cleared in the background."""

from __future__ import annotations

import logging

from celery import shared_task

from annotation.actions.people import clean_up as actions

from .queueing import PATIENT

logger = logging.getLogger(__name__)


@shared_task(name="annotation.clean_up", **PATIENT)
def clean_up() -> None:
    """Clear what is over; every worker of ours asks for this once a day, and a second round finds nothing to do."""
    report = actions.clean_up()
    if report.unremoved:
        logger.warning("the storage could not be reached for: %s", ", ".join(report.unremoved))
