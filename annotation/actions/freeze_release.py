"""Make the record of a release: what goes in from this moment on, whatever is answered later."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import QuerySet

from annotation.errors import ReleaseRefused
from annotation.models import Campaign, EventChain, Release, Report
from annotation.phrases import phrase as _

from . import release_contents, tie_by_descriptors
from .check_release import newest_release
from .measure_agreement import is_current, measure
from .place_images import place_for_ever
from .record import record


def stopped_build(
    campaign: Campaign, version: str, folder: Path, *, least_answers: int, doi: str, listed: Mapping[str, str]
) -> Release | None:
    """Return the record of a build to this folder that was stopped and asked for the same; nobody may be at it."""
    same = {"query__least_answers": least_answers, "query__doi": doi}
    alike = _stopped(campaign, version, folder).filter(**same)
    return next((release for release in alike if release.query.get("listed", {}) == listed), None)


def _stopped(campaign: Campaign, version: str, folder: Path) -> QuerySet[Release]:
    return campaign.releases.filter(version=version, state=Release.State.BUILDING, folder=str(folder))


def current_report(campaign: Campaign) -> Report:
    """Return the newest report on the whole campaign, or a new one where answers came in or were withdrawn since."""
    newest = campaign.reports.whole().first()
    return newest if newest and is_current(newest) else measure(campaign, by=None)


@transaction.atomic
def freeze(
    campaign: Campaign,
    version: str,
    folder: Path,
    *,
    report: Report,
    by: AbstractBaseUser | None,
    released_at: datetime,
    least_answers: int = 1,
    doi: str = "",
    listed: Mapping[str, str] = release_contents.NONE,
) -> Release:
    """Make the record that says what goes in, and place the images that have no split yet.

    The campaign's event chain is locked meanwhile, so that answers stored later stay out. A stopped build to the same
    folder that asked for something else is given up. Raise ReleaseRefused when the version is built or published
    elsewhere.
    """
    EventChain.objects.select_for_update().filter(campaign=campaign).first()
    _stopped(campaign, version, folder).update(state=Release.State.FAILED, error="its build was stopped")
    other = campaign.releases.filter(version=version).exclude(state=Release.State.FAILED).first()
    if other is not None:
        raise ReleaseRefused(
            _(
                "%(campaign)s %(version)s is %(state)s in %(folder)s; "
                "if that build was killed, publish to that place again",
                campaign=campaign.slug,
                version=version,
                state=other.get_state_display(),
                folder=other.folder,
            )
        )
    query = release_contents.query_now(campaign, least_answers, listed) | {"doi": doi}
    query |= release_contents.about(campaign, newest_release(campaign))
    answered = release_contents.entries(campaign, query)
    query["without_answers"] = campaign.entries.count() - answered.count() - len(query["left_out"])
    places = place_for_ever(campaign, query, answered)
    query |= {
        "held_back": places.held_back,
        "tied": places.tied,
        "near_pairs": places.near_pairs,
        "told_apart": places.told_apart,
        "embeddings": tie_by_descriptors.told(answered),
    }
    release = Release.objects.create(
        campaign=campaign,
        version=version,
        query=query,
        report=report,
        is_demo=campaign.is_demo,
        folder=str(folder),
        requested_by_id=by.pk if by else None,
        released_at=released_at,
    )
    details = {"version": version, "held_back": len(query["held_back"])}
    release.event_head = record(campaign, "release.begun", release, by=by, content=query, details=details).hash
    release.save(update_fields=["event_head"])
    return release
