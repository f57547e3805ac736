"""The pages that open, pause, resume, close, reopen, clone and delete a campaign."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from annotation.actions.campaigns import change_campaign
from annotation.actions.campaigns.delete_draft import delete_draft
from annotation.actions.campaigns.open_campaign import open_campaign
from annotation.errors import BadInput, Conflict
from annotation.models import Campaign
from webapp.access import SignedInRequest
from webapp.accounts.invite import withdraw_invitation
from webapp.accounts.models import Invitation
from webapp.organiser.access import find_campaign, organisers
from webapp.organiser.queueing import to_section
from webapp.wording import say

from .form_change import change_by_form

MOVED = {
    "open": gettext_lazy("The campaign is open: work is handed out from now on."),
    "pause": gettext_lazy("The campaign is paused: nothing is handed out until it is resumed."),
    "resume": gettext_lazy("The campaign goes on: work is handed out again."),
    "close": gettext_lazy("The campaign is closed: nothing is handed out any more."),
    "reopen": gettext_lazy("The campaign is open again: work is handed out from now on."),
}


@require_POST
@organisers
def change_state(request: SignedInRequest, slug: str) -> HttpResponse:
    """Open, pause, resume, close or reopen a campaign."""
    campaign = find_campaign(request, slug)
    verb = request.POST.get("verb", "")
    try:
        if verb == "open":
            open_campaign(campaign, by=request.user)
        else:
            change_campaign.change_campaign_state(campaign, verb, by=request.user)
    except (BadInput, Conflict) as error:
        messages.error(request, say(error))
    else:
        messages.success(request, MOVED[verb])
    return to_section(campaign, "run")


@require_POST
@organisers
def delete(request: SignedInRequest, slug: str) -> HttpResponse:
    """Delete a draft, and the invitations into it, and go to where this person begins."""
    deleted = []

    @transaction.atomic
    def act(campaign: Campaign, form: Any) -> str:
        for invitation in Invitation.objects.waiting().filter(campaign=campaign):
            withdraw_invitation(invitation, by=request.user)
        delete_draft(campaign, by=request.user)
        deleted.append(campaign)
        return _("The draft %(title)s is deleted.") % {"title": campaign.title}

    answer = change_by_form(request, slug, "delete_form", act)
    return redirect("home") if deleted else answer


@require_POST
@organisers
def clone(request: SignedInRequest, slug: str) -> HttpResponse:
    """Copy a campaign, without the work done in it, and go to the copy."""
    # A change by form returns words alone, and the way on needs the copy.
    copies = []

    def act(campaign: Campaign, form: Any) -> str:
        title = form.cleaned_data["title"]
        copies.append(change_campaign.clone_campaign(campaign, form.cleaned_data["slug"], title=title, by=request.user))
        return _("This is the copy: a draft with the same images, people and arms, and none of the work.")

    answer = change_by_form(request, slug, "clone_form", act)
    return redirect("organiser:campaign", slug=copies[0].slug) if copies else answer
