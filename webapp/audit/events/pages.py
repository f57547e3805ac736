"""The auditor's first page, and a campaign's releases and events."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from annotation.models import Campaign, Event
from annotation.roles import Role
from webapp.access import SignedInRequest, role_required

EVENTS_A_PAGE = 50

auditors = role_required(Role.AUDITOR, Role.ORGANISER)


@require_safe
@auditors
def home(request: SignedInRequest) -> HttpResponse:
    """List the campaigns with what there is to check."""
    campaigns = Campaign.objects.visible_to(request.user).with_counts()
    return render(request, "audit/home.html", {"campaigns": campaigns})


@require_safe
@auditors
def releases(request: SignedInRequest, slug: str) -> HttpResponse:
    """List a campaign's releases, failed ones included."""
    campaign = find_campaign(request, slug)
    rows = campaign.releases.select_related("report", "requested_by").prefetch_related("withdrawals")
    return render(request, "audit/releases/releases.html", {"campaign": campaign, "releases": rows, "here": "releases"})


@require_safe
@auditors
def events(request: SignedInRequest, slug: str) -> HttpResponse:
    """List what happened in a campaign, the newest first."""
    campaign = find_campaign(request, slug)
    rows = Event.objects.filter(chain__campaign=campaign).select_related("actor").order_by("-number")
    page = Paginator(rows, EVENTS_A_PAGE).get_page(request.GET.get("page"))
    context = {"campaign": campaign, "page": page, "chain": getattr(campaign, "event_chain", None), "here": "events"}
    return render(request, "audit/events/events.html", context)


def find_campaign(request: SignedInRequest, slug: str) -> Campaign:
    """Return a campaign this person may know of, else raise Http404."""
    return get_object_or_404(Campaign.objects.visible_to(request.user), slug=slug)
