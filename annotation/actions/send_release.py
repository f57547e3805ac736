"""Send a published release to where others find it, and record where it went."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser

from annotation.models import Campaign, Release
from annotation.publishing import hub
from annotation.publishing.parcel import Parcel, PublishingRefused, parcel

from .record import record


def release_named(campaign: Campaign, version: str) -> Release:
    """Return a published release. Raise PublishingRefused when there is none, or it holds what was withdrawn since."""
    release = campaign.releases.done().filter(version=version).first()
    if release is None:
        there = ", ".join(campaign.releases.done().values_list("version", flat=True)) or "none yet"
        raise PublishingRefused(f"{campaign.slug} has no release {version!r}; there are: {there}")
    if release.withdrawals.exists():
        raise PublishingRefused(f"{release} holds what was withdrawn since; it is no longer handed out")
    return release


def pack(release: Release) -> Parcel:
    """Check the files of a release and return them ready to be sent. Raise PublishingRefused."""
    packed = parcel(Path(release.folder))
    if packed.manifest_sha256 != release.manifest_hash:
        raise PublishingRefused(f"{release.folder} is not {release} as it was published")
    return packed


def push(release: Release, packed: Parcel, repository: str, *, private: bool, by: AbstractBaseUser | None) -> str:
    """Push a release to a dataset repository of the Hub and return the commit. Raise PublishingRefused."""
    if not settings.HF_TOKEN:
        raise PublishingRefused("HF_TOKEN is not set; a token that may write is accepted, from the environment only")
    commit = hub.push(packed, repository, token=settings.HF_TOKEN, endpoint=settings.HF_ENDPOINT, private=private)
    details = {"version": release.version, "repository": repository, "commit": commit}
    record(release.campaign, "release.pushed", release, by=by, content=details, details=details)
    return commit
