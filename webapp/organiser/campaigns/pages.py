"""The pages of campaigns: all of them, one of them, its agreement measured anew."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from annotation.models import Campaign, NearDuplicatePair, RubricVersion
from annotation.roles import ORGANISE
from annotation.tasks.agreement import measure_agreement
from webapp.access import SignedInRequest
from webapp.organiser.access import find_campaign, organisers
from webapp.organiser.prefills.forms import PrefillForm, ShownModelForm
from webapp.organiser.queueing import queue_task, to_section

from .change_forms import FORMS
from .overview import headline, people, preset_note, subcategories
from .readiness import MISSING, steps_to_opening
from .stuck import stuck_work

RUNS_SHOWN = 5
RELEASES_SHOWN = 10


@require_safe
@organisers
def home(request: SignedInRequest) -> HttpResponse:
    """List the campaigns this person organises with how far they are."""
    organised = Campaign.objects.in_which(request.user, ORGANISE).with_counts()
    campaigns = list(organised.select_related("rubric_version", "calibrates"))
    stuck = stuck_work(campaigns)
    rows = [(campaign, stuck.get(campaign.pk)) for campaign in campaigns]
    return render(request, "organiser/campaigns/home.html", {"rows": rows})


@require_safe
@organisers
def campaign(request: SignedInRequest, slug: str) -> HttpResponse:
    """Show one campaign: progress, people, model runs, agreement, releases."""
    return show_campaign(request, find_campaign(request, slug))


def show_campaign(
    request: SignedInRequest, campaign: Campaign, status: int = 200, **bound_forms: forms.Form
) -> HttpResponse:
    """Show the page of a campaign; `bound_forms` are forms, by their names in `FORMS`, to show with what was typed."""
    # A form that was refused keeps what was typed; only the others start from what is stored.
    context: dict[str, Any] = {name: form(campaign) for name, form in FORMS.items() if name not in bound_forms}
    context |= bound_forms
    context |= {
        "campaign": campaign,
        "stuck": (stuck := stuck_work([campaign]).get(campaign.pk, {})),
        "preset_note": preset_note(campaign),
        "steps": (steps := steps_to_opening(campaign) if campaign.state == Campaign.State.DRAFT else []),
        "is_ready": all(step.state != MISSING for step in steps),
        "progress": (progress := campaign.progress()),
        "has_later_rubric": RubricVersion.objects.after(campaign.rubric_version).exists(),
        "left_aside": campaign.left_aside(progress),
        "people": people(campaign),
        "n_open_questions": stuck.get("questions", 0),
        "n_skipped": stuck.get("skips", 0),
        "near_duplicates": NearDuplicatePair.objects.touching(campaign).decided_by(request.user).undecided().count(),
        "subcategories": subcategories(campaign, get_language() or "en"),
        "runs": campaign.runs.select_related("model_version")[:RUNS_SHOWN],
        "prefill_form": PrefillForm(),
        "shown_model_form": ShownModelForm(campaign),
        "report": (report := campaign.reports.whole().first()),
        "headline": headline(report),
        "releases": campaign.releases.defer("record")[:RELEASES_SHOWN],
    }
    return render(request, "organiser/campaigns/campaign.html", context, status=status)


@require_POST
@organisers
def measure(request: SignedInRequest, slug: str) -> HttpResponse:
    """Queue a new report of agreement."""
    campaign = find_campaign(request, slug)
    words = _("Agreement is being computed. Reload this page in a moment to see the new report.")
    queue_task(request, words, measure_agreement, campaign.pk, request.user.pk)
    return to_section(campaign, "agreement")
