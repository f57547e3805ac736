"""What stands in the way of a release, and which version it would be."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from django.db.models import Q

from annotation.actions.ratings import imported_contents
from annotation.dataset.format.frozen import Scope
from annotation.dataset.read.diff import MAJOR, MINOR, PATCH
from annotation.dataset.read.versions import parse_version
from annotation.models import Campaign, CampaignImage, Consensus, Revision, RubricVersion, Withdrawal
from annotation.phrases import phrase as _

from .contents import ReleaseContents, contents_of

DOI = re.compile(r"10\.\d{4,9}/\S+")  # Crossref's pattern: a registrant has four to nine digits.


def list_objections(campaigns: tuple[Campaign, ...], version: str, folder: Path, scope: Scope) -> Iterator[str]:
    """Say all that stands in the way of this version, folder and scope, whatever was answered."""
    campaign = campaigns[0]
    newest = campaign.releases.newest()
    try:
        number = parse_version(version)
    except ValueError as error:
        yield str(error)
    else:
        if newest is not None and number <= parse_version(newest.version):
            yield _(
                "version %(version)s does not come after %(newest)s, the newest one of %(campaign)s",
                version=version,
                newest=newest.version,
                campaign=campaign.slug,
            )
    if scope.doi and not DOI.fullmatch(scope.doi):
        yield _("%(doi)s is no DOI; one such as 10.5281/zenodo.1234 is accepted", doi=scope.doi)
    # What was published is never written over.
    if folder.exists():
        yield _("%(folder)s is there already; choose another folder or version", folder=folder)
    yield from list_misfits(campaigns, scope)


def list_misfits(campaigns: tuple[Campaign, ...], scope: Scope) -> Iterator[str]:
    """Say which of the further campaigns and rubric versions do not go with the campaign."""
    campaign = campaigns[0]
    by_slug = {one.slug: one for one in campaigns}
    for slug in scope.also:
        if slug not in by_slug:
            yield _("campaign %(campaign)s is unknown", campaign=slug)
        elif slug == campaign.slug or scope.also.count(slug) > 1:
            yield _("campaign %(campaign)s is named twice; once is accepted", campaign=slug)
        elif by_slug[slug].rubric_version_id != campaign.rubric_version_id:
            yield _(
                "%(other)s goes by %(theirs)s, and %(campaign)s by %(ours)s; campaigns by the same rubric are accepted",
                other=slug,
                theirs=by_slug[slug].rubric_version,
                campaign=campaign.slug,
                ours=campaign.rubric_version,
            )
        elif by_slug[slug].is_demo != campaign.is_demo:
            yield _(
                "%(other)s is a demo, or %(campaign)s is; both or neither are accepted",
                other=slug,
                campaign=campaign.slug,
            )
    versions = RubricVersion.objects.published().filter(slug=campaign.rubric_version.slug)
    numbers = list(versions.values_list("number", flat=True))
    for number in scope.rubric_versions:
        if number not in numbers:
            accepted = ", ".join(map(str, numbers))
            yield _("rubric version %(number)s is unknown; accepted: %(accepted)s", number=number, accepted=accepted)


def list_lacks(contents: ReleaseContents) -> Iterator[str]:
    """Say what answers are missing, or are not to be released."""
    campaign, least = contents.campaigns[0], contents.frozen.scope.least_annotations
    for one in contents.campaigns:
        if not one.is_demo and one.annotations.filter(simulated=True).exists():
            yield _("%(campaign)s holds simulated answers, which only a demo campaign may release", campaign=one.slug)
    if least < 1:
        yield _("%(least)s answers an image are too few; a whole number from 1 on is accepted", least=least)
    elif not contents.counted().exists():
        yield _("%(campaign)s has no answer yet that counts, so there is nothing to release", campaign=campaign.slug)
    elif not contents.entries().exists():
        yield _(
            "no image of %(campaign)s that is not excluded has %(least)s answers that count",
            campaign=campaign.slug,
            least=least,
        )


def likely_level(campaigns: tuple[Campaign, ...], scope: Scope) -> str:
    """Foresee which number of the version the next release will have to raise, without building it."""
    newest = campaigns[0].releases.newest()
    if newest is None:
        return MINOR
    last_contents, cut_off = contents_of(newest), newest.frozen.cut_off
    released_images = last_contents.entries().order_by().values("image")
    # Older answers are new as well where the release before did not take their campaign in.
    is_newer = Q(pk__gt=cut_off.last_revision) | ~Q(annotation__campaign__in=last_contents.campaigns)
    revisions = Revision.objects.filter(Q(annotation__campaign__in=campaigns), is_newer)
    consensuses = Consensus.objects.filter(pk__gt=cut_off.last_consensus, case__campaign__in=campaigns)
    entries = CampaignImage.objects.filter(campaign__in=campaigns)
    # What a list excluded comes back with answers from before the cut-off, which no later row shows.
    returning_entries = entries.filter(image__sha256__in=last_contents.frozen.scope.listed.keys() - scope.listed.keys())
    withdrawals = Withdrawal.objects.filter(campaign__in=campaigns).select_related("image", "person")
    tombstones = {withdrawal.tombstone.id for withdrawal in withdrawals}
    if (
        not {*last_contents.campaigns} <= {*campaigns}
        or scope.rubric_versions != last_contents.frozen.scope.rubric_versions
        or revisions.filter(annotation__image__in=released_images).exists()
        or consensuses.filter(case__image__in=released_images).exists()
        or imported_contents.imported_since(campaigns, cut_off, released_images)
        # Nothing that was withdrawn ever comes back, so their number tells.
        or len(tombstones) != len(last_contents.frozen.withdrawn)
        or entries.filter(excluded=True, image__in=released_images).exists()
        or entries.filter(image__sha256__in=scope.listed, image__in=released_images).exists()
    ):
        return MAJOR
    return MINOR if revisions.exists() or returning_entries.exists() else PATCH
