"""The page of cases that wait for an adjudicator, those that hold an image back among them."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from annotation.models import Case
from webapp.access import SignedInRequest
from webapp.organiser.access import find_campaign, organisers

from .skip_pages import REASONS

CASES_A_PAGE = 50


@require_safe
@organisers
def cases(request: SignedInRequest, slug: str) -> HttpResponse:
    """List the open cases of a campaign, the newest first; whoever organises decides none of them."""
    campaign = find_campaign(request, slug)
    open_cases = campaign.cases.filter(state=Case.State.OPEN).order_by("-pk")
    page = Paginator(open_cases, CASES_A_PAGE).get_page(request.GET.get("page"))
    rows = [(case, [REASONS[reason] for reason in case.disputed if reason in REASONS]) for case in page]
    return render(request, "organiser/campaigns/cases.html", {"campaign": campaign, "page": page, "rows": rows})
