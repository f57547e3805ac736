"""The page on which the plan of the analysis is written, and frozen before the first answer."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from annotation.actions.agreement.plan_analysis import freeze_plan
from annotation.errors import BadInput, Conflict
from annotation.models import Campaign
from webapp.access import SignedInRequest
from webapp.audit.reports.analysis_plan import lines_of
from webapp.organiser.access import find_campaign, organisers
from webapp.wording import say

from .analysis_plan_forms import PlanForm


@require_http_methods(["GET", "HEAD", "POST"])
@organisers
def analysis_plan(request: SignedInRequest, slug: str) -> HttpResponse:
    """Show the plans, and the form for one while no answer is there; freeze what was filled in."""
    campaign = find_campaign(request, slug)
    if request.method != "POST":
        return _show(request, campaign, PlanForm())
    form = PlanForm(request.POST)
    if not form.is_valid():
        return _show(request, campaign, form, 422)
    try:
        plan = freeze_plan(campaign, form.content(), by=request.user)
    except (BadInput, Conflict) as error:
        form.add_error(None, say(error))
        return _show(request, campaign, form, 409 if isinstance(error, Conflict) else 422)
    messages.success(
        request, _("Plan %(number)s is frozen. Reports say whether they follow it.") % {"number": plan.number}
    )
    return redirect("organiser:analysis-plan", slug)


def _show(request: SignedInRequest, campaign: Campaign, form: PlanForm, status: int = 200) -> HttpResponse:
    plans = [(plan, lines_of(plan.content)) for plan in campaign.analysis_plans.select_related("frozen_by")]
    first_annotation = campaign.annotations.order_by("pk").first()
    context = {"campaign": campaign, "form": form, "plans": plans, "first_annotation": first_annotation}
    return render(request, "organiser/campaigns/analysis_plan.html", context, status=status)
