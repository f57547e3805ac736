"""Keep releases: immutable, versioned, each with the report it carries and the head of the event chain."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from annotation.dataset.format.frozen import FrozenRelease
from annotation.dataset.read.diff import MINOR
from annotation.dataset.read.place import is_release, place_of
from annotation.dataset.read.versions import parse_version, successor
from annotation.roles import VIEW

from .campaigns import Campaign
from .reports import Report
from .visibility import with_role

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser, AnonymousUser


class ReleaseQuerySet(models.QuerySet["Release"]):
    def visible_to(self, user: AbstractBaseUser | AnonymousUser) -> ReleaseQuerySet:
        """Keep those this person may download."""
        return self.filter(with_role(user, VIEW, "campaign"))

    def done(self) -> ReleaseQuerySet:
        """Keep those that were written completely."""
        return self.filter(state=Release.State.DONE)

    def newest(self) -> Release | None:
        """Return the published one with the highest version."""
        # Compared as numbers in Python: a database would put 1.10.0 before 1.9.0.
        return max(self.done(), key=lambda release: parse_version(release.version), default=None)

    def next_version(self, level: str = MINOR) -> str:
        """Return the version after the highest there is but failed ones; `level` is the number that rises."""
        versions = self.exclude(state=Release.State.FAILED).values_list("version", flat=True)
        return successor(max(versions, key=parse_version, default="0.0.0"), level)


class Release(models.Model):
    """One published dataset; `manifest_hash` is its identity, `record` says what is in it."""

    class State(models.TextChoices):
        BUILDING = "building", _("building")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")

    campaign = models.ForeignKey(
        Campaign, on_delete=models.PROTECT, related_name="releases", verbose_name=_("campaign")
    )
    version = models.CharField(_("version"), max_length=20)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.BUILDING)
    record: Any = models.JSONField(_("record"))
    report = models.ForeignKey(
        Report, null=True, on_delete=models.PROTECT, related_name="releases", verbose_name=_("report")
    )
    is_demo = models.BooleanField(_("demo"), default=False)
    # Relative to RELEASES_DIR where it lies in there, so that a copy of that never leads back to where it came from.
    folder = models.CharField(_("folder"), max_length=500, blank=True)
    manifest_hash = models.CharField(_("SHA-256 of the manifest"), max_length=64, blank=True)
    content_hash = models.CharField(_("SHA-256 of the rows"), max_length=64, blank=True)
    # Anybody who has the release can tell by it whether events were cut off since.
    event_head = models.CharField(_("head of the event chain"), max_length=64, blank=True)
    error = models.TextField(_("error"), blank=True)
    parts = models.PositiveIntegerField(_("parts"), default=0)
    parts_done = models.PositiveIntegerField(_("parts that are done"), default=0)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, verbose_name=_("asked for by")
    )
    released_at = models.DateTimeField(_("released at"), default=timezone.now)
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)

    objects = ReleaseQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("release")
        verbose_name_plural = _("releases")
        constraints = [
            # A build that failed published nothing, so its version is free for another try.
            models.UniqueConstraint(
                fields=["campaign", "version"], condition=~Q(state="failed"), name="a_version_once_per_campaign"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.campaign.slug} {self.version}"

    @property
    def path(self) -> Path:
        """Return where its folder lies now; `has_files` tells whether it does."""
        return place_of(self.folder, Path(settings.RELEASES_DIR), self.manifest_hash)

    @property
    def has_files(self) -> bool:
        """Tell whether its folder is where it should be, with the manifest it was published with."""
        # An empty path would mean the folder of all releases.
        return bool(self.folder) and is_release(self.path, self.manifest_hash)

    @cached_property
    def frozen(self) -> FrozenRelease:
        """Return what goes in and what is stated of it, whatever is answered later."""
        return FrozenRelease.from_json(self.record)
