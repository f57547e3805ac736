"""A campaign's log: what happened, who did it, and the hashes that hold it together."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from annotation.models import Event
from webapp.access import SignedInRequest
from webapp.audit.access import auditors, find_campaign

EVENTS_A_PAGE = 50


@require_safe
@auditors
def events(request: SignedInRequest, slug: str) -> HttpResponse:
    """List what happened in a campaign, the newest first."""
    campaign = find_campaign(request, slug)
    rows = Event.objects.filter(chain__campaign=campaign).select_related("actor").order_by("-number")
    page = Paginator(rows, EVENTS_A_PAGE).get_page(request.GET.get("page"))
    context = {"campaign": campaign, "page": page, "chain": getattr(campaign, "event_chain", None), "here": "events"}
    return render(request, "audit/events/events.html", context)
