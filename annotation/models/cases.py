"""Cases of disagreement, and the consensus an adjudicator reached."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from annotation.dataset.contents.records import ConsensusRecord
from annotation.roles import ADJUDICATE
from annotation.rubric.schema import Scale

from .append_only import AppendOnly, AppendOnlyQuerySet
from .campaigns import Campaign
from .images import Image
from .visibility import with_role

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser, AnonymousUser


class CaseQuerySet(models.QuerySet["Case"]):
    def for_adjudicator(self, user: AbstractBaseUser | AnonymousUser) -> CaseQuerySet:
        """Keep the cases this person may adjudicate: those of their campaigns, on images they did not rate."""
        cases = self.filter(with_role(user, ADJUDICATE, "campaign"))
        # Assigned is enough, answered or not: they may have formed an opinion, or seen the prefill.
        return cases.exclude(image__assignments__annotator=user.pk).select_related("campaign", "image")


class Case(models.Model):
    """An image that waits for an adjudicator, or had one, because a rule says so."""

    class Rule(models.TextChoices):
        """Why a case is opened."""

        SPREAD = "spread", _("scores lie far apart")
        CATEGORY = "category", _("subcategories differ")
        FLAG = "flag", _("flagged by an annotator")

    class State(models.TextChoices):
        """The stations of a case."""

        OPEN = "open", _("open")
        ADJUDICATED = "adjudicated", _("adjudicated")
        CLOSED = "closed", _("closed without a decision")

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="cases")
    image = models.ForeignKey(Image, on_delete=models.PROTECT, related_name="cases")
    rule = models.CharField(_("rule"), max_length=10, choices=Rule)
    # Kept from when the case opened: only these are asked for, whatever is answered meanwhile.
    disputed = models.JSONField(_("disputed fields"), default=list)
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.OPEN)
    opened_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = CaseQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("case")
        constraints = [
            # One a rule: an image may be flagged and disputed at once, and deciding one decides nothing of the other.
            models.UniqueConstraint(
                fields=["campaign", "image", "rule"], condition=Q(state="open"), name="one_open_case_per_image_and_rule"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.image}: {self.rule}"


class Consensus(AppendOnly):
    """What an adjudicator adjudicated, with a cause and a reason; it never overwrites an annotation."""

    class Cause(models.TextChoices):
        """Why experts had disagreed."""

        TASTE = "taste", _("a matter of taste")
        RUBRIC = "rubric", _("the rubric is unclear here")
        OVERSIGHT = "oversight", _("something was overlooked")
        SLIP = "slip", _("a slip of the hand")
        CATEGORY = "category", _("wrong category")

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="consensuses")
    adjudicator = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="consensuses")
    cause = models.CharField(_("cause"), max_length=10, choices=Cause)
    reason = models.TextField(_("reason"))
    subcategory = models.CharField(_("subcategory"), max_length=50, blank=True)
    excluded = models.BooleanField(_("the image is excluded from the campaign"), default=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = AppendOnlyQuerySet["Consensus"].as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("consensus")
        verbose_name_plural = _("consensuses")

    def __str__(self) -> str:
        return f"{self.case}: {self.cause}"

    def record(self, scale: Scale) -> ConsensusRecord:
        """Return what a release says of it."""
        return ConsensusRecord(
            rule=str(self.case.rule),
            cause=str(self.cause),
            reason=self.reason,
            subcategory=self.subcategory,
            scores={score.attribute: scale.to_points(score.steps) for score in self.scores.all()},
        )


class ConsensusScore(AppendOnly):
    """The adjudicated score of one disputed attribute, in steps."""

    consensus = models.ForeignKey(Consensus, on_delete=models.PROTECT, related_name="scores")
    attribute = models.CharField(_("attribute"), max_length=50)
    steps = models.PositiveSmallIntegerField(_("score in steps"))

    objects = AppendOnlyQuerySet["ConsensusScore"].as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("consensus score")
        constraints = [
            models.UniqueConstraint(fields=["consensus", "attribute"], name="an_attribute_once_per_consensus"),
        ]

    def __str__(self) -> str:
        return f"{self.attribute}: {self.steps}"
