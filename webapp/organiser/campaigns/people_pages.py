"""The pages that let people take part in a campaign, and let them go."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from annotation.actions.campaigns import change_campaign
from annotation.actions.campaigns.open_campaign import invite_people
from annotation.models import Campaign
from webapp.access import SignedInRequest
from webapp.organiser.access import organisers

from .form_change import change_by_form


@require_POST
@organisers
def invite(request: SignedInRequest, slug: str) -> HttpResponse:
    """Let a person take part in the roles ticked, and annotate for the categories ticked or for all."""

    def act(campaign: Campaign, form: Any) -> str:
        roles, categories = form.cleaned_data["roles"], form.cleaned_data["categories"]
        invite_people(campaign, [form.person], by=request.user, categories=categories, roles=roles)
        return _("%(name)s takes part.") % {"name": form.person}

    return change_by_form(request, slug, "invite_form", act)


@require_POST
@organisers
def dismiss(request: SignedInRequest, slug: str) -> HttpResponse:
    """Let a person go."""

    def act(campaign: Campaign, form: Any) -> str:
        person = form.cleaned_data["person"]
        change_campaign.dismiss_person(campaign, person, by=request.user)
        return _("%(name)s takes part no more; their answers stay.") % {"name": person}

    return change_by_form(request, slug, "dismiss_form", act)
