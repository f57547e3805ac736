"""What is counted, as the tallies say it and as a recount does."""

from __future__ import annotations

from typing import Any

from django.db import connection

from annotation.models import CampaignImage, ImageTally, PersonTally, Run
from annotation.models.tally_triggers import OF_ANNOTATION, OF_ASSIGNMENT, OF_ENTRY, recount

IMAGE_COUNTS = tuple(OF_ENTRY)
PERSON_COUNTS = (*OF_ASSIGNMENT, "given", *OF_ANNOTATION)

Counts = dict[Any, tuple[float, ...]]


def kept_counts() -> dict[str, Counts]:
    """Return all counts that are kept, but for what nothing is counted of."""
    images: Counts = {}
    people: Counts = {}
    for campaign in CampaignImage.objects.order_by().values_list("campaign", flat=True).distinct():
        tallies = ImageTally.objects.filter(campaign=campaign).totals_by("subcategory", *IMAGE_COUNTS)
        images |= {(campaign, key): row for key, row in tallies.items() if any(row)}
        tallies = PersonTally.objects.filter(campaign=campaign).totals_by("person", *PERSON_COUNTS)
        people |= {(campaign, key): row for key, row in tallies.items() if any(row)}
    entries: Counts = {row[0]: row[1:] for row in CampaignImage.objects.values_list("pk", "answered", "had")}
    runs: Counts = {run.pk: (*run.counts().values(), *run.spent().values()) for run in Run.objects.all()}
    return {"images": images, "people": people, "entries": entries, "runs": runs}


def check_counts() -> None:
    """Hold all counts that are kept to a recount."""
    kept = kept_counts()
    recount(connection)
    assert kept == kept_counts()
