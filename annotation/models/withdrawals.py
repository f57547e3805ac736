"""Keep tombstones: an image, or a person's answers in a campaign, that may not be published any more."""

from __future__ import annotations

from datetime import UTC

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from annotation.dataset.format.facts import WithdrawalEntry

from .append_only import AppendOnly, AppendOnlyQuerySet
from .campaigns import Campaign
from .images import Image
from .releases import Release


class Withdrawal(AppendOnly):
    """An image, or all a person answered in a campaign, gone for good from every release to come.

    `releases` are those that hold what was withdrawn: they stay as they are, and are marked.
    """

    class Reason(models.TextChoices):
        """Why something is withdrawn, as far as the public is told."""

        CONSENT = "consent", _("consent withdrawn")
        LICENCE = "licence", _("no right to publish")
        DEPICTED = "depicted", _("asked for by somebody depicted")
        CONTENT = "content", _("harmful or unlawful content")
        ERROR = "error", _("included by mistake")

    # Whoever may ask for an image to be gone gets its bytes erased. By mistake nobody's right is hurt, and the mistake
    # may be the withdrawal.
    ERASING = frozenset({Reason.CONSENT, Reason.LICENCE, Reason.DEPICTED, Reason.CONTENT})

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="withdrawals")
    image = models.ForeignKey(Image, null=True, on_delete=models.PROTECT, related_name="withdrawals")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="withdrawals"
    )
    reason = models.CharField(_("reason"), max_length=10, choices=Reason)
    withdrawn_at = models.DateTimeField(_("withdrawn at"), default=timezone.now, editable=False)
    # What was published is out of reach and its bytes are its identity: it can be marked, never changed.
    releases = models.ManyToManyField(Release, related_name="withdrawals")

    objects = AppendOnlyQuerySet["Withdrawal"].as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("withdrawal")
        constraints = [
            models.CheckConstraint(condition=Q(image=None) ^ Q(person=None), name="a_withdrawal_is_of_one_thing"),
            # Nulls differ from each other in both databases, so that neither of these two limits the other kind.
            models.UniqueConstraint(fields=["campaign", "image"], name="an_image_is_withdrawn_once_per_campaign"),
            models.UniqueConstraint(fields=["campaign", "person"], name="a_person_withdraws_once_per_campaign"),
        ]

    @property
    def erases(self) -> bool:
        """Tell whether the files of the image go for good, and are not only sealed."""
        return self.reason in self.ERASING

    @property
    def tombstone(self) -> WithdrawalEntry:
        """Return what releases state of it."""
        return WithdrawalEntry(
            what="image" if self.image else "rater",
            id=self.image.sha256 if self.image else getattr(self.person, "pseudonym", ""),
            withdrawn_on=self.withdrawn_at.astimezone(UTC).date().isoformat(),
            reason=str(self.reason),
        )

    def __str__(self) -> str:
        return f"{self.image or getattr(self.person, 'pseudonym', '')}: {self.reason}"
