"""The page that makes a campaign."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from annotation.actions.campaigns.open_campaign import create_campaign
from annotation.errors import BadInput
from annotation.models import Campaign
from webapp.access import SignedInRequest, administrators
from webapp.wording import say

from .new_forms import NewCampaignForm


@require_http_methods(["GET", "HEAD", "POST"])
@administrators
def new_campaign(request: SignedInRequest) -> HttpResponse:
    """Show the form of a new campaign, make it, and go to its page."""
    form = NewCampaignForm(request.POST if request.method == "POST" else None)
    campaign = _create(request, form) if form.is_bound and form.is_valid() else None
    if campaign is None:
        status = 422 if form.is_bound else 200
        return render(request, "organiser/campaigns/new.html", {"form": form}, status=status)
    messages.success(request, _("This is the campaign: a draft. Whoever is to judge sees it once it is open."))
    return redirect("organiser:campaign", slug=campaign.slug)


def _create(request: SignedInRequest, form: NewCampaignForm) -> Campaign | None:
    """Return the new campaign; None, with the reason in the form, where nothing came of it."""
    values = form.cleaned_data
    try:
        return create_campaign(
            values["slug"],
            title=values["title"],
            description=values["description"],
            rubric_version=form.rubric_version(),
            preset=values["preset"],
            annotations_per_image=values["annotations_per_image"],
            by=request.user,
        )
    except BadInput as error:
        form.add_error(None, say(error))
        return None
