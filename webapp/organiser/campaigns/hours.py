"""Report the hours people worked in a campaign, on a page and as CSV."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from statistics import median

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from annotation.models import Campaign, Revision
from webapp.access import SignedInRequest
from webapp.accounts.models import User

from .pages import find_campaign, organisers

COLUMNS = ("person", "pseudonym", "simulated", "answers", "hours", "median_seconds_per_image", "days_active")
FORMULA_SIGNS = ("=", "+", "-", "@")


@dataclass(frozen=True)
class Worked:
    """Hold what one person did: `seconds` in all, `median_seconds` an image (None where no time was measured)."""

    person: User
    answers: int
    seconds: int
    median_seconds: float | None
    days: int

    @property
    def hours(self) -> float:
        """Return the time in hours."""
        return self.seconds / 3600


@require_safe
@organisers
def hours(request: SignedInRequest, slug: str) -> HttpResponse:
    """Show the hours everyone worked."""
    campaign = find_campaign(slug)
    rows = worked_in(campaign)
    totals = {"answers": sum(row.answers for row in rows), "hours": sum(row.hours for row in rows)}
    return render(request, "organiser/hours.html", {"campaign": campaign, "rows": rows, "totals": totals})


@require_safe
@organisers
def hours_csv(request: SignedInRequest, slug: str) -> HttpResponse:
    """Send the hours everyone worked as CSV, with the byte order mark by which spreadsheets know UTF-8."""
    campaign = find_campaign(slug)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{campaign.slug}-hours.csv"'
    response.write("\ufeff")
    writer = csv.writer(response)
    writer.writerow(COLUMNS)
    for row in worked_in(campaign):
        name = row.person.username
        middle = "" if row.median_seconds is None else f"{row.median_seconds:g}"
        # A spreadsheet takes a leading sign for a formula.
        writer.writerow(
            [
                f"'{name}" if name.startswith(FORMULA_SIGNS) else name,
                row.person.pseudonym,
                "yes" if row.person.simulated else "no",
                row.answers,
                f"{row.hours:.2f}",
                middle,
                row.days,
            ]
        )
    return response


def worked_in(campaign: Campaign) -> list[Worked]:
    """Return what everyone did who has answered here, by name; repeats and surplus count, imported answers do not."""
    spent: dict[int, list[int | None]] = {}
    for person, seconds in campaign.annotations.filter(imported=False).seconds_spent():
        spent.setdefault(person, []).append(seconds)
    days = Revision.objects.filter(annotation__campaign=campaign, annotation__imported=False).days_active()
    people = User.objects.filter(pk__in=spent).order_by("username")
    return [_worked(person, spent[person.pk], days[person.pk]) for person in people]


def _worked(person: User, spent: list[int | None], days: int) -> Worked:
    measured = [seconds for seconds in spent if seconds is not None]
    return Worked(person, len(spent), sum(measured), median(measured) if measured else None, days)
