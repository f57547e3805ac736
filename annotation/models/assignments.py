"""Keep assignments: one annotator, one image, one arm, held by a lease."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from annotation.roles import ANNOTATE

from .campaigns import Arm, Campaign
from .images import Image
from .visibility import with_role

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser, AnonymousUser


class AssignmentQuerySet(models.QuerySet["Assignment"]):
    def of(self, user: AbstractBaseUser | AnonymousUser) -> AssignmentQuerySet:
        """Keep this person's own."""
        return self.filter(annotator=user.pk)

    def shown_a_prefill(self) -> AssignmentQuerySet:
        """Keep those in which a model's prefill has been shown."""
        return self.filter(shown_prefill__isnull=False)

    def awaiting_first(self) -> AssignmentQuerySet:
        """Keep those whose first answer is still to come; one whose lease has ended may come late."""
        return self.filter(state__in=[Assignment.State.OPEN, Assignment.State.RETURNED])

    def readable_by(self, user: AbstractBaseUser | AnonymousUser) -> AssignmentQuerySet:
        """Keep this person's own in campaigns in which they still annotate."""
        return self.of(user).filter(with_role(user, ANNOTATE, "campaign"))

    def unfinished(self) -> AssignmentQuerySet:
        """Keep those somebody still works on."""
        return self.filter(state__in=Assignment.UNFINISHED)

    def inside(self) -> AssignmentQuerySet:
        """Keep those that hold one of the places of their image: under way or answered, the person not withdrawn."""
        withdrawn = Q(annotator__withdrawals__campaign=F("campaign"))
        holding = (*Assignment.UNFINISHED, Assignment.State.DONE)
        return self.filter(state__in=holding, repeat=False, surplus=False, superseded=False).exclude(withdrawn)

    def occupying(self) -> AssignmentQuerySet:
        """Keep those after which the same image is not handed to the same person afresh."""
        return self.filter(repeat=False, superseded=False)

    def answered(self) -> AssignmentQuerySet:
        """Keep those with a stored answer."""
        return self.filter(committed_at__isnull=False)

    def skipped(self) -> AssignmentQuerySet:
        """Keep those whose image its annotator put aside."""
        return self.filter(state=Assignment.State.SKIPPED)

    def finished(self) -> AssignmentQuerySet:
        """Keep those whose answer is final."""
        return self.filter(state=Assignment.State.DONE)

    def correctable_in(self, campaign: Campaign, now: datetime) -> AssignmentQuerySet:
        """Keep the final answers in a campaign that their annotators may still correct, the newest first.

        In a paused one too, as the time for it was promised; in a closed one nothing is added any more, nor on a
        withdrawn image.
        """
        if campaign.state == Campaign.State.CLOSED:
            return self.none()
        start = now - timedelta(minutes=campaign.correction_minutes)
        assignments = self.finished().filter(campaign=campaign, superseded=False, finished_at__gte=start)
        assignments = assignments.filter(image__withdrawals=None)
        return assignments.order_by("-finished_at")

    def returnable(self, now: datetime) -> AssignmentQuerySet:
        """Keep the open ones whose lease has ended."""
        return self.filter(state=Assignment.State.OPEN, lease_until__lte=now)


class Assignment(models.Model):
    """One image for one annotator to judge, in an arm drawn at random and stored."""

    class State(models.TextChoices):
        """The stations of an assignment; an open one whose lease has ended is up for others."""

        OPEN = "open", _("open")
        COMMITTED = "committed", _("first answer stored, model revealed")
        DONE = "done", _("done")
        SKIPPED = "skipped", _("skipped")
        RETURNED = "returned", _("returned")

    UNFINISHED = (State.OPEN, State.COMMITTED)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="assignments")
    image = models.ForeignKey(Image, on_delete=models.PROTECT, related_name="assignments")
    # Its index is the one below: whether somebody has seen an image is not asked of all that they have seen.
    annotator = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="assignments", db_index=False
    )
    arm = models.CharField(_("arm"), max_length=10, choices=Arm)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.OPEN)
    repeat = models.BooleanField(_("hidden repeat"), default=False)
    surplus = models.BooleanField(_("surplus"), default=False)
    superseded = models.BooleanField(_("superseded: asked again after a change of the rubric"), default=False)
    superseded_at = models.DateTimeField(null=True, blank=True, editable=False)
    position = models.PositiveIntegerField(_("position in the annotator's order"))
    lease_until = models.DateTimeField(_("leased until"))
    # Kept here, so that what somebody saw stays known when the campaign later shows another model.
    shown_prefill = models.ForeignKey(
        "annotation.Prefill", null=True, blank=True, on_delete=models.PROTECT, related_name="assignments"
    )
    draft: Any = models.JSONField(_("draft"), null=True, blank=True)
    # Two tabs may hold the same draft: the one that is behind is refused, and overwrites nothing.
    draft_version = models.PositiveIntegerField(_("draft version"), default=0)
    skip_words = models.TextField(_("what was said on skipping"), blank=True)
    skip_reason = models.CharField(_("why skipped"), max_length=30, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    committed_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    # Set by whoever hands it out: nothing was said of it yet, and its annotator never judged the image.
    is_new = False

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        ordering = ["created_at", "pk"]
        verbose_name = _("assignment")
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "annotator"],
                # Written out, as a nested class body cannot see the names of the one around it.
                condition=Q(state__in=["open", "committed"]),
                name="one_unfinished_assignment_per_annotator",
            ),
            models.UniqueConstraint(
                fields=["campaign", "image", "annotator"],
                condition=Q(repeat=False, superseded=False),
                # Skipped and returned ones count too: who has seen an image is not given it afresh.
                name="nobody_twice_on_an_image",
            ),
        ]
        indexes = [
            models.Index(fields=["campaign", "image", "state"], name="assignments_of_an_image"),
            models.Index(fields=["annotator", "image"], name="assignments_of_a_person"),
            models.Index(fields=["annotator", "campaign", "finished_at"], name="assignments_by_end"),
            models.Index(
                fields=["campaign", "finished_at", "id"], condition=Q(state="skipped"), name="skipped_assignments"
            ),
            models.Index(
                fields=["annotator", "campaign"], condition=Q(superseded=True), name="assignments_asked_again"
            ),
            models.Index(
                fields=["annotator", "campaign"], condition=Q(state="returned"), name="assignments_given_back"
            ),
            models.Index(
                fields=["campaign", "lease_until"], condition=Q(state="open"), name="assignments_by_end_of_lease"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.annotator} on {self.image}"

    def earlier(self) -> Assignment | None:
        """Return this person's newest superseded answer to the same image, from before a change of the rubric."""
        assignments = Assignment.objects.filter(
            campaign=self.campaign_id, image=self.image_id, annotator=self.annotator_id
        )
        return assignments.filter(superseded=True).exclude(pk=self.pk).order_by("committed_at").last()

    def leased(self, now: datetime) -> bool:
        """Tell whether the lease still holds."""
        return self.lease_until > now
