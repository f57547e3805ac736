"""Keep calibrations: anchor images, what a reference panel said of them, and how near to it one has to be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from annotation.design.calibration import Rule

from .append_only import AppendOnly, AppendOnlyQuerySet
from .campaigns import Campaign
from .images import Image
from .rubrics import RubricVersion

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser, AnonymousUser


class Calibration(models.Model):
    """Anchor images that people judge in a campaign of their own before they begin in another.

    `campaign` is where the anchors are judged; `panel` the campaign whose answers are the reference. The limits are in
    hundredths: `farthest` of the panel's SD, `least_rank` of the rank correlation; null sets none.
    """

    campaign = models.OneToOneField(Campaign, on_delete=models.PROTECT, related_name="calibrates")
    panel = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="panel_of")
    farthest = models.PositiveSmallIntegerField(_("largest mean distance"), null=True, blank=True)
    least_rank = models.PositiveSmallIntegerField(_("least rank agreement"), null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("calibration")

    def __str__(self) -> str:
        return str(self.campaign)

    @property
    def rule(self) -> Rule:
        """Return how near to the panel one has to be."""
        return Rule(*(None if limit is None else limit / 100 for limit in (self.farthest, self.least_rank)))


class AnchorQuerySet(AppendOnlyQuerySet["Anchor"]):
    def shown_beside(self, campaign: Campaign, user: AbstractBaseUser | AnonymousUser) -> AnchorQuerySet:
        """Keep those whose levels this person may see while they judge the campaign's images.

        None of these images nor a near duplicate, and none of any other campaign they take part in, unless they judged
        it as an anchor and were told the panel's scores already.
        """
        own_images = Image.objects.filter(campaigns__memberships__user=user.pk)
        judged_images = Image.objects.filter(
            assignments__annotator=user.pk,
            assignments__campaign__calibrates__isnull=False,
            # Written out: assignments come after calibrations in the order of import.
            assignments__state="done",
            assignments__superseded=False,
        )
        # By group, as knowing the level of a near duplicate is knowing that of the image.
        is_new = ~Q(image__group__in=own_images.values("group"))
        anchors = self.filter(is_new | Q(image__in=judged_images.values("pk")))
        return anchors.exclude(image__group__in=campaign.images.values("group"))

    def in_force(self) -> list[Anchor]:
        """Return the newest reference of each image, as the panel may have been asked again.

        Without those nobody is handed: whoever calibrates would wait for them for ever.
        """
        held = Image.objects.filter(
            pk=OuterRef("image"), entries__campaign=OuterRef("calibration__campaign"), entries__held=True
        )
        handed_out = self.exclude(Exists(held)).select_related("image")
        newest = {anchor.image_id: anchor for anchor in handed_out.order_by("pk")}
        return list(newest.values())


class Anchor(AppendOnly):
    """What the panel said of one anchor image: `scores` maps attributes, and "holistic", to points by rater."""

    calibration = models.ForeignKey(Calibration, on_delete=models.PROTECT, related_name="anchors")
    image = models.ForeignKey(Image, on_delete=models.PROTECT, related_name="anchored")
    rubric_version = models.ForeignKey(RubricVersion, on_delete=models.PROTECT, related_name="anchors")
    scores: Any = models.JSONField(_("scores of the panel"))
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = AnchorQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("anchor")

    def __str__(self) -> str:
        return f"{self.image} in {self.calibration}"
