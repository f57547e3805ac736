"""Show campaigns to whoever runs them, and queue what they ask for."""

from __future__ import annotations

import logging
from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from annotation.errors import QueueDown
from annotation.models import PRESET_SHARES, Arm, Campaign, Message, NearDuplicatePair, Preset, Report, RubricVersion
from annotation.roles import ORGANISE
from annotation.rubric.schema import localise
from annotation.tasks.agreement import measure_agreement
from annotation.tasks.queueing import queue
from webapp.access import SignedInRequest, room_of
from webapp.organiser.prefills.forms import PrefillForm

from .change_forms import FORMS

logger = logging.getLogger(__name__)
RUNS_SHOWN = 5
RELEASES_SHOWN = 10

organisers = room_of(ORGANISE)


@require_safe
@organisers
def home(request: SignedInRequest) -> HttpResponse:
    """List the campaigns this person organises with how far they are."""
    campaigns = Campaign.objects.in_which(request.user, ORGANISE).with_counts()
    return render(request, "organiser/campaigns/home.html", {"campaigns": campaigns})


@require_safe
@organisers
def campaign(request: SignedInRequest, slug: str) -> HttpResponse:
    """Show one campaign: progress, people, model runs, agreement, releases."""
    return show_campaign(request, find_campaign(request, slug))


def show_campaign(request: SignedInRequest, found: Campaign, status: int = 200, **bound: forms.Form) -> HttpResponse:
    """Show the page of a campaign; `bound` are forms, by their names in `FORMS`, to show with what was typed."""
    context: dict[str, Any] = {name: form(found) for name, form in FORMS.items() if name not in bound}
    context |= bound
    context |= {
        "campaign": found,
        "preset_note": preset_note(found),
        "progress": found.progress(),
        "later": RubricVersion.objects.after(found.rubric_version).exists(),
        "people": found.memberships.select_related("user").with_answers().order_by("user__username"),
        "waiting": Message.objects.threads_in(found).waiting().count(),
        "near_duplicates": NearDuplicatePair.objects.touching(found).decided_by(request.user).undecided().count(),
        "subcategories": subcategories(found, get_language() or "en"),
        "runs": found.runs.select_related("model_version")[:RUNS_SHOWN],
        "prefill_form": PrefillForm(),
        "report": (newest := found.reports.whole().first()),
        "headline": headline(newest),
        "releases": found.releases.all()[:RELEASES_SHOWN],
    }
    return render(request, "organiser/campaigns/campaign.html", context, status=status)


@require_POST
@organisers
def measure(request: SignedInRequest, slug: str) -> HttpResponse:
    """Queue a new report of agreement."""
    found = find_campaign(request, slug)
    words = _("Agreement is being computed. Reload this page in a moment to see the new report.")
    ask(request, words, measure_agreement, found.pk, request.user.pk)
    return back(request, found, None, "agreement")


def ask(request: SignedInRequest, words: str, task: Any, *arguments: Any, otherwise: str = "") -> None:
    """Queue a task and say so in `words`; while the queue is down nothing is queued, and `otherwise` says that."""

    def send() -> None:
        try:
            queue(task, *arguments)
        except QueueDown as error:
            logger.error("%s was not queued: %s", task.name, error)
            refusal = _("The queue cannot be reached, so nothing was started. Try again in a moment.")
            messages.error(request, otherwise or refusal)
        else:
            messages.success(request, words)

    transaction.on_commit(send)


def find_campaign(request: SignedInRequest, slug: str) -> Campaign:
    """Return a campaign this person organises, else raise Http404."""
    campaigns = Campaign.objects.in_which(request.user, ORGANISE)
    return get_object_or_404(campaigns.select_related("rubric_version", "shown_model"), slug=slug)


def subcategories(campaign: Campaign, language: str) -> list[dict[str, Any]]:
    """Return the campaign's subcategories in the rubric's order, with how many images and answers each has."""
    tally = campaign.entries.tally()
    rows = []
    for key, subcategory in campaign.rubric.subcategories.items():
        if key not in tally:
            continue
        images, answers = tally[key]
        wanted = images * campaign.answers_per_image
        name = localise(subcategory.name, language)
        rows.append({"name": name, "images": images, "answers": answers, "wanted": wanted})
    return rows


def preset_note(campaign: Campaign) -> str:
    """Say which presets are closed to a campaign under way, and why; empty when all are open."""
    closed = [Preset(name).label for name, shares in PRESET_SHARES.items() if shares[Arm.BLIND] < campaign.blind_share]
    if campaign.state == Campaign.State.DRAFT or not closed:
        return ""
    return _(
        "The blind share of %(share)s %% stays for the life of the campaign: without it anchoring could not be "
        "told from taste. So these are closed: %(presets)s."
    ) % {"share": campaign.blind_share, "presets": ", ".join(map(str, closed))}


def headline(report: Report | None) -> dict[str, Any] | None:
    """Return what a report says about the holistic score, with its interval by name and the confidence in per cent."""
    if report is None:
        return None
    figure = report.figures["holistic"]
    low, high = figure["interval"] or (None, None)
    return {**figure, "low": low, "high": high, "confidence": round(100 * report.figures["confidence"])}


def back(request: SignedInRequest, campaign: Campaign, form: forms.Form | None, section: str) -> HttpResponse:
    """Return to a section of the campaign's page; say what was wrong with the form, if anything was."""
    for errors in form.errors.values() if form else ():
        messages.error(request, " ".join(map(str, errors)))
    response = redirect("organiser:campaign", slug=campaign.slug)
    response["Location"] += f"#{section}"
    return response
