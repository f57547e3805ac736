"""Say what stands in the way of a release, and which version it would be."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from annotation.errors import ReleaseRefused
from annotation.exporters.diff import MAJOR, MINOR, PATCH
from annotation.exporters.versions import parts
from annotation.models import Annotation, Campaign, Consensus, Release, Revision
from annotation.phrases import phrase as _

from . import release_contents

DOI = re.compile(r"10\.\d{4,9}/\S+")


def check(
    campaign: Campaign,
    version: str,
    folder: Path,
    *,
    least_answers: int = 1,
    doi: str = "",
    listed: Mapping[str, str] = release_contents.NONE,
) -> None:
    """Raise ReleaseRefused when this version of this campaign may not be published to this folder."""
    found = objections(campaign, version, folder, least_answers=least_answers, doi=doi, listed=listed)
    objection = next(found, None)
    if objection is not None:
        raise ReleaseRefused(objection)


def objections(
    campaign: Campaign,
    version: str,
    folder: Path,
    *,
    least_answers: int = 1,
    doi: str = "",
    listed: Mapping[str, str] = release_contents.NONE,
) -> Iterator[str]:
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
    if doi and not DOI.fullmatch(doi):
        yield _("%(doi)s is no DOI; one such as 10.5281/zenodo.1234 is accepted", doi=doi)
    if folder.exists():
        yield _("%(folder)s is there already; choose another folder or version", folder=folder)
    if not campaign.is_demo and campaign.annotations.filter(simulated=True).exists():
        yield _("%(campaign)s holds simulated answers, which only a demo campaign may release", campaign=campaign.slug)
    if least_answers < 1:
        yield _("%(least)s answers an image are too few; a whole number from 1 on is accepted", least=least_answers)
    elif not Annotation.objects.filter(campaign=campaign).counted().untouched_by_model().exists():
        yield _("%(campaign)s has no answer yet that counts, so there is nothing to release", campaign=campaign.slug)
    elif not release_contents.entries(campaign, release_contents.query_now(campaign, least_answers, listed)).exists():
        yield _(
            "no image of %(campaign)s that is not left out has %(least)s answers that count",
            campaign=campaign.slug,
            least=least_answers,
        )


def newest_release(campaign: Campaign) -> Release | None:
    """Return the campaign's published release with the highest version."""
    return max(campaign.releases.done(), key=lambda release: parts(release.version), default=None)


def likely_level(campaign: Campaign, listed: Mapping[str, str] = release_contents.NONE) -> str:
    """Foresee which number of the version the next release will have to raise, without building it."""
    newest = newest_release(campaign)
    if newest is None or "last_revision" not in newest.query:
        return MINOR
    old = newest.query
    released = release_contents.entries(campaign, old).values("image")
    returning = campaign.entries.filter(image__sha256__in=old.get("listed", {}).keys() - listed.keys())
    answered = Revision.objects.filter(pk__gt=old["last_revision"], annotation__campaign=campaign)
    settled = Consensus.objects.filter(pk__gt=old["last_consensus"], review__campaign=campaign)
    if (
        answered.filter(annotation__image__in=released).exists()
        or settled.filter(review__image__in=released).exists()
        or campaign.withdrawals.count() != len(old["withdrawn"])
        or campaign.entries.filter(excluded=True, image__in=released).exists()
        or campaign.entries.filter(image__sha256__in=listed, image__in=released).exists()
    ):
        return MAJOR
    return MINOR if answered.exists() or returning.exists() else PATCH
