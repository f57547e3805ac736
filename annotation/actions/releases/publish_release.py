"""Publish a release: freeze what goes in, write the folder in the background, give it its name at the end."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from annotation import policy
from annotation.actions.events.record import lock_chain, record_event
from annotation.dataset.format.frozen import EVERYTHING, Scope
from annotation.dataset.write.folder import ReleaseHashes
from annotation.errors import ReleaseRefused
from annotation.models import Campaign, Release
from annotation.phrases import phrase as _

from .build_release import build_release, lock_build_folder
from .check_release import list_objections
from .contents import campaigns_of, withdrawn_since
from .draw_up_release import Foreseen
from .freeze_release import freeze_release


def publish_release(
    campaign: Campaign,
    version: str,
    *,
    out: Path,
    by: AbstractBaseUser | None,
    released_at: datetime | None = None,
    scope: Scope = EVERYTHING,
    processes: int = 1,
    on_start: Callable[[Release], object] = lambda release: None,
    on_progress: Callable[[int, int], object] = lambda done, total: None,
) -> Release:
    """Write release `version` of a campaign to the new folder `out/SLUG-VERSION` and return its record.

    The folder gets its name only when it is complete. A build that was stopped goes on with what was frozen then and
    the parts that were done; one that fails leaves a record that says why, and the splits it gave to images, which hold
    for ever. `on_start` is called once there are parts to help with, `on_progress` with how many of how many are done.
    Raise ReleaseRefused with the reason.
    """
    policy.require(policy.may_organise, by, *(campaigns := campaigns_of(campaign, scope.also)))
    folder = out.resolve() / f"{campaign.slug}-{version}"
    for objection in list_objections(campaigns, version, folder, scope):
        raise ReleaseRefused(objection)
    with lock_build_folder(folder) as build_folder:
        moment = released_at or timezone.now().replace(microsecond=0)
        release = freeze_release(campaign, version, folder, by=by, released_at=moment, scope=scope)
        try:

            def note(done: int, total: int) -> None:
                release.parts, release.parts_done = total, done
                release.save(update_fields=["parts", "parts_done"])
                on_progress(done, total)

            start = partial(on_start, release)
            result = build_release(release, build_folder, processes=processes, on_start=start, on_progress=note)
            _finish_release(release, result, build_folder, by)
        except Exception as error:
            if not build_folder.exists():  # It got its name, but the record of that was not accepted.
                folder.rename(build_folder)
            release.state, release.error = Release.State.FAILED, str(error) or type(error).__name__
            release.save(update_fields=["state", "error"])
            raise
    return release


def freeze_foreseen(
    campaign: Campaign, version: str, foreseen: Foreseen, *, out: Path, by: AbstractBaseUser | None, scope: Scope
) -> Release:
    """Freeze a release to just what was foreseen, whatever was answered since; `publish_release` then builds it.

    Raise ReleaseRefused with the reason, Conflict where it would hold something else by now.
    """
    policy.require(policy.may_organise, by, *(campaigns := campaigns_of(campaign, scope.also)))
    folder = out.resolve() / f"{campaign.slug}-{version}"
    for objection in list_objections(campaigns, version, folder, scope):
        raise ReleaseRefused(objection)
    with lock_build_folder(folder):
        moment = timezone.now().replace(microsecond=0)
        return freeze_release(campaign, version, folder, by=by, released_at=moment, scope=scope, foreseen=foreseen)


@transaction.atomic
def _finish_release(release: Release, result: ReleaseHashes, build_folder: Path, by: AbstractBaseUser | None) -> None:
    """Record the release as done and, last of all, give its folder the final name."""
    # Whoever withdraws takes the same lock, and marks only what is done.
    lock_chain(release.campaign)
    if withdrawn_since(release):
        raise ReleaseRefused(
            _("something in %(release)s was withdrawn while it was built; publish again", release=release)
        )
    # Asked for before there is a manifest to be known by: the same bytes elsewhere are not what was asked for.
    folder = release.path
    release.state = Release.State.DONE
    release.manifest_hash, release.content_hash = result.manifest_sha256, result.content_sha256
    release.save(update_fields=["state", "manifest_hash", "content_hash"])
    content = {"version": release.version, "manifest": release.manifest_hash, "rows": release.content_hash}
    record_event(release.campaign, "release.published", release, by=by, content=content, details=content)
    # Within the transaction, so that nothing is recorded as published under a name that was refused.
    build_folder.rename(folder)
