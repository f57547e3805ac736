"""Keep which images are in which campaign, and ask which of them still want answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Count, Exists, ExpressionWrapper, F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .assignments import Assignment
from .campaigns import Campaign, Membership
from .images import Image
from .prepared import prepared
from .tallies import PersonTally

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser, AnonymousUser


COUNTED_AT_MOST = 1_000  # So that what a page costs does not grow with the campaign.


class CampaignImageQuerySet(models.QuerySet["CampaignImage"]):
    def with_places(self) -> CampaignImageQuerySet:
        """Keep the images that want further answers and are not held back."""
        return self.filter(available=True)

    def open_to(self, membership: Membership) -> CampaignImageQuerySet:
        """Keep the images of a campaign that a person may still be given: of their categories, and new to them.

        Not new is what was given to them before; and what, or a near duplicate of what, they know more of than the
        image: they were shown a model's prefill of it in another campaign, could read there what is said of it, or may
        decide on its case.
        """
        entries = self.filter(campaign=membership.campaign_id)
        if membership.categories:
            entries = entries.filter(subcategory__in=membership.eligible_subcategories())
        mine = Assignment.objects.filter(annotator=membership.user_id)
        given = Exists(mine.occupying().filter(campaign=OuterRef("campaign"), image=OuterRef("image")))
        if membership.concerns_nothing_else:
            return entries.exclude(given)
        # Asked by itself: hardly anybody reads or adjudicates elsewhere, and what is not there need not be looked for.
        roles = Membership.objects.filter(user=membership.user_id).values_list(
            "campaign", "adjudicator", "reader_since"
        )
        adjudicated, read = [], []
        for campaign, is_adjudicator, reader_since in roles:
            adjudicated += [campaign] if is_adjudicator else []
            read += [campaign] if reader_since else []
        # Each asked about the image at hand: what a person has done and read grows, and is never read as a whole. And
        # excluded by itself: of conditions united by OR, PostgreSQL would read all that one of them names.
        entries = entries.exclude(given)
        if adjudicated:
            entries = entries.exclude(
                Exists(Image.objects.filter(pk=OuterRef("image"), cases__campaign__in=adjudicated))
            )
        readable = CampaignImage.objects.readable_in(read, membership.user).exclude(campaign=membership.campaign_id)
        if read or getattr(membership.user, "administrator_since", None):
            entries = entries.exclude(Exists(_of_same_group(readable)))
        return entries.exclude(Exists(_of_same_group(mine.shown_a_prefill().exclude(campaign=membership.campaign_id))))

    def not_awaited_from(self, membership: Membership) -> CampaignImageQuerySet:
        """Leave out what shows an image that this person has still to judge in another campaign.

        Only where a model is shown here: what it says would reach them before their own answer there.
        """
        if membership.campaign.blind_share == 100 or membership.is_only_one:
            return self
        awaited = Assignment.objects.of(membership.user).awaiting_first().exclude(campaign=membership.campaign_id)
        return self.exclude(Exists(_of_same_group(awaited)))

    def readable_by(self, user: AbstractBaseUser | AnonymousUser) -> CampaignImageQuerySet:
        """Keep the images of which this person may read what is said, or once might.

        Those of campaigns in which they read, and all that were in any campaign while they were an administrator.
        """
        # Asked by itself: hardly anybody reads anywhere, and a join with all images would cost everybody.
        campaigns = list(Membership.objects.readers().filter(user=user.pk).values_list("campaign", flat=True))
        return self.readable_in(campaigns, user)

    def readable_in(self, campaigns: Sequence[int], user: AbstractBaseUser | AnonymousUser) -> CampaignImageQuerySet:
        """Keep the images of these campaigns, and all that were in any while this person was an administrator."""
        readable = Q(campaign__in=campaigns)
        if getattr(user, "administrator_since", None):
            readable |= Q(added_at__lt=getattr(user, "administrator_until") or timezone.now())  # noqa: B009
        return self.filter(readable)

    def unfinished(self) -> CampaignImageQuerySet:
        """Keep the images that may still want answers: places are left, or come back if somebody gives up."""
        leased = Assignment.objects.filter(campaign=OuterRef("campaign"), image=OuterRef("image"), state="open")
        return self.filter(Q(places__gt=0) | Exists(leased.filter(repeat=False)), excluded=False)

    def judged(self) -> CampaignImageQuerySet:
        """Keep the images that are to be judged, now or once a flag is adjudicated: not excluded, not withdrawn."""
        return self.filter(excluded=False)

    def with_anchors_missing(self) -> CampaignImageQuerySet:
        """Add to each image of a calibration how many answers are missing (`n_missing`): everybody judges every anchor.

        Who left is waited for no more.
        """
        annotators = Membership.objects.annotators().filter(campaign=OuterRef("campaign"))
        answered = Assignment.objects.filter(campaign=OuterRef("campaign"), image=OuterRef("image")).inside().answered()
        of_annotators = answered.filter(
            annotator__memberships__campaign=OuterRef("campaign"), annotator__memberships__annotator=True
        )
        return self.annotate(n_missing=_difference(_count(annotators, "campaign"), _count(of_annotators, "image")))

    def progress_of(self, user: AbstractBaseUser | AnonymousUser, campaign: Campaign) -> dict[str, int]:
        """Return how many of a campaign's images this person has `done`, how many are `left` for them, and their sum.

        Counting stops at a thousand left, so that the cost does not grow with the campaign.
        """
        membership = _progress.first(campaign=campaign.pk, user=user.pk)
        if membership is None:
            return {"done": 0, "left": 0, "total": 0}
        numbers = vars(membership)
        membership.campaign = campaign
        n_left = numbers["n_unfinished"]
        if membership.annotator and membership.concerns_nothing_else and not membership.categories:
            n_left += numbers["n_open"]
        elif membership.annotator:
            n_left += self.with_places().open_to(membership).order_by()[:COUNTED_AT_MOST].count()
        return {"done": numbers["n_done"], "left": n_left, "total": numbers["n_done"] + n_left}


def _count(rows: models.QuerySet[Any], by: str) -> Coalesce:
    """Count rows of another model by themselves, so that joins do not multiply."""
    return Coalesce(Subquery(rows.order_by().values(by).annotate(n=Count("pk")).values("n")), 0)


def _of_same_group(rows: models.QuerySet[Any]) -> models.QuerySet[Any]:
    """Keep the rows of another model whose image, or a near duplicate of it, is the image asked about."""
    return rows.filter(image__group=OuterRef("image__group"))


def _difference(one: Any, other: Any) -> ExpressionWrapper[Any]:
    # The columns hold no negative numbers; their difference may be one.
    return ExpressionWrapper(one - other, output_field=models.IntegerField())


@prepared
def _progress(campaign: int, user: int) -> models.QuerySet[Membership]:
    """Prepare a person's progress, as far as it is that of somebody whom nothing else concerns."""
    own = PersonTally.objects.filter(campaign=OuterRef("campaign"), person=OuterRef("user")).order_by()
    open_images = CampaignImage.objects.with_places().open_to(Membership.anybody(campaign, user)).order_by()
    memberships = Membership.objects.filter(campaign=campaign, user=user).select_related("user").with_others()
    return memberships.annotate(
        n_done=_total(own, "done"),
        n_unfinished=_total(own, "unfinished"),
        n_open=Subquery(
            open_images.values("pk")[:COUNTED_AT_MOST],
            template="(SELECT COUNT(*) FROM (%(subquery)s) open_images)",
            output_field=models.IntegerField(),
        ),
    )


