"""Annotators' campaigns, the page on which they judge, and what they may still correct."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe

from annotation import policy
from annotation.actions.agreement.measure_retest import measure_own_consistency
from annotation.actions.assignments import calibrate
from annotation.models import Assignment, Campaign, Message, Revision, SendBack, SendBackQuerySet, ViewingCheck
from annotation.roles import ANNOTATE
from webapp.access import SignedInRequest, room_of
from webapp.workspace import rubric_form


@require_safe
@room_of(ANNOTATE)
def home(request: HttpRequest) -> HttpResponse:
    """List the person's campaigns with what is done and what is left."""
    campaigns = Campaign.objects.visible_to(request.user).in_which(request.user, ANNOTATE)
    campaigns = campaigns.select_related("calibration", "calibrates")
    rows = [home_row(request, campaign) for campaign in campaigns]
    threads = Message.objects.threads_of(request.user)
    n_replied = threads.exclude(author=request.user.pk).count()
    context = {"campaigns": rows, "n_questions": threads.count(), "n_replied": n_replied}
    return render(request, "workspace/annotate/home.html", context)


def home_row(request: HttpRequest, campaign: Campaign) -> dict[str, Any]:
    """Return what a campaign's card says: how far the person is, and whether they calibrate first."""
    calibrates_first = campaign.calibration is not None and policy.lacks_calibration(
        campaign.memberships.select_related("campaign").get(user=request.user.pk)
    )
    consistency = measure_own_consistency(campaign, request.user)
    row = {"campaign": campaign, "calibrates_first": calibrates_first, "consistency": consistency}
    sent_back = set(sent_back_to(request, campaign).values_list("assignment", flat=True))
    correctable = campaign.assignments.of(request.user).correctable_in(campaign, timezone.now())
    row["correctable"] = correctable.exclude(pk__in=sent_back).count()
    row["n_sent_back"] = len(sent_back)
    return row | campaign.entries.progress_of(request.user, campaign)


@require_safe
@room_of(ANNOTATE)
def recent(request: HttpRequest, slug: str) -> HttpResponse:
    """List the person's annotations that they may still correct."""
    campaign = own_campaign(request, slug)
    assignments = campaign.assignments.of(request.user).correctable_in(campaign, timezone.now())
    correction_time = timedelta(minutes=campaign.correction_minutes)
    rows: list[dict[str, Any]] = [
        {"assignment": assignment, "deadline": assignment.finished_at + correction_time}
        for assignment in assignments.select_related("image")
        if assignment.finished_at
    ]
    # What was sent back stands above, with the word that goes with it.
    sent_back = sent_back_to(request, campaign).select_related("assignment__image")
    asked = {row.assignment_id for row in sent_back}
    context = {
        "campaign": campaign,
        "annotations": [row for row in rows if row["assignment"].pk not in asked],
        "sent_back": sent_back,
    }
    return render(request, "workspace/annotate/recent.html", context)


@require_safe
# Scripts read the token from the cookie, which Django sends by itself only where a template uses the token.
@ensure_csrf_cookie
@room_of(ANNOTATE)
def annotate(request: SignedInRequest, slug: str) -> HttpResponse:
    """Show the judging page: the same for every assignment, filled in by what the API hands out.

    With `?correct=ID` it opens that annotation of the person's own instead of asking for the next image.
    """
    campaign = own_campaign(request, slug)
    membership = campaign.memberships.select_related("campaign").get(user=request.user.pk)
    # Consent comes before the first image of all, those of the calibration included.
    if policy.lacks_consent(membership):
        return redirect("workspace:consent", slug=slug)
    if policy.lacks_calibration(membership):
        standing = calibrate.standing_of(calibrate.calibration_of(campaign), request.user.pk)
        if not calibrate.meets_rule(membership, standing):
            return redirect("workspace:calibration", slug=slug)
    language = get_language() or "en"
    context = {
        "campaign": campaign,
        "rubric": campaign.rubric,
        "rubric_version": campaign.rubric_version.number,
        "attributes": rubric_form.attributes(campaign.rubric, language, request.user.pk),
        "categories": rubric_form.categories(campaign.rubric, language),
        "scale": rubric_form.scale(campaign.rubric),
        "correct": own_annotation(request, campaign),
        "n_sent_back": sent_back_to(request, campaign).count(),
        "check_viewing": ViewingCheck.objects.is_due(request.user, timezone.now()),
        "seconds_today": Revision.objects.seconds_since(request.user, start_of_day()),
    }
    return render(request, "workspace/annotate/annotate.html", context)


def start_of_day() -> datetime:
    """Return when today began, where the server is."""
    return timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)


def own_campaign(request: HttpRequest, slug: str) -> Campaign:
    """Return a campaign this person takes part in, whether or not it hands out work now, else raise Http404."""
    # A paused one too: what was begun may be finished, and what was given may be corrected for a while.
    campaigns = Campaign.objects.visible_to(request.user).in_which(request.user, ANNOTATE)
    return get_object_or_404(campaigns.select_related("rubric_version"), slug=slug)


def sent_back_to(request: HttpRequest, campaign: Campaign) -> SendBackQuerySet:
    """Return what was sent back to the person in a campaign and waits for them."""
    return SendBack.objects.waiting().to(request.user).filter(assignment__campaign=campaign)


def own_annotation(request: HttpRequest, campaign: Campaign) -> Assignment | None:
    """Return the assignment that the address asks to correct, None when it asks for none; else raise Http404."""
    if "correct" not in request.GET:
        return None
    assignments = campaign.assignments.of(request.user).correctable_in(campaign, timezone.now())
    assignments |= campaign.assignments.filter(pk__in=sent_back_to(request, campaign).values("assignment"))
    try:
        return get_object_or_404(assignments, pk=request.GET["correct"])
    # What stands in the address may be no UUID at all.
    except ValidationError as error:
        raise Http404 from error
