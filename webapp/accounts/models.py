"""Keep everyone's account: a role, and the pseudonym under which others see them."""

from __future__ import annotations

import secrets

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _

from annotation.roles import Role


def new_pseudonym() -> str:
    """Return a random pseudonym such as "expert-7f3a9c"."""
    return f"expert-{secrets.token_hex(3)}"


class User(AbstractUser):
    """Be a person with one role; simulated experts are marked as such wherever they appear."""

    class Roles(models.TextChoices):
        """Name the roles on pages."""

        ANNOTATOR = Role.ANNOTATOR.value, _("annotator")
        ADJUDICATOR = Role.ADJUDICATOR.value, _("adjudicator")
        ORGANISER = Role.ORGANISER.value, _("organiser")
        AUDITOR = Role.AUDITOR.value, _("auditor")

    role = models.CharField(_("role"), max_length=12, choices=Roles, default=Roles.ANNOTATOR)
    pseudonym = models.CharField(_("pseudonym"), max_length=30, unique=True, default=new_pseudonym)
    simulated = models.BooleanField(_("simulated"), default=False)

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
