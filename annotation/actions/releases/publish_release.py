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
from annotation.actions.events.record import record
from annotation.dataset.write.folder import Written
from annotation.models import Campaign, Release

from .build_release import build, workplace
from .check_release import check
from .freeze_release import freeze, stopped_build
from .release_report import report_on
from .scope import EVERYTHING, Asked, campaigns_of


def publish(
    campaign: Campaign,
    version: str,
    *,
    out: Path,
    by: AbstractBaseUser | None,
    released_at: datetime | None = None,
    asked: Asked = EVERYTHING,
    processes: int = 1,
    begun: Callable[[Release], object] = lambda release: None,
    told: Callable[[int, int], object] = lambda done, total: None,
) -> Release:
    """Write release `version` of a campaign to the new folder `out/SLUG-VERSION` and return its record.

    The report of agreement inside is on the very answers of the release: the newest one where that is so, else a new
    one. The folder gets its name only when it is complete. A build that was stopped goes on with what was frozen then
    and the parts that were done; one that fails leaves a record that says why, and the splits it gave to images, which
    hold for ever.
    `begun` is called once there are parts to help with, `told` with how many of how many are done. Raise ReleaseRefused
    with the reason.
    """
    policy.require(policy.may_organise, by, *campaigns_of(campaign, asked.also))
    folder = out.resolve() / f"{campaign.slug}-{version}"
    check(campaign, version, folder, asked)
    with workplace(folder) as unfinished:
        release = stopped_build(campaign, version, folder, asked) or freeze(
            campaign,
            version,
            folder,
            by=by,
            released_at=released_at or timezone.now().replace(microsecond=0),
            asked=asked,
        )
        try:
            report_on(release)

            def note(done: int, total: int) -> None:
                release.parts, release.parts_done = total, done
                release.save(update_fields=["parts", "parts_done"])
                told(done, total)

            written = build(release, unfinished, processes=processes, begun=partial(begun, release), told=note)
            _finish(release, written, unfinished, by)
        except Exception as error:
            if not unfinished.exists():  # It got its name, but the record of that was not accepted.
                folder.rename(unfinished)
            release.state, release.error = Release.State.FAILED, str(error) or type(error).__name__
            release.save(update_fields=["state", "error"])
            raise
    return release


@transaction.atomic
def _finish(release: Release, written: Written, unfinished: Path, by: AbstractBaseUser | None) -> None:
    """Record the release as done and, last of all, give its folder the final name."""
    release.state = Release.State.DONE
    release.manifest_hash, release.content_hash = written.manifest_sha256, written.content_sha256
    release.save(update_fields=["state", "manifest_hash", "content_hash"])
    content = {"version": release.version, "manifest": release.manifest_hash, "rows": release.content_hash}
    record(release.campaign, "release.published", release, by=by, content=content, details=content)
    unfinished.rename(release.folder)
