"""A change to a campaign, made by a form of its page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse

from annotation.errors import BadInput, Conflict
from annotation.models import Campaign
from webapp.access import SignedInRequest
from webapp.organiser.access import find_campaign
from webapp.organiser.queueing import to_section
from webapp.wording import say

from .change_forms import FORMS
from .pages import show_campaign


def change_by_form(request: SignedInRequest, slug: str, name: str, act: Callable[[Campaign, Any], str]) -> HttpResponse:
    """Do what a form asks for and go back to the page; where that is refused, show the form as it was typed."""
    campaign = find_campaign(request, slug)
    form: forms.Form = FORMS[name](campaign, request.POST)
    if form.is_valid():
        try:
            messages.success(request, act(campaign, form))
        except (BadInput, Conflict) as error:
            form.add_error(None, say(error))
    if not form.is_valid():
        # Fetched anew: a conflict means that somebody else has changed it meanwhile.
        return show_campaign(request, find_campaign(request, slug), status=422, **{name: form})
    return to_section(campaign, "run")