def _total(tallies: models.QuerySet[PersonTally], name: str) -> Coalesce:
    return Coalesce(Subquery(tallies.values("person").annotate(n=Sum(name)).values("n")), 0)


class Stratum(models.Model):
    """The images of one subcategory in one block: those that came to a campaign before anybody had begun with them."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="strata", db_index=False)
    block = models.PositiveIntegerField(_("block"))
    subcategory = models.CharField(_("subcategory"), max_length=50)
    # How many numbers were given, and so one more than the last: an image that moves away leaves its number behind.
    size = models.PositiveIntegerField(_("images"), default=0)

    class Meta:
        ordering = ["block", "subcategory"]
        verbose_name = _("stratum")
        verbose_name_plural = _("strata")
        constraints = [
            models.UniqueConstraint(fields=["campaign", "block", "subcategory"], name="a_stratum_once_per_block"),
        ]

    def __str__(self) -> str:
        return f"{self.subcategory} in block {self.block} of {self.campaign}"


class CampaignImage(models.Model):
    """An image in a campaign, with the subcategory in force there.

    Its number in its stratum is what people's orders are worked out from.
    """

    # Without an index of its own: those below begin with it, and SQLite would prefer it to them.
    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="entries", db_index=False)
    image = models.ForeignKey(Image, on_delete=models.PROTECT, related_name="entries")
    subcategory = models.CharField(_("subcategory in force"), max_length=50)
    wanted = models.PositiveSmallIntegerField(_("answers wanted"))
    # Counted here and not from assignments: one locked row decides who gets the last place,
    # and a number below zero, one answer too many, is refused by the database itself.
    places = models.PositiveSmallIntegerField(_("places left: answers wanted less those given or leased"))
    # Kept by triggers: answers that count, and how many people were ever given the image but for those who gave it
    # back. Without a check, as a database is filled in any order.
    answered = models.IntegerField(_("answers that count"), default=0, editable=False)
    had = models.IntegerField(_("people who had it"), default=0, editable=False)
    excluded = models.BooleanField(_("excluded by an adjudicator"), default=False)
    held = models.BooleanField(_("held back until a flag is adjudicated"), default=False)
    # The database's own, as both engines can then use an index of these images alone.
    available = models.GeneratedField(
        verbose_name=_("has places, and is not held"),
        expression=ExpressionWrapper(Q(places__gt=0, held=False), models.BooleanField()),
        output_field=models.BooleanField(),
        db_persist=True,
    )
    block = models.PositiveIntegerField(_("block"), default=0, editable=False)
    number = models.PositiveIntegerField(_("number in its stratum"), editable=False)
    added_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = CampaignImageQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("image of a campaign")
        constraints = [
            models.UniqueConstraint(fields=["campaign", "image"], name="an_image_once_per_campaign"),
            models.UniqueConstraint(fields=["campaign", "block", "subcategory", "number"], name="a_number_per_image"),
            models.CheckConstraint(condition=Q(places__lte=F("wanted")), name="no_more_places_than_wanted"),
        ]
        indexes = [
            models.Index(
                fields=["campaign", "block", "subcategory", "number"],
                condition=Q(available=True),
                name="available_images",
            ),
            models.Index(
                fields=["campaign", "subcategory", "had"], condition=Q(available=True), name="images_by_who_had_them"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.image} in {self.campaign}"
