"""Let organisers ask for a calibration, see where everyone stands, and let people through or ask them anew."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from annotation import policy
from annotation.actions.assignments import calibrate
from annotation.actions.campaigns import open_calibration
from annotation.errors import BadInput, Conflict
from annotation.models import Campaign
from webapp.access import SignedInRequest
from webapp.organiser.access import find_campaign, organisers
from webapp.wording import say

from .forms import AnchorsForm, CalibrationForm, RuleForm


@require_http_methods(["GET", "HEAD", "POST"])
@organisers
def calibration(request: SignedInRequest, slug: str) -> HttpResponse:
    """Show a campaign's calibration, or ask for one; a POST opens it, or changes its rule."""
    campaign = find_campaign(request, slug)
    data = request.POST if request.method == "POST" else None
    form: RuleForm
    if campaign.calibration is None:
        form = CalibrationForm(campaign, request.user, data)
    else:
        rule = campaign.calibration.rule
        form = RuleForm(data, initial={"farthest": rule.farthest, "least_rank": rule.least_rank})
    if form.is_valid():
        try:
            messages.success(request, _store(campaign, form, request))
        except (BadInput, Conflict) as error:
            form.add_error(None, say(error))
        else:
            return redirect("organiser:calibration", slug=slug)
    context = {
        "campaign": campaign,
        "form": form,
        "anchors_form": AnchorsForm(campaign, request.user),
        "people": people(campaign) if campaign.calibration else [],
    }
    return render(request, "organiser/calibration/calibration.html", context, status=422 if form.errors else 200)


@require_POST
@organisers
def compare_with(request: SignedInRequest, slug: str) -> HttpResponse:
    """Name the calibration whose anchor images are compared with."""
    campaign = find_campaign(request, slug)
    form = AnchorsForm(campaign, request.user, request.POST)
    if form.is_valid():
        open_calibration.choose_anchor_set(campaign, form.cleaned_data["anchors_of"], by=request.user)
        messages.success(request, _("These anchor images are compared with from now on."))
    else:
        messages.error(request, " ".join(map(str, form.errors["anchors_of"])))
    return redirect("organiser:calibration", slug=slug)


@require_POST
@organisers
def decide(request: SignedInRequest, slug: str) -> HttpResponse:
    """Let somebody through, ask them anew, or take the panel's answers anew."""
    campaign = find_campaign(request, slug)
    if campaign.calibration is None:
        raise Http404
    verb = request.POST.get("verb", "")
    if verb == "panel":
        count = open_calibration.take_panel_scores_anew(campaign, by=request.user)
        messages.success(request, _("The panel's answers on %(n)s anchors are the reference now.") % {"n": count})
        return redirect("organiser:calibration", slug=slug)
    memberships = campaign.memberships.filter(user__username=request.POST.get("person", ""), annotator=True)
    membership = memberships.select_related("campaign__rubric_version", "user").first()
    if membership is None or verb not in ("through", "anew"):
        raise Http404
    if verb == "through":
        open_calibration.let_annotator_through(membership, by=request.user)
        messages.success(request, _("%(name)s may begin.") % {"name": membership.user})
    else:
        open_calibration.ask_anchors_anew(membership, by=request.user)
        messages.success(request, _("%(name)s is asked the anchors anew.") % {"name": membership.user})
    return redirect("organiser:calibration", slug=slug)


def people(campaign: Campaign) -> list[dict[str, Any]]:
    """Return where everyone stands who takes part."""
    rows = []
    for membership in campaign.memberships.annotators().select_related("user", "campaign"):
        standing = calibrate.standing_of(calibrate.calibration_of(campaign), membership.user_id)
        lacks_calibration = policy.lacks_calibration(membership)
        meets_rule = calibrate.meets_rule(membership, standing)
        # Whoever was let through lacks nothing, whether or not they meet the rule.
        rows.append({"user": membership.user, "standing": standing, "may_begin": meets_rule or not lacks_calibration})
    return rows


def _store(campaign: Campaign, form: RuleForm, request: SignedInRequest) -> str:
    if isinstance(form, CalibrationForm):
        values = form.cleaned_data
        open_calibration.open_calibration(
            campaign, values["panel"], rule=form.rule(), anchors=values["anchors"], by=request.user
        )
        return _("The calibration is open: everyone judges the anchors before they begin.")
    open_calibration.change_calibration_rule(campaign, form.rule(), by=request.user)
    return _("The rule holds from now on.")
