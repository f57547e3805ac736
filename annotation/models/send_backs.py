"""Finished annotations that were sent back to whoever gave them, with a word."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .annotations import Revision
from .assignments import Assignment
from .campaigns import Campaign
from .cases import Case

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser, AnonymousUser


class SendBackQuerySet(models.QuerySet["SendBack"]):
    def waiting(self) -> SendBackQuerySet:
        """Keep those that wait for their annotator, who can still answer them."""
        is_withdrawn = Q(assignment__image__withdrawals__campaign=F("assignment__campaign")) | Q(
            assignment__annotator__withdrawals__campaign=F("assignment__campaign")
        )
        # What the rubric asks for again is asked as a new assignment.
        rows = self.filter(state=SendBack.State.WAITING, assignment__superseded=False)
        return rows.exclude(assignment__campaign__state=Campaign.State.CLOSED).exclude(is_withdrawn)

    def to(self, user: AbstractBaseUser | AnonymousUser) -> SendBackQuerySet:
        """Keep those whose annotation this person gave, in campaigns in which they still annotate."""
        memberships = {
            "assignment__campaign__memberships__user": user.pk,
            "assignment__campaign__memberships__annotator": True,
        }
        return self.filter(assignment__annotator=user.pk, **memberships)

    def in_campaign(self, campaign: Campaign) -> SendBackQuerySet:
        """Return those of a campaign with what a list says of them, the newest first."""
        rows = self.filter(assignment__campaign=campaign).order_by("-pk")
        return rows.select_related("assignment__annotator", "assignment__image", "assignment__campaign", "author")


class SendBack(models.Model):
    """A request to look at one's own finished annotation again; `text` is the word that goes with it.

    `case` is the one from which an adjudicator sent it, null where an organiser did; `revision` is what came of it.
    """

    class State(models.TextChoices):
        """Its stations."""

        WAITING = "waiting", _("waits for the annotator")
        ANSWERED = "answered", _("looked at again")
        WITHDRAWN = "withdrawn", _("withdrawn")

    assignment = models.ForeignKey(Assignment, on_delete=models.PROTECT, related_name="send_backs")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    case = models.ForeignKey(Case, null=True, blank=True, on_delete=models.PROTECT, related_name="send_backs")
    text = models.TextField(_("word to the annotator"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    revision = models.OneToOneField(
        Revision, null=True, blank=True, on_delete=models.PROTECT, related_name="answered_send_back"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    ended_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = SendBackQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("annotation sent back")
        verbose_name_plural = _("annotations sent back")
        constraints = [
            models.UniqueConstraint(
                fields=["assignment"], condition=Q(state="waiting"), name="one_waiting_send_back_per_assignment"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.assignment}: {self.get_state_display()}"
