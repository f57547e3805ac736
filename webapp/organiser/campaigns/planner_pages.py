"""The planner: what a campaign's answers will be worth, and what they cost."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from annotation.design.planner import ANCHORS, Plan, outlook
from webapp.access import SignedInRequest
from webapp.organiser.access import organisers
from webapp.plots.curve import planned_curve

from .planner_forms import PlanForm

# The ICC is that of the screened crowd of KonIQ-10k (annotation/design/planner.py).
START = {"images": 1000, "annotations_per_image": 5, "experts": 8, "icc": 0.47, "minutes": 4}
# The planner's names of the anchors, translated.
ANCHOR_NAMES = {
    "lay voters (AVA)": _("lay voters (AVA)"),
    "screened crowd (KonIQ-10k)": _("screened crowd (KonIQ-10k)"),
}


@require_safe
@organisers
def plan(request: SignedInRequest) -> HttpResponse:
    """Show what a plan leads to; nothing is stored, and the address holds the whole plan."""
    values = {**START, **request.GET.dict()}
    # Whoever presses an anchor's button means it, whatever stands in the field.
    if "anchor" in values:
        values["icc"] = values["anchor"]
    form = PlanForm(values, auto_id="plan_%s")
    context: dict[str, Any] = {
        "form": form,
        "anchors": [(ANCHOR_NAMES[name], value) for name, value in ANCHORS.items()],
    }
    if form.is_valid():
        study_plan = Plan(**form.cleaned_data)
        context["outlook"] = outlook(study_plan)
        context["targets"] = outlook(study_plan)["annotations_for"].items()
        context["curve"] = planned_curve(study_plan.icc, study_plan.annotations_per_image)
    return render(request, "organiser/campaigns/planner.html", context)
