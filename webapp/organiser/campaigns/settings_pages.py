"""The pages that set how a campaign is described and run."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from annotation.actions.campaigns import campaign_settings
from annotation.models import Campaign
from webapp.access import SignedInRequest
from webapp.organiser.access import organisers

from .form_change import change_by_form


@require_POST
@organisers
def change_description(request: SignedInRequest, slug: str) -> HttpResponse:
    """Say what the campaign is called and about."""

    def act(campaign: Campaign, form: Any) -> str:
        campaign_settings.change_description(campaign, **form.cleaned_data, by=request.user)
        return _("Releases made from now on say this.")

    return change_by_form(request, slug, "description_form", act)


@require_POST
@organisers
def choose_pace(request: SignedInRequest, slug: str) -> HttpResponse:
    """Change how long images are held, how much a person does a day, and how long one may correct oneself."""

    def act(campaign: Campaign, form: Any) -> str:
        campaign_settings.choose_pace(campaign, **form.cleaned_data, by=request.user)
        return _("This holds from now on; images held already keep their time until it is renewed.")

    return change_by_form(request, slug, "pace_form", act)


@require_POST
@organisers
def choose_case_spread(request: SignedInRequest, slug: str) -> HttpResponse:
    """Change how far apart scores have to lie for a case."""

    def act(campaign: Campaign, form: Any) -> str:
        campaign_settings.choose_case_spread(campaign, form.steps(), by=request.user)
        return _("This holds for images that are completed from now on; open cases stay.")

    return change_by_form(request, slug, "case_spread_form", act)


@require_POST
@organisers
def choose_draws(request: SignedInRequest, slug: str) -> HttpResponse:
    """Draw arms for each assignment, or once for each person, and everything from a seed."""

    def act(campaign: Campaign, form: Any) -> str:
        campaign_settings.choose_draws(campaign, **form.cleaned_data, by=request.user)
        return _("Arms and orders will be drawn so.")

    return change_by_form(request, slug, "draws_form", act)


@require_POST
@organisers
def choose_surround(request: SignedInRequest, slug: str) -> HttpResponse:
    """Show images on another grey."""

    def act(campaign: Campaign, form: Any) -> str:
        campaign_settings.choose_surround(campaign, form.cleaned_data["surround"], by=request.user)
        return _("Images will be shown on this grey.")

    return change_by_form(request, slug, "surround_form", act)


@require_POST
@organisers
def cap_person(request: SignedInRequest, slug: str) -> HttpResponse:
    """Limit how many answers a person gives."""

    def act(campaign: Campaign, form: Any) -> str:
        person, cap = form.cleaned_data["person"], form.cleaned_data["cap"]
        campaign_settings.cap_person(campaign, person, cap, by=request.user)
        if cap is None:
            return _("%(name)s has no limit.") % {"name": person}
        return _("%(name)s gets no further image after %(cap)s answers.") % {"name": person, "cap": cap}

    return change_by_form(request, slug, "cap_form", act)
