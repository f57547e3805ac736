"""Everyone's account, with the pseudonym under which others see them."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from annotation.models import ROLE_NAMES, Campaign
from annotation.roles import ORGANISE, Role, is_administrator


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


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def waiting(self) -> InvitationQuerySet:
        """Keep those that nobody has accepted or withdrawn, whether or not their time is over."""
        return self.filter(accepted_at=None, withdrawn_at=None)

    def managed_by(self, user: User) -> InvitationQuerySet:
        """Keep those this person may withdraw and renew: into campaigns of theirs; all, for an administrator."""
        if is_administrator(user):
            return self
        return self.filter(campaign__in=Campaign.objects.in_which(user, ORGANISE), administrator=False)


class Invitation(models.Model):
    """A link that lets one person in: into a campaign with roles, to administer, or merely to have an account.

    Of the link is kept what tells it again, and not what it is.
    """

    token_hash = models.CharField(max_length=64, unique=True)
    email = models.EmailField(_("E-mail"), blank=True)
    name = models.CharField(_("name"), max_length=150, blank=True)
    campaign = models.ForeignKey(
        Campaign,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="invitations",
        verbose_name=_("campaign"),
    )
    roles: Any = models.JSONField(default=list)
    categories: Any = models.JSONField(_("categories"), default=list)
    administrator = models.BooleanField(_("administrator"), default=False)
    # Sent with the form, so that a page loaded again invites nobody twice.
    form_key = models.UUIDField(null=True, db_index=True)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    # From the command line nobody invites; it may make the first administrator.
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="invitations_made"
    )
    mailed_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="invitations_accepted"
    )
    withdrawn_at = models.DateTimeField(null=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = _("invitation")

    def __str__(self) -> str:
        return self.name or self.email or f"invitation {self.pk}"

    @staticmethod
    def hash_of(token: str) -> str:
        """Return by what a token is found again; it is random and long, so a plain hash tells nothing of it."""
        return hashlib.sha256(token.encode()).hexdigest()

    @property
    def is_expired(self) -> bool:
        """Tell whether its time is over."""
        return timezone.now() >= self.expires_at

    @property
    def role_names(self) -> list[str]:
        """Return the roles as pages call them."""
        return [str(name) for role, name in ROLE_NAMES.items() if role in self.roles]

    @property
    def role_set(self) -> frozenset[Role]:
        """Return the roles it gives."""
        return frozenset(map(Role, self.roles))

    def renew_token(self) -> str:
        """Give it a new token and its whole time again, and return the token; any link before is good no more."""
        token = secrets.token_urlsafe(32)
        self.token_hash = self.hash_of(token)
        self.expires_at = timezone.now() + timedelta(days=settings.INVITATION_DAYS)
        self.mailed_at = None
        return token

    @classmethod
    def forget(cls, person: Any) -> int:
        """Empty what tells who a person is, who is being erased; return how many rows that were."""
        addressed = Q(accepted_by=person) | Q(email__iexact=person.email) if person.email else Q(accepted_by=person)
        rows = cls.objects.filter(addressed).exclude(email="", name="")
        # An open one would let the person in again under the name they want forgotten.
        rows.filter(accepted_at=None, withdrawn_at=None).update(withdrawn_at=timezone.now())
        return rows.update(email="", name="")
