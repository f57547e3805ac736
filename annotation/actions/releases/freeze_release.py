"""Make the record of a release: what goes in from this moment on, whatever is answered later."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import QuerySet

from annotation.actions.duplicates import compare_embeddings as tie_by_embeddings
from annotation.actions.events.record import record
from annotation.errors import ReleaseRefused
from annotation.models import Campaign, EventChain, Release
from annotation.phrases import phrase as _

from . import contents as release_contents
from . import release_report
from .check_release import newest_release
from .place_images import place_for_ever
from .scope import EVERYTHING, Asked, campaigns_of, query_now


def stopped_build(campaign: Campaign, version: str, folder: Path, asked: Asked) -> Release | None:
    """Return the record of a build to this folder that was stopped and asked for the same; nobody may be at it."""
    begun = [release for release in _stopped(campaign, version, folder) if "last_revision" in release.query]
    return next((release for release in begun if Asked.of(release.query) == asked), None)


def _stopped(campaign: Campaign, version: str, folder: Path) -> QuerySet[Release]:
    return campaign.releases.filter(version=version, state=Release.State.BUILDING, folder=str(folder))


@transaction.atomic
def freeze(
    campaign: Campaign,
    version: str,
    folder: Path,
    *,
    by: AbstractBaseUser | None,
    released_at: datetime,
    asked: Asked = EVERYTHING,
) -> Release:
    """Make the record that says what goes in, and place the images that have no split yet.

    The campaigns' event chains are locked meanwhile, so that answers stored later stay out. A stopped build to the same
    folder that asked for something else is given up. Raise ReleaseRefused when the version is built or published
    elsewhere.
    """
    campaigns = campaigns_of(campaign, asked.also)
    list(EventChain.objects.select_for_update().filter(campaign__in=campaigns).order_by("pk"))
    _stopped(campaign, version, folder).update(state=Release.State.FAILED, error="its build was stopped")
    _refuse_taken(campaign, version)
    query = query_now(campaign, asked) | {"cuts": release_report.cuts_now(campaigns)}
    query |= release_contents.about(campaign, query, newest_release(campaign))
    answered = release_contents.entries(campaign, query)
    there = release_contents.all_entries(campaign, query).exclude(image__sha256__in=query["left_out"])
    query["without_answers"] = there.count() - answered.count()
    places = place_for_ever(campaign, query, answered)
    query |= {
        "held_back": places.held_back,
        "tied": places.tied,
        "near_duplicate_pairs": places.near_duplicate_pairs,
        "told_apart": places.told_apart,
        "embeddings": tie_by_embeddings.told(answered),
    }
    query["other_rubrics"] = release_contents.other_rubrics(campaign, query)
    query["unreported"] = release_report.left_out(campaign, query, release_contents.placed(campaign, query))
    release = Release.objects.create(
        campaign=campaign,
        version=version,
        query=query,
        is_demo=campaign.is_demo,
        folder=str(folder),
        requested_by_id=by.pk if by else None,
        released_at=released_at,
    )
    details = {"version": version, "held_back": len(query["held_back"])}
    for one in reversed(campaigns):  # The head of the release's own campaign is the one it states.
        release.event_head = record(one, "release.begun", release, by=by, content=query, details=details).hash
    release.save(update_fields=["event_head"])
    return release


def _refuse_taken(campaign: Campaign, version: str) -> None:
    """Raise ReleaseRefused when a version is built or published."""
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
