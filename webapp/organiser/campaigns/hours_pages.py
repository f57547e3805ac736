"""The hours people worked in a campaign, on a page and as CSV."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from annotation.models import Campaign, Revision
from webapp.access import SignedInRequest
from webapp.accounts.models import User
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
    """What one person did: `seconds` in all, `median_seconds` an image (None where no time was measured)."""

    person: User
    annotations: int
    seconds: int
    median_seconds: float | None
    days: int
    withdrawn: bool

    @property
    def hours(self) -> float:
        """Return the time in hours."""
        return self.seconds / 3600


@require_safe
@organisers
def hours(request: SignedInRequest, slug: str) -> HttpResponse:
    """Show the hours everyone worked."""
    campaign = find_campaign(request, slug)
    rows = hours_by_person(campaign)
    totals = {"annotations": sum(row.annotations for row in rows), "hours": sum(row.hours for row in rows)}
    return render(request, "organiser/campaigns/hours.html", {"campaign": campaign, "rows": rows, "totals": totals})


@require_safe
@organisers
def hours_csv(request: SignedInRequest, slug: str) -> HttpResponse:
    """Send the hours everyone worked as CSV, for a spreadsheet."""
    campaign = find_campaign(request, slug)
    rows = [_csv_row(row) for row in hours_by_person(campaign)]
    return csv_response(f"{campaign.slug}-hours.csv", COLUMNS, rows, byte_order_mark=True)


def _csv_row(row: PersonHours) -> list[Any]:
    return [
        row.person.username,
        row.person.pseudonym,
        "yes" if row.person.simulated else "no",
        row.annotations,
        f"{row.hours:.2f}",
        "" if row.median_seconds is None else f"{row.median_seconds:g}",
        row.days,
        "yes" if row.withdrawn else "no",
    ]


def hours_by_person(campaign: Campaign) -> list[PersonHours]:
    """Return what everyone did who has answered here, by name; repeats and surplus count, imported answers do not.

    Whoever withdrew has worked all the same, and is marked.
    """
    seconds_by_person: dict[int, list[int | None]] = {}
    # Imported answers took their time elsewhere, if anybody knows how much.
    for person, seconds in campaign.annotations.filter(imported=False).seconds_spent():
        seconds_by_person.setdefault(person, []).append(seconds)
    days = Revision.objects.filter(annotation__campaign=campaign, annotation__imported=False).days_active()
    people = User.objects.filter(pk__in=seconds_by_person).order_by("username")
    withdrawn = set(campaign.withdrawals.values_list("person", flat=True))
    return [
        _person_hours(person, seconds_by_person[person.pk], days[person.pk], person.pk in withdrawn)
        for person in people
    ]


def _person_hours(person: User, times: list[int | None], days: int, withdrawn: bool) -> PersonHours:
    # A time that was not measured is not a time of zero, which would pull the median down.
    seconds = [time for time in times if time is not None]
    return PersonHours(person, len(times), sum(seconds), median(seconds) if seconds else None, days, withdrawn)
