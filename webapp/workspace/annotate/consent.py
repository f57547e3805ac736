"""Consent, given before the first image."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods

from annotation.actions.campaigns.consent import give_consent
from annotation.errors import Conflict
from annotation.models import Campaign
from annotation.roles import ANNOTATE
from webapp.access import SignedInRequest, room_of
from webapp.wording import say


@require_http_methods(["GET", "HEAD", "POST"])
@room_of(ANNOTATE)
def ask_consent(request: SignedInRequest, slug: str) -> HttpResponse:
    """Show what a person consents to, and record that they do."""
    campaigns = Campaign.objects.visible_to(request.user).in_which(request.user, ANNOTATE)
    campaigns = campaigns.exclude(consent_text="")
    campaign = get_object_or_404(campaigns, slug=slug)
    # Sent by the page: people agree to the wording they read, not to one published since.
    version = request.POST.get("version", "")
    if request.method == "POST" and version.isdecimal():
        try:
            give_consent(campaign, by=request.user, version=int(version))
        except Conflict as error:
            messages.warning(request, say(error))
        else:
            return redirect("workspace:annotate", slug=slug)
    wording = campaign.consent_wording()
    text = wording.text(get_language() or "en") if wording else campaign.consent_text
    return render(request, "workspace/annotate/consent.html", {"campaign": campaign, "text": text})
