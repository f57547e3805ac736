"""Say what stands in the way of a release, and which version it would be."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from django.db.models import Q

from annotation.actions.ratings import imported_contents
from annotation.dataset.read.diff import MAJOR, MINOR, PATCH
from annotation.dataset.read.versions import parts
from annotation.errors import ReleaseRefused
from annotation.models import Campaign, CampaignImage, Consensus, Release, Revision, RubricVersion
from annotation.phrases import phrase as _

from . import contents as release_contents
from .scope import EVERYTHING, Asked, campaigns_of, query_now, slugs_of

DOI = re.compile(r"10\.\d{4,9}/\S+")


def check(campaign: Campaign, version: str, folder: Path, asked: Asked = EVERYTHING) -> None:
    """Raise ReleaseRefused when this version of this campaign may not be published to this folder."""
    objection = next(objections(campaign, version, folder, asked), None)
    if objection is not None:
        raise ReleaseRefused(objection)


def objections(campaign: Campaign, version: str, folder: Path, asked: Asked = EVERYTHING) -> Iterator[str]:
    """Say all that stands in the way of publishing this version of this campaign to this folder."""
    newest = newest_release(campaign)
    try:
        wanted = parts(version)
    except ValueError as error:
        yield str(error)
    else:
        if newest is not None and wanted <= parts(newest.version):
            yield _(
                "version %(version)s does not come after %(newest)s, the newest one of %(campaign)s",
                version=version,
                newest=newest.version,
                campaign=campaign.slug,
            )
    if asked.doi and not DOI.fullmatch(asked.doi):
        yield _("%(doi)s is no DOI; one such as 10.5281/zenodo.1234 is accepted", doi=asked.doi)
    if folder.exists():
        yield _("%(folder)s is there already; choose another folder or version", folder=folder)
    misfits = [*_misfits(campaign, asked)]
    yield from misfits or _lacks(campaign, asked)


def _misfits(campaign: Campaign, asked: Asked) -> Iterator[str]:
    """Say which of the further campaigns and rubric versions do not go with the campaign."""
    there = {one.slug: one for one in campaigns_of(campaign, asked.also)}
    for slug in asked.also:
        if slug not in there:
            yield _("campaign %(campaign)s is unknown", campaign=slug)
        elif slug == campaign.slug or asked.also.count(slug) > 1:
            yield _("campaign %(campaign)s is named twice; once is accepted", campaign=slug)
        elif there[slug].rubric_version_id != campaign.rubric_version_id:
            yield _(
                "%(other)s goes by %(theirs)s, and %(campaign)s by %(ours)s; campaigns by the same rubric are accepted",
                other=slug,
                theirs=there[slug].rubric_version,
                campaign=campaign.slug,
                ours=campaign.rubric_version,
            )
        elif there[slug].is_demo != campaign.is_demo:
            yield _(
                "%(other)s is a demo, or %(campaign)s is; both or neither are accepted",
                other=slug,
                campaign=campaign.slug,
            )
    published = RubricVersion.objects.published().filter(slug=campaign.rubric_version.slug)
    numbers = list(published.values_list("number", flat=True))
    for number in asked.rubric_versions:
        if number not in numbers:
            accepted = ", ".join(map(str, numbers))
            yield _("rubric version %(number)s is unknown; accepted: %(accepted)s", number=number, accepted=accepted)


def _lacks(campaign: Campaign, asked: Asked) -> Iterator[str]:
    """Say what answers are missing, or are not to be released."""
    for one in campaigns_of(campaign, asked.also):
        if not one.is_demo and one.annotations.filter(simulated=True).exists():
            yield _("%(campaign)s holds simulated answers, which only a demo campaign may release", campaign=one.slug)
    query = query_now(campaign, asked)
    if asked.least_answers < 1:
        yield _(
            "%(least)s answers an image are too few; a whole number from 1 on is accepted", least=asked.least_answers
        )
    elif not release_contents.counted(campaign, query).exists():
        yield _("%(campaign)s has no answer yet that counts, so there is nothing to release", campaign=campaign.slug)
    elif not release_contents.entries(campaign, query).exists():
        yield _(
            "no image of %(campaign)s that is not excluded has %(least)s answers that count",
            campaign=campaign.slug,
            least=asked.least_answers,
        )


def newest_release(campaign: Campaign) -> Release | None:
    """Return the campaign's published release with the highest version."""
    return max(campaign.releases.done(), key=lambda release: parts(release.version), default=None)


def likely_level(campaign: Campaign, asked: Asked = EVERYTHING) -> str:
    """Foresee which number of the version the next release will have to raise, without building it."""
    newest = newest_release(campaign)
    if newest is None or "last_revision" not in newest.query:
        return MINOR
    old, now, before = newest.query, [campaign.slug, *asked.also], slugs_of(campaign, newest.query)
    released = release_contents.entries(campaign, old).values("image")
    here = Q(annotation__campaign__slug__in=now)
    answered = Revision.objects.filter(here, Q(pk__gt=old["last_revision"]) | ~Q(annotation__campaign__slug__in=before))
    adjudicated = Consensus.objects.filter(pk__gt=old["last_consensus"], case__campaign__slug__in=now)
    entries = CampaignImage.objects.filter(campaign__slug__in=now)
    returning = entries.filter(image__sha256__in=old.get("listed", {}).keys() - asked.listed.keys())
    if (
        not set(before) <= set(now)
        or list(asked.rubric_versions) != old.get("rubric_versions", [])
        or answered.filter(annotation__image__in=released).exists()
        or adjudicated.filter(case__image__in=released).exists()
        or imported_contents.came_since(campaigns_of(campaign, asked.also), old, released)
        or len(release_contents.tombstones(campaigns_of(campaign, asked.also))) != len(old["withdrawn"])
        or entries.filter(excluded=True, image__in=released).exists()
        or entries.filter(image__sha256__in=asked.listed, image__in=released).exists()
    ):
        return MAJOR
    return MINOR if answered.exists() or returning.exists() else PATCH
