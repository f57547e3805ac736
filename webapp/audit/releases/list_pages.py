"""The list of a campaign's releases."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from annotation.roles import VIEW
from webapp.access import SignedInRequest
from webapp.audit.access import find_campaign, viewers


@require_safe
@viewers
def releases(request: SignedInRequest, slug: str) -> HttpResponse:
    """List a campaign's releases, failed ones included."""
    campaign = find_campaign(request, slug, VIEW)
    rows = campaign.releases.defer("record").select_related("requested_by").prefetch_related("withdrawals")
    return render(request, "audit/releases/releases.html", {"campaign": campaign, "releases": rows, "here": "releases"})
