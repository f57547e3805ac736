"""The conditions under which people look at images."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser, AnonymousUser


GOOD_FOR = timedelta(hours=12)


class ViewingCheckQuerySet(models.QuerySet["ViewingCheck"]):
    def is_due(self, user: AbstractBaseUser | AnonymousUser, now: datetime) -> bool:
        """Tell whether this person's last check is too long ago, or was never made."""
        # One put off counts as made, so that whoever wants to judge now is not asked at every image.
        return not self.filter(user=user.pk, created_at__gt=now - GOOD_FOR).exists()


class ViewingCheck(models.Model):
    """What a browser said of its screen, and how many steps of a ramp the person could tell apart.

    `dark_steps` and `bright_steps` count the patches, of eight each, that stand out from black and from white; null
    where the person put the check off. `screen` has width and height in CSS pixels, pixel ratio, colour depth, gamut.
    """

    # Not written once: what tells of a person's screen and eyes is deleted when it is no longer needed.
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="viewing_checks")
    screen: Any = models.JSONField(_("screen"))
    dark_steps = models.PositiveSmallIntegerField(_("dark steps told apart"), null=True)
    bright_steps = models.PositiveSmallIntegerField(_("bright steps told apart"), null=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = ViewingCheckQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("viewing check")

    def __str__(self) -> str:
        return f"{self.user} at {self.created_at:%Y-%m-%d %H:%M}"
