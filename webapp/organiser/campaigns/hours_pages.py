"""The hours people worked in a campaign, on a page and as CSV."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from annotation.actions.figures.hours import Hours
from annotation.models import Campaign
from webapp.access import SignedInRequest
from webapp.accounts.models import User
from webapp.figures import kept_figures
from webapp.organiser.access import find_campaign, organisers
from webapp.tables.csv_response import csv_response

COLUMNS = (
    "person",
    "pseudonym",
    "simulated",
    "annotations",
    "hours",
    "median_seconds_per_image",
    "days_active",
    "withdrawn",
)


@dataclass(frozen=True)
class PersonHours:
    """What one person did, and whether they withdrew since."""

    person: User
    did: Hours
    withdrawn: bool

    @property
    def hours(self) -> float:
        """Return the time in hours."""
        return self.did.seconds / 3600


@require_safe
@organisers
def hours(request: SignedInRequest, slug: str) -> HttpResponse:
    """Show the hours everyone worked."""
    campaign = find_campaign(request, slug)
    figures = kept_figures(campaign, "hours")
    rows = hours_by_person(campaign, figures.content or [])
    totals = {"annotations": sum(row.did.annotations for row in rows), "hours": sum(row.hours for row in rows)}
    context = {"campaign": campaign, "figures": figures, "rows": rows, "totals": totals}
    return render(request, "organiser/campaigns/hours.html", context)


@require_safe
@organisers
def hours_csv(request: SignedInRequest, slug: str) -> HttpResponse:
    """Send the hours everyone worked as CSV, for a spreadsheet."""
    campaign = find_campaign(request, slug)
    figures = kept_figures(campaign, "hours")
    if figures.content is None:
        return redirect("organiser:hours", slug=slug)
    rows = [_csv_row(row) for row in hours_by_person(campaign, figures.content)]
    return csv_response(f"{campaign.slug}-hours.csv", COLUMNS, rows, byte_order_mark=True)


def _csv_row(row: PersonHours) -> list[Any]:
    return [
        row.person.username,
        row.person.pseudonym,
        "yes" if row.person.simulated else "no",
        row.did.annotations,
        f"{row.hours:.2f}",
        "" if row.did.median_seconds is None else f"{row.did.median_seconds:g}",
        row.did.days,
        "yes" if row.withdrawn else "no",
    ]


def hours_by_person(campaign: Campaign, hours: list[Hours]) -> list[PersonHours]:
    """Return what everyone did, by name; whoever withdrew has worked all the same, and is marked."""
    by_person = {row.person: row for row in hours}
    withdrawn = set(campaign.withdrawals.values_list("person", flat=True))
    people = User.objects.filter(pk__in=by_person).order_by("username")
    return [PersonHours(person, by_person[person.pk], person.pk in withdrawn) for person in people]
