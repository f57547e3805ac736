"""Find or compute the report of agreement that a release carries: on the very answers inside it, and no others."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from annotation.actions.agreement.inputs import Cut, counted_at, cut, same_answers
from annotation.actions.agreement.measure_agreement import measure
from annotation.models import Campaign, CampaignImage, Release, Report

from .scope import Query, campaigns_of


def cuts_now(campaigns: list[Campaign]) -> dict[str, Cut]:
    """Return the cut-off of this moment for each campaign, by slug."""
    return {campaign.slug: cut(campaign) for campaign in campaigns}


def left_out(campaign: Campaign, query: Query, inside: QuerySet[CampaignImage]) -> dict[str, list[str]]:
    """Return whose answers, and answers to which images, a report would count that a release leaves out.

    `inside` are the images of the release. The query holds its `cuts`.
    """
    images: set[str] = set()
    raters: set[str] = set()
    for one in campaigns_of(campaign, tuple(query["also"])):
        there = counted_at(one, query["cuts"][one.slug]).order_by()
        if query["rubric_versions"]:
            there = there.filter(rubric_version__number__in=query["rubric_versions"])
        images.update(there.exclude(image__in=inside.values("image")).values_list("image__sha256", flat=True))
        gone = there.filter(annotator__pseudonym__in=query["people_left_out"])
        raters.update(gone.values_list("annotator__pseudonym", flat=True))
    return {"images": sorted(images), "raters": sorted(raters)} if images or raters else {}


def known_report(campaign: Campaign, query: Query) -> Report | None:
    """Return the newest report where it is on the answers of a release with this query, which says what it lacks."""
    reports = campaign.reports.on(query["also"], query["rubric_versions"], query["unreported"])
    newest = reports.first()
    if newest is None or "as_of" not in newest.query:
        return None
    theirs = {campaign.slug: newest.query["as_of"]} | {one["campaign"]: one for one in newest.query.get("also", ())}
    campaigns = campaigns_of(campaign, tuple(query["also"]))
    same = (same_answers(one, theirs[one.slug], query["cuts"][one.slug]) for one in campaigns)
    return newest if all(same) else None


def report_on(release: Release) -> Report:
    """Return the report that goes into a release, and note it in the record: one that is there, else a new one."""
    if release.report is None:
        release.report = known_report(release.campaign, release.query) or _measured(release)
        release.save(update_fields=["report"])
    return release.report


def _measured(release: Release) -> Report:
    query: dict[str, Any] = release.query
    first, *further = campaigns_of(release.campaign, tuple(query["also"]))
    return measure(
        first,
        by=None,
        also=further,
        rubric_versions=query["rubric_versions"],
        cuts=query["cuts"],
        left_out=query["unreported"],
    )
