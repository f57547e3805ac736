"""The page of the plans of the analysis."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from annotation.roles import VIEW
from webapp.access import SignedInRequest
from webapp.audit.access import find_campaign, viewers

from .analysis_plan import lines_of


@require_safe
@viewers
def analysis_plan(request: SignedInRequest, slug: str) -> HttpResponse:
    """Show the plans frozen for a campaign, the one in force first."""
    campaign = find_campaign(request, slug, VIEW)
    plans = [(plan, lines_of(plan.content)) for plan in campaign.analysis_plans.select_related("frozen_by")]
    return render(request, "audit/reports/analysis_plan.html", {"campaign": campaign, "plans": plans, "here": "plan"})
