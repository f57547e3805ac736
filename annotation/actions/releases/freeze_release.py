"""Make the record of a release: what goes in from this moment on, whatever is answered later."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from annotation.actions.events.record import record_event
from annotation.dataset.format.frozen import EVERYTHING, Scope
from annotation.dataset.read.place import kept_folder
from annotation.errors import Conflict, ReleaseRefused
from annotation.models import Campaign, EventChain, NearDuplicateGroup, Release
from annotation.phrases import phrase as _

from .check_release import list_lacks
from .contents import campaigns_of, withdrawn_since
from .draw_up_release import Foreseen, contents_now, draw_up_release, foresee
from .place_images import keep_places


@transaction.atomic
def freeze_release(
    campaign: Campaign,
    version: str,
    folder: Path,
    *,
    by: AbstractBaseUser | None,
    released_at: datetime,
    scope: Scope = EVERYTHING,
    foreseen: Foreseen | None = None,
) -> Release:
    """Return the record that says what goes in, and place the images that have no split yet.

    It is that of a build to this folder that was stopped and asked for the same, else a new one, and a stopped build
    that asked for something else is given up; nobody may be at either. The campaigns' event chains are locked
    meanwhile, so that answers stored later stay out. Raise ReleaseRefused when the version is built or published
    elsewhere, or what is asked for lacks answers, Conflict when it is not what was `foreseen`.
    """
    kept = kept_folder(folder, Path(settings.RELEASES_DIR))
    stopped_releases = campaign.releases.filter(version=version, state=Release.State.BUILDING, folder=kept)
    # What was frozen then still holds, and answers stored since stay out; but nothing withdrawn since goes in.
    release_as_asked = next(
        (one for one in stopped_releases if one.frozen.scope == scope and not withdrawn_since(one)), None
    )
    if release_as_asked is not None:
        return release_as_asked
    campaigns = campaigns_of(campaign, scope.also)
    # By key, so that two releases over the same campaigns never wait for each other.
    list(EventChain.objects.select_for_update(no_key=True).filter(campaign__in=campaigns).order_by("pk"))
    # We hold the lock of their folder, so nobody is at them any more.
    stopped_releases.update(state=Release.State.FAILED, error="its build was stopped")
    _refuse_taken(campaign, version)
    contents = contents_now(campaigns, scope, foreseen)
    for problem in list_lacks(contents):
        raise ReleaseRefused(problem)
    # Two campaigns that publish at once take turns over the groups they share.
    groups = contents.entries().order_by().values("image__group")
    list(
        NearDuplicateGroup.objects.select_for_update(no_key=True).filter(pk__in=groups).order_by("pk").values_list("pk")
    )
    draft = draw_up_release(contents)
    if foreseen and foresee(draft).content_hash != foreseen.content_hash:
        raise Conflict(_("what the release would hold has changed since it was shown; look at it again"))
    keep_places(draft.places.placement.placed)
    content = draft.contents.frozen.to_json()
    release = Release.objects.create(
        campaign=campaign,
        version=version,
        record=content,
        is_demo=campaign.is_demo,
        folder=kept,
        requested_by_id=by.pk if by else None,
        released_at=released_at,
    )
    details = {"version": version, "held": len(draft.contents.frozen.held)}
    for one in reversed(campaigns):  # The head of the release's own campaign is the one it states.
        release.event_head = record_event(one, "release.frozen", release, by=by, content=content, details=details).hash
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
                folder=other.path,
            )
        )
