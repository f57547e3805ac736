"""Change a campaign under way: its state, its answers per image, its arms, its people; and copy it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from annotation.actions.campaigns import change_campaign
from annotation.actions.campaigns.open_campaign import invite as invite_people
from annotation.actions.campaigns.open_campaign import open_campaign
from annotation.errors import BadInput, Conflict
from annotation.models import Campaign
from webapp.access import SignedInRequest
from webapp.wording import say

from .change_forms import FORMS
from .pages import find_campaign, organisers, show_campaign

MOVED = {
    "open": gettext_lazy("The campaign is open: work is handed out from now on."),
    "pause": gettext_lazy("The campaign is paused: nothing is handed out until it is resumed."),
    "resume": gettext_lazy("The campaign goes on: work is handed out again."),
    "close": gettext_lazy("The campaign is closed: nothing is handed out any more."),
    "reopen": gettext_lazy("The campaign is open again: work is handed out from now on."),
}


@require_POST
@organisers
def move(request: SignedInRequest, slug: str) -> HttpResponse:
    """Open, pause, resume, close or reopen a campaign."""
    found = find_campaign(request, slug)
    verb = request.POST.get("verb", "")
    try:
        if verb == "open":
            open_campaign(found, by=request.user)
        else:
            change_campaign.move(found, verb, by=request.user)
    except (BadInput, Conflict) as error:
        messages.error(request, say(error))
    else:
        messages.success(request, MOVED[verb])
    return _to_section(found)


@require_POST
@organisers
def ask_for(request: SignedInRequest, slug: str) -> HttpResponse:
    """Change the number of answers an image."""

    def act(campaign: Campaign, form: Any) -> str:
        k = form.cleaned_data["answers_per_image"]
        change_campaign.ask_for(campaign, k, by=request.user)
        return _("Each image is to have %(k)s answers from now on.") % {"k": k}

    return _change(request, slug, "answers_form", act)


@require_POST
@organisers
def choose_arms(request: SignedInRequest, slug: str) -> HttpResponse:
    """Draw arms by another preset."""

    def act(campaign: Campaign, form: Any) -> str:
        change_campaign.choose_arms(campaign, form.cleaned_data["preset"], by=request.user)
        return _("New assignments draw their arms by this preset; those handed out keep theirs.")

    return _change(request, slug, "preset_form", act)


@require_POST
@organisers
def choose_repeats(request: SignedInRequest, slug: str) -> HttpResponse:
    """Change the share of hidden repeats and the days before one."""

    def act(campaign: Campaign, form: Any) -> str:
        share, gap_days = form.cleaned_data["share"], form.cleaned_data["gap_days"]
        change_campaign.choose_repeats(campaign, share, gap_days, by=request.user)
        if not share:
            return _("Nothing is repeated from now on.")
        words = _("%(share)s %% of what is handed out from now on are hidden repeats, %(days)s days later or more.")
        return words % {"share": share, "days": gap_days}

    return _change(request, slug, "repeats_form", act)


@require_POST
@organisers
def choose_precision(request: SignedInRequest, slug: str) -> HttpResponse:
    """Change how certain a mean score has to be."""

    def act(campaign: Campaign, form: Any) -> str:
        most = form.cleaned_data["most"]
        change_campaign.choose_precision(campaign, form.hundredths(), most, by=request.user)
        if most is None:
            return _("Each image gets the same number of answers from now on.")
        words = _("From now on an image is asked about again, up to %(most)s times, until its score is certain enough.")
        return words % {"most": most}

    return _change(request, slug, "precision_form", act)


@require_POST
@organisers
def invite(request: SignedInRequest, slug: str) -> HttpResponse:
    """Let a person take part in the roles ticked, and annotate for the categories ticked or for all."""

    def act(campaign: Campaign, form: Any) -> str:
        roles, categories = form.cleaned_data["roles"], form.cleaned_data["categories"]
        invite_people(campaign, [form.person], by=request.user, categories=categories, roles=roles)
        return _("%(name)s takes part.") % {"name": form.person}

    return _change(request, slug, "invite_form", act)


@require_POST
@organisers
def dismiss(request: SignedInRequest, slug: str) -> HttpResponse:
    """Let a person go."""

    def act(campaign: Campaign, form: Any) -> str:
        person = form.cleaned_data["person"]
        change_campaign.dismiss(campaign, person, by=request.user)
        return _("%(name)s takes part no more; their answers stay.") % {"name": person}

    return _change(request, slug, "dismiss_form", act)


@require_POST
@organisers
def state_terms(request: SignedInRequest, slug: str) -> HttpResponse:
    """Change the licence of the annotations and what the datasheet says."""

    def act(campaign: Campaign, form: Any) -> str:
        licence = form.cleaned_data["annotations_licence"]
        change_campaign.state_terms(campaign, licence, form.statements(), by=request.user)
        return _("Releases made from now on say this.")

    return _change(request, slug, "terms_form", act)


@require_POST
@organisers
def clone(request: SignedInRequest, slug: str) -> HttpResponse:
    """Copy a campaign, without the work done in it, and go to the copy."""
    copies = []

    def act(campaign: Campaign, form: Any) -> str:
        title = form.cleaned_data["title"]
        copies.append(change_campaign.clone(campaign, form.cleaned_data["slug"], title=title, by=request.user))
        return _("This is the copy: a draft with the same images, people and arms, and none of the work.")

    answer = _change(request, slug, "clone_form", act)
    return redirect("organiser:campaign", slug=copies[0].slug) if copies else answer


def _change(request: SignedInRequest, slug: str, name: str, act: Callable[[Campaign, Any], str]) -> HttpResponse:
    """Do what a form asks for and go back to the page; where that is refused, show the form as it was typed."""
    found = find_campaign(request, slug)
    form: forms.Form = FORMS[name](found, request.POST)
    if form.is_valid():
        try:
            messages.success(request, act(found, form))
        except (BadInput, Conflict) as error:
            form.add_error(None, say(error))
    if not form.is_valid():
        return show_campaign(request, find_campaign(request, slug), status=422, **{name: form})
    return _to_section(found)


def _to_section(campaign: Campaign) -> HttpResponse:
    response = redirect("organiser:campaign", slug=campaign.slug)
    response["Location"] += "#run"
    return response
