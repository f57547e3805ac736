"""Plan a campaign before launch: what its answers will be worth and what they cost."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from annotation.design.planner import ANCHORS, Plan, outlook
from webapp.access import SignedInRequest
from webapp.plots.planner_curve import reliability_curve

from .pages import organisers

START = {"images": 1000, "answers_per_image": 5, "experts": 8, "icc": 0.47, "minutes": 4}
# The planner's names of the anchors, translated.
ANCHOR_NAMES = {
    "lay voters (AVA)": _("lay voters (AVA)"),
    "screened crowd (KonIQ-10k)": _("screened crowd (KonIQ-10k)"),
}


class PlanForm(forms.Form):
    """Ask what is planned."""

    images = forms.IntegerField(label=_("Images"), min_value=2, max_value=10_000_000)
    answers_per_image = forms.IntegerField(label=_("Answers per image"), min_value=1, max_value=500)
    experts = forms.IntegerField(label=_("Experts"), min_value=1, max_value=100_000)
    minutes = forms.FloatField(label=_("Minutes per answer"), min_value=0.1, max_value=24 * 60)
    icc = forms.FloatField(
        label=_("Expected ICC of one answer"),
        min_value=0.01,
        max_value=0.99,
        widget=forms.NumberInput(attrs={"step": "0.01"}),
        help_text=_("How far two experts' single answers agree, between 0 and 1."),
    )

    def clean(self) -> dict[str, Any]:
        """Refuse more answers an image than there are experts."""
        given = super().clean() or self.cleaned_data
        k, experts = given.get("answers_per_image"), given.get("experts")
        if k is not None and experts is not None and k > experts:
            words = _("Nobody judges an image twice: at most %(experts)s answers, one from each expert.")
            self.add_error("answers_per_image", forms.ValidationError(words, params={"experts": experts}))
        return given


@require_safe
@organisers
def plan(request: SignedInRequest) -> HttpResponse:
    """Show what a plan leads to; nothing is stored, and the address holds the whole plan."""
    given = {**START, **request.GET.dict()}
    if "anchor" in given:
        given["icc"] = given["anchor"]
    form = PlanForm(given, auto_id="plan_%s")
    context: dict[str, Any] = {
        "form": form,
        "anchors": [(ANCHOR_NAMES[name], value) for name, value in ANCHORS.items()],
    }
    if form.is_valid():
        planned = Plan(**form.cleaned_data)
        context["outlook"] = outlook(planned)
        context["targets"] = outlook(planned)["answers_for"].items()
        context["curve"] = reliability_curve(planned.icc, planned.answers_per_image)
    return render(request, "organiser/plan.html", context)
