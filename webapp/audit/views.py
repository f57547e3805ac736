"""Show whoever checks our work everything, and change nothing."""

from __future__ import annotations

import csv
from dataclasses import astuple, fields

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from annotation.models import Campaign, Event, Report
from annotation.roles import Role
from webapp.access import SignedInRequest, role_required

from .analysis import stored_of
from .figures import Row, arms_of, details_of, pairs_of, rows_of
from .plot import forest_plot

EVENTS_A_PAGE = 50
EARLIER_REPORTS = 10

auditors = role_required(Role.AUDITOR, Role.ORGANISER)


@require_safe
@auditors
def home(request: SignedInRequest) -> HttpResponse:
    """List the campaigns with what there is to check."""
    campaigns = Campaign.objects.visible_to(request.user).with_counts()
    return render(request, "audit/home.html", {"campaigns": campaigns})


@require_safe
@auditors
def agreement(request: SignedInRequest, slug: str) -> HttpResponse:
    """Show the newest report on a campaign, or say that there is none yet."""
    campaign = find_campaign(request, slug)
    newest = campaign.reports.whole().select_related("campaign__rubric_version", "requested_by").first()
    if newest is None:
        return render(request, "audit/no_report.html", {"campaign": campaign, "here": "agreement"})
    return _show(request, newest)


@require_safe
@auditors
def report(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show one report at its permanent address."""
    reports = Report.objects.select_related("campaign__rubric_version", "requested_by")
    return _show(request, get_object_or_404(reports, pk=pk))


@require_safe
@auditors
def report_csv(request: SignedInRequest, pk: int) -> HttpResponse:
    """Send a report's table as CSV."""
    found = get_object_or_404(Report.objects.select_related("campaign__rubric_version"), pk=pk)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="agreement-{found.campaign.slug}-{found.pk}.csv"'
    writer = csv.writer(response)
    writer.writerow(field.name for field in fields(Row))
    writer.writerows(astuple(row) for row in rows_of(found.figures, found.campaign.rubric, "en"))
    return response


@require_safe
@auditors
def releases(request: SignedInRequest, slug: str) -> HttpResponse:
    """List a campaign's releases, failed ones included."""
    campaign = find_campaign(request, slug)
    rows = campaign.releases.select_related("report", "requested_by").prefetch_related("withdrawals")
    return render(request, "audit/releases.html", {"campaign": campaign, "releases": rows, "here": "releases"})


@require_safe
@auditors
def events(request: SignedInRequest, slug: str) -> HttpResponse:
    """List what happened in a campaign, the newest first."""
    campaign = find_campaign(request, slug)
    rows = Event.objects.filter(chain__campaign=campaign).select_related("actor").order_by("-number")
    page = Paginator(rows, EVENTS_A_PAGE).get_page(request.GET.get("page"))
    context = {"campaign": campaign, "page": page, "chain": getattr(campaign, "event_chain", None), "here": "events"}
    return render(request, "audit/events.html", context)


def find_campaign(request: SignedInRequest, slug: str) -> Campaign:
    """Return a campaign this person may know of, else raise Http404."""
    return get_object_or_404(Campaign.objects.visible_to(request.user), slug=slug)


def _show(request: SignedInRequest, newest: Report) -> HttpResponse:
    language = get_language() or "en"
    rows = rows_of(newest.figures, newest.campaign.rubric, language)
    details = details_of(newest.figures)
    context = {
        "details": details,
        "pairs": pairs_of(details),
        "components": (details or {}).get("variance_components"),
        "steps": ((details or {}).get("decision_study") or {}).get("steps"),
        "arms": arms_of(newest.figures, newest.campaign.rubric, language),
        "report": newest,
        "campaign": newest.campaign,
        "rows": rows,
        "plot": forest_plot(rows),
        "stored": stored_of(newest),
        "earlier": newest.campaign.reports.exclude(pk=newest.pk)[:EARLIER_REPORTS],
        "here": "agreement",
    }
    return render(request, "audit/report.html", context)
