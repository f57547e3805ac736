"""The pages that change a campaign's design: answers per image, arms, repeats, precision."""

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
def choose_annotations_per_image(request: SignedInRequest, slug: str) -> HttpResponse:
    """Change the number of answers an image."""

    def act(campaign: Campaign, form: Any) -> str:
        k = form.cleaned_data["annotations_per_image"]
        change_campaign.change_annotations_per_image(campaign, k, by=request.user)
        return _("Each image is to have %(k)s answers from now on.") % {"k": k}

    return change_by_form(request, slug, "annotations_form", act)


@require_POST
@organisers
def choose_arms(request: SignedInRequest, slug: str) -> HttpResponse:
    """Draw arms by another preset."""

    def act(campaign: Campaign, form: Any) -> str:
        change_campaign.choose_arms(campaign, form.cleaned_data["preset"], by=request.user)
        return _("New assignments draw their arms by this preset; those handed out keep theirs.")

    return change_by_form(request, slug, "preset_form", act)


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

    return change_by_form(request, slug, "repeats_form", act)


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

    return change_by_form(request, slug, "precision_form", act)
