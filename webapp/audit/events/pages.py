"""A campaign's log: what happened, who did it, and the hashes that hold it together."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Page, Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from annotation.models import Event, EventChain
from webapp.access import SignedInRequest
from webapp.audit.access import auditors, find_campaign

EVENTS_A_PAGE = 50


class EventsByNumber:
    """The events of a chain, the newest first: counted by its length, and found by their numbers.

    Millions of events would take long to be counted, and to be passed over on the way to an early one.
    """

    ordered = True

    def __init__(self, chain: EventChain | None) -> None:
        self.chain = chain

    def __len__(self) -> int:
        return self.chain.length if self.chain else 0

    def __getitem__(self, places: slice) -> list[Event]:
        rows = Event.objects.filter(chain=self.chain).select_related("actor").order_by("-number")
        newest = len(self) - (places.start or 0)
        return list(rows.filter(number__lte=newest, number__gt=len(self) - places.stop))


@require_safe
@auditors
def events(request: SignedInRequest, slug: str) -> HttpResponse:
    """List what happened in a campaign, the newest first."""
    campaign = find_campaign(request, slug)
    chain = getattr(campaign, "event_chain", None)
    rows: Any = EventsByNumber(chain)
    page: Page[Event] = Paginator(rows, EVENTS_A_PAGE).get_page(request.GET.get("page"))
    context = {"campaign": campaign, "page": page, "chain": chain, "here": "events"}
    return render(request, "audit/events/events.html", context)
