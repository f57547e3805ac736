"""Work out how long people worked."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median

from annotation.models import Campaign, Revision


@dataclass(frozen=True)
class Hours:
    """What a person, named by key, did: `seconds` in all, the median of an image (None where no time was measured)."""

    person: int
    annotations: int
    seconds: int
    median_seconds: float | None
    days: int


def measure_hours(campaign: Campaign) -> list[Hours]:
    """Return what everyone did who has answered here; repeats and surplus count, imported answers do not."""
    seconds_by_person: dict[int, list[int | None]] = {}
    # Imported answers took their time elsewhere, if anybody knows how much.
    for person, seconds in campaign.annotations.filter(imported=False).seconds_spent():
        seconds_by_person.setdefault(person, []).append(seconds)
    days = Revision.objects.filter(annotation__campaign=campaign, annotation__imported=False).days_active()
    return [_hours(person, times, days[person]) for person, times in seconds_by_person.items()]


def _hours(person: int, times: list[int | None], days: int) -> Hours:
    # A time that was not measured is not a time of zero, which would pull the median down.
    seconds = [time for time in times if time is not None]
    return Hours(person, len(times), sum(seconds), median(seconds) if seconds else None, days)
