"""Everyone's account, with the pseudonym under which others see them."""

from __future__ import annotations

import secrets

from django.contrib.auth.models import AbstractUser
from django.db import models
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

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")


class SignInTries(models.Model):
    """How often it was tried to sign in as one account or from one address since its time began."""

    subject = models.CharField(max_length=64, primary_key=True)
    count = models.PositiveIntegerField(default=0)
    ends_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = verbose_name_plural = _("tries to sign in")

    def __str__(self) -> str:
        return f"{self.count} until {self.ends_at}"
