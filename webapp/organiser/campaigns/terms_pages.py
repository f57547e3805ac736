"""The page that states the terms of a campaign's annotations."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from annotation.actions.campaigns import change_campaign
from annotation.models import Campaign
from webapp.access import SignedInRequest
from webapp.organiser.access import organisers

from .form_change import change_by_form


@require_POST
@organisers
def state_terms(request: SignedInRequest, slug: str) -> HttpResponse:
    """Change the licence of the annotations and what the datasheet says."""

    def act(campaign: Campaign, form: Any) -> str:
        licence = form.cleaned_data["annotations_licence"]
        change_campaign.state_release_terms(campaign, licence, form.statements(), by=request.user)
        return _("Releases made from now on say this.")

    return change_by_form(request, slug, "terms_form", act)
