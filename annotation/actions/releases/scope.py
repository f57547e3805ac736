"""Say in a query what goes into a release: the answers of which campaigns and rubric versions, which images, why not.

A query is JSON, kept in the release's record. It names campaigns by slug, the release's own first: where an image is in
several, the first of them says its subcategory, and where somebody answered it in several, the answer in the first
counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.db.models import Max
from django.utils import timezone

from annotation.actions.ratings import imported_contents
from annotation.dataset.contents.aggregates import WHICH_COUNT
from annotation.dataset.pages.exclusions import ADJUDICATED, LISTED, WITHDRAWN
from annotation.models import Campaign, Consensus, Revision, RubricVersion, Withdrawal

Query = Mapping[str, Any]


@dataclass(frozen=True)
class Asked:
    """Hold what is asked of a release beyond its campaign and version.

    In goes every image with `least_answers` answers that count but those `listed` (by SHA-256, with the reason). The
    answers are those of the campaign and of further ones, named by slug in `also`, by all rubric versions unless some
    are named by number. `doi` was reserved for the release.
    """

    least_answers: int = 1
    listed: Mapping[str, str] = field(default_factory=dict)
    also: tuple[str, ...] = ()
    rubric_versions: tuple[int, ...] = ()
    doi: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return the fields as JSON can carry them."""
        return asdict(self)

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Self:
        """Return what `to_json` gave, or what the query of a release was asked for."""
        return cls(
            least_answers=told.get("least_answers", 1),
            listed=dict(told.get("listed", {})),
            also=tuple(told.get("also", ())),
            rubric_versions=tuple(sorted(told.get("rubric_versions", ()))),
            doi=told.get("doi", ""),
        )


EVERYTHING = Asked()


def slugs_of(campaign: Campaign, query: Query) -> list[str]:
    """Return the campaigns of a release of this campaign, in order."""
    return [campaign.slug, *query.get("also", ())]


def moment_of(query: Query) -> datetime | None:
    """Return as of when answers count; None, for all times, in records from before that was kept."""
    return datetime.fromisoformat(query["at"]) if "at" in query else None


def rubric_of(campaign: Campaign, query: Query) -> RubricVersion:
    """Return the version of the rubric that was in force, whatever the campaign took up since."""
    own = campaign.rubric_version
    number = query.get("rubric", own.number)
    return own if own.number == number else RubricVersion.objects.get(slug=own.slug, number=number)


def other_rubrics_of(campaign: Campaign, query: Query) -> dict[str, RubricVersion]:
    """Return the further versions that answers of a release go by, by name."""
    numbers = query.get("other_rubrics", [])
    versions = RubricVersion.objects.filter(slug=campaign.rubric_version.slug, number__in=numbers).order_by("number")
    return {str(version): version for version in versions}


def campaigns_of(campaign: Campaign, also: tuple[str, ...]) -> list[Campaign]:
    """Return a campaign and those that are there of further ones, in order."""
    there = Campaign.objects.select_related("rubric_version").in_bulk(also, field_name="slug")
    return [campaign, *(there[slug] for slug in also if slug in there)]


def query_now(campaign: Campaign, asked: Asked) -> dict[str, Any]:
    """Return which answers and images are in a release as of now: everything stored so far but what is left out.

    Whoever withdrew from one of the campaigns, and what was left out in one of them, is left out of all.
    """
    campaigns = campaigns_of(campaign, asked.also)
    last = Revision.objects.filter(annotation__campaign__in=campaigns).aggregate(Max("pk"))["pk__max"]
    adjudicated = Consensus.objects.filter(case__campaign__in=campaigns).aggregate(Max("pk"))["pk__max"]
    withdrawn = Withdrawal.objects.filter(campaign__in=campaigns, person__isnull=False)
    left_out = {sha256: (LISTED, f"{LISTED}: {reason}") for sha256, reason in asked.listed.items()}
    for one in campaigns:
        left_out |= _left_out(one)
    return asked.to_json() | {
        "answers": WHICH_COUNT,
        "rubric": campaign.rubric_version.number,
        "at": timezone.now().isoformat(),
        "last_revision": last or 0,
        "last_consensus": adjudicated or 0,
        **imported_contents.newest_of(campaigns),
        "left_out": sorted(left_out),
        "excluded": [{"sha256": sha256, "kind": kind, "why": why} for sha256, (kind, why) in sorted(left_out.items())],
        "people_left_out": sorted(set(withdrawn.values_list("person__pseudonym", flat=True))),
        "seed": campaign.seed,
        "title": campaign.title,
        "description": campaign.description,
        "annotations_licence": campaign.annotations_licence,
        "statements": campaign.statements,
        "answers_per_image": campaign.answers_per_image,
        "part_images": settings.RELEASE_PART_IMAGES,
    }


def _left_out(campaign: Campaign) -> dict[str, tuple[str, str]]:
    """Return by whom and why each image is left out that an adjudicator took out or that was withdrawn, by SHA-256."""
    excluded = campaign.entries.filter(excluded=True).values_list("image__sha256", flat=True)
    adjudicated = Consensus.objects.filter(case__campaign=campaign, excluded=True).order_by("pk")
    withdrawn = Withdrawal.objects.filter(image__entries__campaign=campaign).order_by("pk")
    taken_out = dict.fromkeys(excluded, "") | dict(adjudicated.values_list("case__image__sha256", "reason"))
    gone = withdrawn.values_list("image__sha256", "reason")
    return {sha256: (ADJUDICATED, reason) for sha256, reason in taken_out.items()} | {
        sha256: (WITHDRAWN, f"{WITHDRAWN}: {reason}") for sha256, reason in gone
    }
