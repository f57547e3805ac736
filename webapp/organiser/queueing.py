"""Work that a page leaves to the queue, and the way back to the campaign."""

from __future__ import annotations

import logging
from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from annotation.errors import QueueDown
from annotation.models import Campaign
from annotation.tasks.queueing import enqueue_task
from webapp.access import SignedInRequest

logger = logging.getLogger(__name__)


def queue_task(request: SignedInRequest, words: str, task: Any, *arguments: Any, otherwise: str = "") -> None:
    """Queue a task and say so in `words`; while the queue is down nothing is queued, and `otherwise` says that."""

    def send() -> None:
        try:
            enqueue_task(task, *arguments)
        except QueueDown as error:
            logger.error("%s was not queued: %s", task.name, error)
            refusal = _("The queue cannot be reached, so nothing was started. Try again in a moment.")
            messages.error(request, otherwise or refusal)
        else:
            messages.success(request, words)

    # Only once all is stored: a worker that is quicker than the commit would not find it.
    transaction.on_commit(send)


def show_form_errors(request: SignedInRequest, form: forms.Form) -> None:
    """Say what was wrong with a form whose page cannot show it beside the fields."""
    for errors in form.errors.values():
        messages.error(request, " ".join(map(str, errors)))


def to_section(campaign: Campaign, section: str) -> HttpResponse:
    """Return to a section of the campaign's page."""
    response = redirect("organiser:campaign", slug=campaign.slug)
    response["Location"] += f"#{section}"
    return response
