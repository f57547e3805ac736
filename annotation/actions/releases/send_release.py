"""Send a published release to where others find it, and record where it went."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser

from annotation import policy
from annotation.actions.events.record import record_event
from annotation.dataset.contents.statements import lines
from annotation.models import Campaign, Release
from annotation.publishing import hub
from annotation.publishing.parcel import Parcel, PublishingRefused, parcel
from annotation.publishing.zenodo import Draft, Zenodo, describe, number_of


def release_named(campaign: Campaign, version: str) -> Release:
    """Return a published release. Raise PublishingRefused when there is none, or it holds what was withdrawn since."""
    release = campaign.releases.done().filter(version=version).first()
    if release is None:
        versions = ", ".join(campaign.releases.done().values_list("version", flat=True)) or "none yet"
        raise PublishingRefused(f"{campaign.slug} has no release {version!r}; there are: {versions}")
    if release.withdrawals.exists():
        raise PublishingRefused(f"{release} holds what was withdrawn since; it is no longer handed out")
    return release


def pack_release(release: Release) -> Parcel:
    """Check the files of a release and return them ready to be sent. Raise PublishingRefused."""
    package = parcel(release.path)
    # Files that fit each other may still be those of another release.
    if package.manifest_sha256 != release.manifest_hash:
        raise PublishingRefused(f"{release.path} is not {release} as it was published")
    return package


def push_release(
    release: Release, package: Parcel, repository: str, *, private: bool, by: AbstractBaseUser | None
) -> str:
    """Push a release to a dataset repository of the Hub and return the commit. Raise PublishingRefused."""
    policy.require(policy.may_organise, by, release.campaign)
    if not settings.HF_TOKEN:
        raise PublishingRefused("HF_TOKEN is not set; a token that may write is accepted, from the environment only")
    commit = hub.push(package, repository, token=settings.HF_TOKEN, endpoint=settings.HF_ENDPOINT, private=private)
    details = {"version": release.version, "repository": repository, "commit": commit}
    record_event(release.campaign, "release.pushed", release, by=by, content=details, details=details)
    return commit


def reserve_doi(campaign: Campaign, *, by: AbstractBaseUser | None) -> Draft:
    """Make a draft at Zenodo for the next release of a campaign, so that its DOI can stand inside the release.

    Where an earlier release has a DOI, it is a new version of that deposit. Raise PublishingRefused.
    """
    policy.require(policy.may_organise, by, campaign)
    dois = [release.frozen.scope.doi for release in campaign.releases.done().order_by("-pk")]
    earlier_doi = next(filter(None, dois), "")
    draft = _zenodo().reserve_next(earlier_doi) if earlier_doi else _zenodo().reserve(campaign.title)
    details = {"doi": draft.doi, "after": earlier_doi}
    record_event(campaign, "doi.reserved", campaign, by=by, content=details, details=details)
    return draft


def deposit_release(
    release: Release,
    package: Parcel,
    *,
    creators: Sequence[str],
    licence: str,
    publish: bool,
    by: AbstractBaseUser | None,
) -> str:
    """Fill the draft whose DOI the release carries, publish it if asked to, and return the DOI.

    Raise PublishingRefused; a draft that was filled in part is filled anew by the next call.
    """
    policy.require(policy.may_organise, by, release.campaign)
    zenodo, doi = _zenodo(), doi_of(package)
    draft = zenodo.draft(number_of(doi))
    # The DOI stands inside the release, which can no longer change.
    if draft.doi != doi:
        raise PublishingRefused(f"the draft at Zenodo has the DOI {draft.doi}, but {release} carries {doi}")
    zenodo.fill(package, draft, describe(package, creators, licence))
    if publish:
        zenodo.publish(draft)
    details = {"version": release.version, "doi": doi, "published": publish}
    record_event(release.campaign, "release.deposited", release, by=by, content=details, details=details)
    return doi


def doi_of(package: Parcel) -> str:
    """Return the DOI a release carries. Raise PublishingRefused when it was built without one."""
    doi = str(package.record.get("doi", ""))
    if not doi:
        raise PublishingRefused(f"{package.name} carries no DOI; reserve one, and give it to `release --doi`")
    return doi


def licence_of(package: Parcel) -> str:
    """Return the licence of a release's annotations as Zenodo names it. Raise PublishingRefused when none is stated."""
    licence = str(package.record.get("annotations_licence", "")).lower()
    if not licence:
        raise PublishingRefused(f"{package.name} states no licence of its annotations; name one with --licence")
    return licence


def creators_of(package: Parcel) -> list[str]:
    """Return who made a release, as it states them. Raise PublishingRefused when it states nobody."""
    creators = lines(package.record.get("statements", {}), "creators")
    if not creators:
        raise PublishingRefused(f"{package.name} states no creators; name them with --creator")
    return creators


def _zenodo() -> Zenodo:
    if not settings.ZENODO_TOKEN:
        raise PublishingRefused("ZENODO_TOKEN is not set; a token with deposit:write and deposit:actions is accepted")
    return Zenodo(settings.ZENODO_URL, settings.ZENODO_TOKEN)
