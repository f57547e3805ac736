"""The auditor's first page, and a campaign's releases and events."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from annotation.models import Campaign, Event
from annotation.roles import AUDIT, VIEW, Roles
from webapp.access import SignedInRequest, room_of

EVENTS_A_PAGE = 50

auditors, viewers = room_of(AUDIT), room_of(VIEW)


@require_safe
@viewers
def home(request: SignedInRequest) -> HttpResponse:
    """List the campaigns with what there is to check."""
    campaigns = Campaign.objects.in_which(request.user, VIEW).with_counts()
    return render(request, "audit/home.html", {"campaigns": campaigns})


@require_safe
@viewers
def releases(request: SignedInRequest, slug: str) -> HttpResponse:
    """List a campaign's releases, failed ones included."""
    campaign = find_campaign(request, slug, VIEW)
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


def find_campaign(request: SignedInRequest, slug: str, roles: Roles = AUDIT) -> Campaign:
    """Return a campaign in which this person has one of the roles, else raise Http404."""
    return get_object_or_404(Campaign.objects.in_which(request.user, roles), slug=slug)
