"""Everyone's account, with the pseudonym under which others see them."""

from __future__ import annotations

import secrets
from typing import Any

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


def new_pseudonym() -> str:
    """Return a random pseudonym such as "expert-7f3a9c"."""
    return f"expert-{secrets.token_hex(3)}"


class User(AbstractUser):
    """A person's account; roles come with memberships, and Django's superusers are the administrators.

    Simulated experts are marked as such wherever they appear.
    """

    pseudonym = models.CharField(_("pseudonym"), max_length=30, unique=True, default=new_pseudonym)
    simulated = models.BooleanField(_("simulated"), default=False)
    # Stay when the right is taken away: what somebody could read of images they may judge later is not forgotten.
    administrator_since = models.DateTimeField(_("administrator since"), null=True, blank=True, editable=False)
    administrator_until = models.DateTimeField(_("administrator until"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save it, and note since when the person is an administrator, or until when they were one."""
        before = (self.administrator_since, self.administrator_until)
        if self.is_superuser:
            self.administrator_since = self.administrator_since or timezone.now()
            self.administrator_until = None
        elif self.administrator_since:
            self.administrator_until = self.administrator_until or timezone.now()
        is_noted = before != (self.administrator_since, self.administrator_until)
        if is_noted and (fields := kwargs.get("update_fields")) is not None:
            kwargs["update_fields"] = {*fields, "administrator_since", "administrator_until"}
        super().save(*args, **kwargs)


class SignInTries(models.Model):
    """How often it was tried to sign in as one account or from one address since its time began."""

    subject = models.CharField(max_length=64, primary_key=True)
    count = models.PositiveIntegerField(default=0)
    ends_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = verbose_name_plural = _("tries to sign in")

    def __str__(self) -> str:
        return f"{self.count} until {self.ends_at}"
