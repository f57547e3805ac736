"""Keep which images are in which campaign, and ask which of them still want answers."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Count, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .assignments import Assignment
from .campaigns import Campaign, Participation
from .images import Image

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser, AnonymousUser


class CampaignImageQuerySet(models.QuerySet["CampaignImage"]):
    """Ask about many images of campaigns."""

    def with_places(self, now: datetime) -> CampaignImageQuerySet:
        """Keep the images that fewer than k people hold or have answered."""
        taken = (
            Assignment.objects.filter(campaign=OuterRef("campaign"), image=OuterRef("image"))
            .taking_a_place(now)
            .order_by()
            .values("image")
            .annotate(n=Count("pk"))
            .values("n")
        )
        return self.annotate(taken=Coalesce(Subquery(taken), 0)).filter(taken__lt=F("campaign__answers_per_image"))

    def open_to(self, user: AbstractBaseUser | AnonymousUser) -> CampaignImageQuerySet:
        """Keep the images this person may be handed: eligible, and not given to them before (unless returned)."""
        eligible = Q(pk__in=[])
        for participation in Participation.objects.filter(user=user.pk, active=True).select_related(
            "campaign__rubric_version"
        ):
            here = Q(campaign=participation.campaign_id)
            if participation.categories:
                here &= Q(subcategory__in=participation.eligible_subcategories())
            eligible |= here
        given = CampaignImage.objects.filter(
            image__assignments__annotator=user.pk,
            image__assignments__campaign=F("campaign"),
            image__assignments__state__in=[
                Assignment.State.OPEN,
                Assignment.State.COMMITTED,
                Assignment.State.DONE,
                Assignment.State.SKIPPED,
            ],
        )
        return self.filter(eligible).exclude(pk__in=given.values("pk"))

    def tally(self) -> dict[str, tuple[int, int]]:
        """Count images, and answers inside k, by subcategory in force."""
        inside = Q(
            image__annotations__campaign=F("campaign"),
            image__annotations__surplus=False,
            image__annotations__imported=False,
            image__annotations__assignment__repeat=False,
        )
        rows = (
            self.order_by()
            .values_list("subcategory")
            .annotate(
                images=Count("pk", distinct=True),
                answers=Count("image__annotations", filter=inside, distinct=True),
            )
        )
        return {subcategory: (images, answers) for subcategory, images, answers in rows}


class CampaignImage(models.Model):
    """Put an image in a campaign, with the subcategory in force there."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="entries")
    image = models.ForeignKey(Image, on_delete=models.PROTECT, related_name="entries")
    subcategory = models.CharField(_("subcategory in force"), max_length=50)
    added_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = CampaignImageQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("image of a campaign")
        constraints = [
            models.UniqueConstraint(fields=["campaign", "image"], name="an_image_once_per_campaign"),
        ]

    def __str__(self) -> str:
        return f"{self.image} in {self.campaign}"
