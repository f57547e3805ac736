"""The auditor's first page."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from annotation.models import Campaign
from annotation.roles import VIEW
from webapp.access import SignedInRequest
from webapp.audit.access import viewers


@require_safe
@viewers
def home(request: SignedInRequest) -> HttpResponse:
    """List the campaigns with what there is to check."""
    campaigns = Campaign.objects.in_which(request.user, VIEW).with_counts()
    return render(request, "audit/home.html", {"campaigns": campaigns})
