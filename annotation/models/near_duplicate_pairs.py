"""Keep which pairs of images show nearly the same, or may, and what people said of those that may."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from annotation.images.likeness import REACH, SURE, Verdict, judge
from annotation.roles import ORGANISE, is_administrator

from .append_only import AppendOnly, AppendOnlyQuerySet
from .campaigns import Campaign
from .images import Image
from .visibility import with_role

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser, AnonymousUser


class NearDuplicatePairQuerySet(models.QuerySet["NearDuplicatePair"]):
    def touching(self, campaign: Campaign) -> NearDuplicatePairQuerySet:
        """Keep the pairs of which at least one image is in the campaign."""
        # Asked about each pair, as there are fewer of them than of images.
        entries = Campaign.images.through.objects.filter(campaign=campaign)
        one, other = (Exists(entries.filter(image=OuterRef(side))) for side in ("one", "other"))
        return self.filter(one | other)

    def decided_by(self, user: AbstractBaseUser | AnonymousUser) -> NearDuplicatePairQuerySet:
        """Keep the pairs this person may decide: who organises campaigns of both images.

        None with a withdrawn image, which nobody is shown any more.
        """
        sides = ("one", "other")
        # Not by a join, of which PostgreSQL believes that it leaves one row, and so begins with all images.
        withdrawals: Any = Image._meta.get_field("withdrawals").related_model
        pairs = self.filter(*(~Exists(withdrawals.objects.filter(image=OuterRef(side))) for side in sides))
        if is_administrator(user):
            return pairs
        entries = Campaign.images.through.objects.filter(with_role(user, ORGANISE, "campaign"))
        return pairs.filter(*(Exists(entries.filter(image=OuterRef(side))) for side in sides))

    def tying(self) -> NearDuplicatePairQuerySet:
        """Keep the pairs that tie their images together: all but the rejected ones."""
        # Undecided ones tie too: images wrongly together cost little, copies in two splits are leakage.
        return self.exclude(state=NearDuplicatePair.State.DIFFERENT)

    def by_cosine(self) -> NearDuplicatePairQuerySet:
        """Keep the pairs whose embeddings are alike."""
        return self.filter(cosine__isnull=False)

    def undecided(self) -> NearDuplicatePairQuerySet:
        """Keep the pairs that wait for a person."""
        return self.filter(state=NearDuplicatePair.State.UNDECIDED)

    def open_to_verdict(self) -> NearDuplicatePairQuerySet:
        """Keep the pairs a person has not decided but may: undecided ones and those sure by embeddings alone."""
        by_looks = Q(bits__lte=REACH, likeness__gte=SURE)
        # In one question: of two that are united, all that was asked before would be asked twice.
        sure_by_embeddings = ~by_looks & Q(state=NearDuplicatePair.State.SURE)
        return self.filter(Q(state=NearDuplicatePair.State.UNDECIDED) | sure_by_embeddings)

    def decided(self) -> NearDuplicatePairQuerySet:
        """Keep the pairs a person has decided."""
        return self.filter(state__in=[NearDuplicatePair.State.SAME, NearDuplicatePair.State.DIFFERENT])


class NearDuplicatePair(models.Model):
    """Two images tied together, the older one first; `state` is what holds now, `verdicts` how it came about.

    `bits` is the distance of their perceptual hashes, `likeness` the correlation of their miniatures in thousandths,
    None where one of them has none or is plain. `cosine` is that of their embeddings in thousandths, the highest that
    any embedder found, None where none found them alike. Hashes and miniatures that agree leave nothing to decide; a
    model's embeddings may err, and a person may tell apart what only they take for the same.
    """

    class State(models.TextChoices):
        """What may hold between two images; the first needs no person."""

        SURE = "sure", _("nearly the same, by measure")
        UNDECIDED = "undecided", _("undecided")
        SAME = "same", _("the same, by a person")
        DIFFERENT = "different", _("different, by a person")

    one = models.ForeignKey(Image, on_delete=models.CASCADE, related_name="pairs_as_one")
    other = models.ForeignKey(Image, on_delete=models.CASCADE, related_name="pairs_as_other")
    bits = models.PositiveSmallIntegerField(_("bits by which the hashes differ"))
    likeness = models.SmallIntegerField(_("likeness in thousandths"), null=True)
    # Whole thousandths compare exactly, where two machines' fractions may fall on either side of a limit.
    cosine = models.SmallIntegerField(_("cosine of the embeddings in thousandths"), null=True)
    state = models.CharField(_("state"), max_length=10, choices=State)
    found_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = NearDuplicatePairQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("pair of near duplicates")
        constraints = [
            models.UniqueConstraint(fields=["one", "other"], name="a_pair_is_kept_once"),
            # Without an order the same pair could be kept twice, and be both confirmed and rejected.
            models.CheckConstraint(condition=Q(one__lt=F("other")), name="the_older_image_of_a_pair_comes_first"),
        ]
        indexes = [models.Index(fields=["state"], name="pairs_by_state")]

    @property
    def images(self) -> tuple[Image, Image]:
        """Return both images."""
        return self.one, self.other

    @property
    def correlation(self) -> float | None:
        """Return the likeness as a correlation, at most 1."""
        return None if self.likeness is None else self.likeness / 1000

    @property
    def nearness(self) -> float | None:
        """Return the cosine of the embeddings, at most 1."""
        return None if self.cosine is None else self.cosine / 1000

    @property
    def sure_by_looks(self) -> bool:
        """Tell whether hashes and miniatures leave nothing to decide."""
        return judge(self.bits, self.likeness) == Verdict.SAME

    def __str__(self) -> str:
        return f"{self.one} and {self.other}: {self.state}"


class PairVerdictQuerySet(AppendOnlyQuerySet["PairVerdict"]):
    def newest_on(self, pairs: NearDuplicatePairQuerySet) -> PairVerdictQuerySet:
        """Return the verdicts that hold on these pairs, the newest first, with what a list says of them."""
        later = PairVerdict.objects.filter(pair=OuterRef("pair"), pk__gt=OuterRef("pk"))
        rows = self.filter(~Exists(later), Exists(pairs.filter(pk=OuterRef("pair"))))
        return rows.select_related("pair__one", "pair__other", "by").order_by("-pk")


class PairVerdict(AppendOnly):
    """What a person decided on a pair, in the course of a campaign; the newest holds."""

    pair = models.ForeignKey(NearDuplicatePair, on_delete=models.PROTECT, related_name="verdicts")
    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="pair_verdicts")
    same = models.BooleanField(_("show the same"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="pair_verdicts")
    decided_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = PairVerdictQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("verdict on a pair")

    def __str__(self) -> str:
        return f"{self.pair}: {'same' if self.same else 'different'}"
