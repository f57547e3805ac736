"""Keep campaigns: which images, which rubric, how many answers, who takes part, in which arms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Case, Count, Exists, F, OuterRef, Q, Subquery, Sum, When
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from annotation.dataset.format.facts import CampaignProtocol
from annotation.roles import JUDGE, VIEW, Role, Roles
from annotation.rubric.schema import Rubric

from .append_only import AppendOnly, AppendOnlyQuerySet
from .images import Image
from .rubrics import RubricVersion
from .tallies import ImageTally
from .visibility import any_of, with_role

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser, AnonymousUser


DARKEST_SURROUND, LIGHTEST_SURROUND = 0x30, 0x7C


ROLE_NAMES: dict[Role, Any] = {
    Role.ORGANISER: _("organiser"),
    Role.ANNOTATOR: _("annotator"),
    Role.ADJUDICATOR: _("adjudicator"),
    Role.AUDITOR: _("auditor"),
    Role.VIEWER: _("viewer"),
}


class Arm(models.TextChoices):
    """The arms: how much of the model the annotator sees, and when."""

    BLIND = "blind", _("blind: no model at all")
    REVEAL = "reveal", _("reveal: commit first, then see the model's prefill")
    ASSISTED = "assisted", _("assisted: the model's prefill stands in the form")


class Preset(models.TextChoices):
    """The presets an organiser chooses from."""

    COMMIT_THEN_REVIEW = "commit-then-review", _("Commit, then review the model")
    PREFILLED = "prefilled", _("Review a prefilled form")
    BLIND_PANEL = "blind-panel", _("Blind panel")


PRESET_SHARES: dict[str, dict[str, int]] = {
    Preset.COMMIT_THEN_REVIEW: {Arm.BLIND: 15, Arm.REVEAL: 85, Arm.ASSISTED: 0},
    Preset.PREFILLED: {Arm.BLIND: 20, Arm.REVEAL: 0, Arm.ASSISTED: 80},
    Preset.BLIND_PANEL: {Arm.BLIND: 100, Arm.REVEAL: 0, Arm.ASSISTED: 0},
}


class CampaignQuerySet(models.QuerySet["Campaign"]):
    def visible_to(self, user: AbstractBaseUser | AnonymousUser) -> CampaignQuerySet:
        """Keep the campaigns this person may know of."""
        # Who judges learns of a campaign when it opens: in a draft, images and arms may still change.
        judging = with_role(user, JUDGE) & ~Q(state=Campaign.State.DRAFT)
        return self.kept().filter(with_role(user, VIEW) | judging)

    def in_which(self, user: AbstractBaseUser | AnonymousUser, roles: Roles) -> CampaignQuerySet:
        """Keep the campaigns in which this person has one of the roles."""
        return self.kept().filter(with_role(user, roles))

    def kept(self) -> CampaignQuerySet:
        """Keep those that were not deleted as drafts."""
        return self.exclude(state=Campaign.State.DELETED)

    def open(self) -> CampaignQuerySet:
        """Keep the campaigns in which work is handed out."""
        return self.filter(state=Campaign.State.OPEN)

    def with_counts(self) -> CampaignQuerySet:
        """Add `n_images`, `n_people` who take part, `n_annotations` that count and how many are wanted (`n_wanted`)."""
        # What is given and what is missing: where fewer were asked for later, more were given than are asked for now.
        wanted = F("annotations") + F("missing")
        tallies = ImageTally.objects
        return self.annotate(
            n_images=tallies.total_of_campaign("images"),
            n_people=_count_rows(Membership, annotator=True),
            n_annotations=tallies.total_of_campaign("annotations"),
            # Everybody judges every anchor, so k says nothing in a calibration.
            n_wanted=Case(
                When(calibrates=None, then=tallies.total_of_campaign(wanted)),
                default=Coalesce(Subquery(_anchor_annotations_wanted()), 0),
            ),
        )


def _anchor_annotations_wanted() -> models.QuerySet[Any]:
    """Return how many annotations a calibration wants; it is small."""
    anchors = Campaign.images.through.objects.judged().with_anchors_missing()
    of_campaign = anchors.filter(campaign=OuterRef("pk")).order_by().values("campaign")
    return of_campaign.annotate(n=Sum(F("answered") + F("n_missing"))).values("n")


def _count_rows(model: type[models.Model], **conditions: Any) -> Coalesce:
    """Count a campaign's rows of another model by themselves, so that joins do not multiply."""
    rows = model._default_manager.filter(campaign=OuterRef("pk"), **conditions).order_by()
    return Coalesce(Subquery(rows.values("campaign").annotate(n=Count("pk")).values("n")), 0)


class Campaign(models.Model):
    """One round of judging: `annotations_per_image` answers for each image, arms drawn by their shares."""

    class State(models.TextChoices):
        """The stations of a campaign's life."""

        DRAFT = "draft", _("draft")
        OPEN = "open", _("open")
        PAUSED = "paused", _("paused")
        CLOSED = "closed", _("closed")
        # A draft that was deleted: its events stay, and so does what somebody has read of its images.
        DELETED = "deleted", _("deleted")

    class ArmsBy(models.TextChoices):
        """What the arm is drawn for."""

        ASSIGNMENT = "assignment", _("by assignment")
        PERSON = "person", _("by person")

    slug = models.SlugField(_("short name"), unique=True)
    title = models.CharField(_("title"), max_length=200)
    description = models.TextField(_("description"), blank=True)
    # Empty until the organiser decides: nobody else may grant rights.
    annotations_licence = models.CharField(_("licence of the annotations"), max_length=100, blank=True)
    statements: Any = models.JSONField(_("statements for the datasheet"), default=dict, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.DRAFT)
    rubric_version = models.ForeignKey(
        RubricVersion, on_delete=models.PROTECT, related_name="campaigns", verbose_name=_("rubric version")
    )
    images = models.ManyToManyField(
        Image, through="annotation.CampaignImage", related_name="campaigns", verbose_name=_("images")
    )
    annotations_per_image = models.PositiveSmallIntegerField(
        _("answers per image"), default=3, validators=[MinValueValidator(1)]
    )
    preset = models.CharField(_("preset"), max_length=20, choices=Preset, default=Preset.COMMIT_THEN_REVIEW)
    blind_share = models.PositiveSmallIntegerField(_("blind share in per cent"), default=15)
    reveal_share = models.PositiveSmallIntegerField(_("reveal share in per cent"), default=85)
    assisted_share = models.PositiveSmallIntegerField(_("assisted share in per cent"), default=0)
    arms_by = models.CharField(_("arms are drawn"), max_length=10, choices=ArmsBy, default=ArmsBy.ASSIGNMENT)
    # One model for all, and named: a newer run never changes what annotators are shown.
    shown_model = models.ForeignKey(
        "annotation.ModelVersion",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="campaigns",
        verbose_name=_("model whose prefills are shown"),
    )
    seed = models.PositiveBigIntegerField(_("seed of all draws"), default=1)
    lease_minutes = models.PositiveSmallIntegerField(_("lease in minutes"), default=30)
    repeat_share = models.PositiveSmallIntegerField(_("hidden repeats in per cent"), default=4)
    # Long enough to have forgotten one's scores, or a repeat would measure memory.
    repeat_gap_days = models.PositiveSmallIntegerField(_("days before a repeat"), default=7)
    daily_cap = models.PositiveSmallIntegerField(_("most answers a person and day"), null=True, blank=True)
    case_spread = models.PositiveSmallIntegerField(
        _("spread of scores, in steps, that opens a case"), null=True, blank=True, default=8
    )
    correction_minutes = models.PositiveIntegerField(_("minutes in which one may correct oneself"), default=60)
    precision_target = models.PositiveSmallIntegerField(
        _("target half-width of the interval, in hundredths of a point"), null=True, blank=True
    )
    most_annotations_per_image = models.PositiveSmallIntegerField(_("most answers per image"), null=True, blank=True)
    # The English text in force, empty where none is asked; `ConsentWording` keeps all versions in both languages.
    consent_text = models.TextField(_("what people consent to before their first image"), blank=True)
    consent_version = models.PositiveSmallIntegerField(_("version of the consent"), default=0)
    anchors_of = models.ForeignKey(
        "annotation.Calibration",
        verbose_name=_("calibration whose anchor images are shown to compare with"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="compared_in",
    )
    calibration = models.ForeignKey(
        "annotation.Calibration",
        verbose_name=_("calibration asked for before the first image"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="campaigns",
    )
    surround = models.PositiveSmallIntegerField(
        _("grey around the image"),
        default=0x4A,
        # At most a fifth of the display's white, ideally about 3 in 100 (ISO 3664).
        validators=[MinValueValidator(DARKEST_SURROUND), MaxValueValidator(LIGHTEST_SURROUND)],
    )
    # Whoever computes a report in the background holds it until then, so that no two compute the same.
    measuring_until = models.DateTimeField(_("measuring agreement until"), null=True, blank=True, editable=False)
    is_demo = models.BooleanField(_("demo, may hold simulated answers"), default=False)
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)
    opened_at = models.DateTimeField(_("opened at"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)

    objects = CampaignQuerySet.as_manager()

    class Meta:
        ordering = ["slug"]
        verbose_name = _("campaign")
        verbose_name_plural = _("campaigns")
        constraints = [
            models.CheckConstraint(
                condition=Q(blind_share=100 - F("reveal_share") - F("assisted_share")),
                name="arm_shares_add_up_to_100",
            ),
            models.CheckConstraint(
                condition=Q(surround__range=(DARKEST_SURROUND, LIGHTEST_SURROUND)), name="a_neutral_grey_surround"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def rubric(self) -> Rubric:
        """Return the rubric answers are given by."""
        return self.rubric_version.rubric

    @property
    def is_calibration(self) -> bool:
        """Tell whether these are the anchors of a calibration, which everybody judges."""
        return hasattr(self, "calibrates")

    @property
    def shares(self) -> dict[str, int]:
        """Return each arm's share in per cent."""
        return {Arm.BLIND: self.blind_share, Arm.REVEAL: self.reveal_share, Arm.ASSISTED: self.assisted_share}

    @property
    def protocol(self) -> CampaignProtocol:
        """Return how it is run as releases state it."""
        spread = self.case_spread
        return CampaignProtocol(
            annotations_licence=self.annotations_licence,
            preset=str(self.preset),
            arms_by=str(self.arms_by),
            shares={str(arm): share for arm, share in self.shares.items()},
            repeat_share=self.repeat_share,
            repeat_gap_days=self.repeat_gap_days,
            daily_cap=self.daily_cap,
            case_spread=None if spread is None else f"{self.rubric.scale.to_points(spread):g} points",
            consent_version=self.consent_version,
            consent_text=self.consent_text,
            precision_target=self.precision_target,
            most_annotations_per_image=self.most_annotations_per_image,
        )

    @property
    def surround_colour(self) -> str:
        """Return the neutral grey around the image as browsers write it, such as #4a4a4a."""
        return f"#{self.surround:02x}" + 2 * f"{self.surround:02x}"

    def consent_wording(self) -> ConsentWording | None:
        """Return the text people consent to, None where none is asked."""
        newest = self.consent_wordings.first()
        return newest if newest and newest.english else None

    def progress(self) -> dict[str, int]:
        """Return how many `images` there are and are `complete`, the `annotations` that count and those `wanted`.

        Complete, counted and wanted are of the images to be judged; what is left aside, `left_aside` names.
        """
        rows = self.tally().values()
        names = ("images", "complete", "annotations", "wanted")
        return {name: sum(row[name] for row in rows) for name in names}

    def tally(self) -> dict[str, dict[str, int]]:
        """Return by subcategory in force how many `images` there are, and of those `judged` what `progress` counts."""
        names = ("images", "judged", "complete", "annotations", "missing")
        numbers = (
            self._tally_of_anchors() if self.is_calibration else self.image_tallies.totals_by("subcategory", *names)
        )
        rows = {key: dict(zip(names, row, strict=True)) for key, row in numbers.items() if row[0]}
        return {key: row | {"wanted": row["annotations"] + row["missing"]} for key, row in rows.items()}

    def _tally_of_anchors(self) -> dict[str, tuple[int, ...]]:
        # How many people there are says how many annotations a calibration wants; it is small.
        judged = Q(excluded=False)
        rows = (
            self.entries.with_anchors_missing()
            .order_by()
            .values("subcategory")
            .annotate(
                n_images=Count("pk"),
                n_judged=Count("pk", filter=judged),
                n_complete=Count("pk", filter=judged & Q(n_missing=0, answered__gt=0)),
                n_annotations=Coalesce(Sum("answered", filter=judged), 0),
                n_all_missing=Coalesce(Sum("n_missing", filter=judged), 0),
            )
        )
        names = ("n_images", "n_judged", "n_complete", "n_annotations", "n_all_missing")
        return {row[0]: row[1:] for row in rows.values_list("subcategory", *names)}

    def left_aside(self, progress: dict[str, int]) -> dict[str, int]:
        """Return what is no part of the progress: images by what became of them, annotations by why they do not count.

        With the annotations of the progress they add up to all there are.
        """
        images = self.image_tallies.totals("images", "judged", "held")
        withdrawn = self.withdrawals.filter(image__isnull=False).count()
        numbers = self.person_tallies.totals("given", "surplus", "superseded", "repeats", "imports")
        rest = numbers.pop("given") - sum(numbers.values()) - progress["annotations"]
        return {
            "withdrawn_images": withdrawn,
            "excluded_images": images["images"] - images["judged"] - withdrawn,
            "held_images": images["held"],
            **numbers,
            "of_what_is_gone": rest,
        }

    def annotations_by_person(self) -> dict[int, tuple[int, int]]:
        """Return how many annotations of each person count, and how many others they gave here, by the person's key."""
        # What somebody withdrew counts no more.
        gone = set(self.withdrawals.filter(person__isnull=False).values_list("person", flat=True))
        numbers = self.person_tallies.totals_by("person", "given", "counted")
        return {
            person: (0, given) if person in gone else (counted, given - counted)
            for person, (given, counted) in numbers.items()
            if given
        }


class ConsentWording(AppendOnly):
    """One version of the text people consent to in a campaign; an empty one says that none is asked any more."""

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="consent_wordings")
    number = models.PositiveSmallIntegerField(_("version"))
    english = models.TextField(_("English"), blank=True)
    chinese = models.TextField(_("Chinese"), blank=True)
    published_at = models.DateTimeField(default=timezone.now, editable=False)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    objects = AppendOnlyQuerySet["ConsentWording"].as_manager()

    class Meta:
        ordering = ["campaign", "-number"]
        verbose_name = _("wording of the consent")
        constraints = [
            models.UniqueConstraint(fields=["campaign", "number"], name="one_consent_wording_per_number"),
        ]

    def __str__(self) -> str:
        return f"{self.campaign.slug}: consent {self.number}"

    def text(self, language: str) -> str:
        """Return the text in a language (such as "zh-hans"), else in English."""
        return self.chinese if language == "zh-hans" and self.chinese else self.english


class MembershipQuerySet(models.QuerySet["Membership"]):
    def annotators(self) -> MembershipQuerySet:
        """Keep those of people who annotate."""
        return self.filter(annotator=True)

    def having_roles(self) -> MembershipQuerySet:
        """Keep those of people who have a role."""
        return self.filter(any_of(frozenset(Role)))

    def readers(self) -> MembershipQuerySet:
        """Keep those of people who read what is said of the images, or once did."""
        return self.filter(reader_since__isnull=False)

    def with_what_orders_need(self) -> MembershipQuerySet:
        """Join what it takes to walk through somebody's order."""
        return self.select_related("campaign__rubric_version", "campaign__calibrates", "user", "latest_image")

    def with_others(self) -> MembershipQuerySet:
        """Add whether the person ever had a role in another campaign (`has_others`)."""
        others = Membership.objects.filter(user=OuterRef("user")).exclude(pk=OuterRef("pk"))
        return self.annotate(has_others=Exists(others))

    def once_annotators(self) -> MembershipQuerySet:
        """Keep those of people who annotate or did so until they left."""
        return self.filter(joined_at__isnull=False)


class Membership(models.Model):
    """A person's roles in a campaign; one who left has none.

    The fields from `joined_at` on are about annotating: since when, for which categories (none named: all), how many
    answers at most, and how far the person is with consent, calibration and their own order of images.
    """

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="memberships")
    # A column a role, named as in `annotation.roles`, so that both databases can ask for one.
    organiser = models.BooleanField(ROLE_NAMES[Role.ORGANISER], default=False)
    annotator = models.BooleanField(ROLE_NAMES[Role.ANNOTATOR], default=False)
    adjudicator = models.BooleanField(ROLE_NAMES[Role.ADJUDICATOR], default=False)
    auditor = models.BooleanField(ROLE_NAMES[Role.AUDITOR], default=False)
    viewer = models.BooleanField(ROLE_NAMES[Role.VIEWER], default=False)
    # Stays when somebody leaves: their answers count on, and their row is still an annotator's.
    joined_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Stays too: what somebody has read of images they may judge elsewhere later is not forgotten with the role.
    reader_since = models.DateTimeField(null=True, blank=True, editable=False)
    categories: Any = models.JSONField(_("categories"), default=list, blank=True)
    cap = models.PositiveIntegerField(_("most answers in this campaign"), null=True, blank=True)
    consented_version = models.PositiveSmallIntegerField(_("version consented to"), default=0)
    consented_at = models.DateTimeField(null=True, blank=True)
    calibrated_for = models.ForeignKey(
        RubricVersion, null=True, blank=True, on_delete=models.PROTECT, related_name="calibrated"
    )
    # How far they are in their order: in which block, and at which place in each of its subcategories.
    block = models.PositiveIntegerField(default=0, editable=False)
    walked: Any = models.JSONField(default=dict, editable=False)
    latest_image = models.ForeignKey(
        Image, null=True, on_delete=models.SET_NULL, related_name="+", editable=False, db_index=False
    )
    # What was handed out so far, by subcategory: the arms are drawn in blocks of these; and with hidden repeats.
    handed_out: Any = models.JSONField(default=dict, editable=False)
    assigned = models.PositiveIntegerField(default=0, editable=False)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("membership")
        constraints = [
            models.UniqueConstraint(fields=["campaign", "user"], name="a_person_once_per_campaign"),
            models.CheckConstraint(
                condition=Q(organiser=False, auditor=False, viewer=False) | Q(annotator=False, adjudicator=False),
                # In the database too, as the admin and a shell pass by the actions that refuse such roles.
                name="who_judges_reads_no_annotations_of_others",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.campaign}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save it, and note since when the person may read what is said of the campaign's images."""
        if self.reader_since is None and not VIEW.isdisjoint(self.roles):
            self.reader_since = timezone.now()
            if (fields := kwargs.get("update_fields")) is not None:
                kwargs["update_fields"] = {*fields, "reader_since"}
        super().save(*args, **kwargs)

    @cached_property
    def is_only_one(self) -> bool:
        """Tell whether the person never had a role in another campaign, so that nothing there concerns them."""
        if getattr(self.user, "administrator_since", None):
            return False
        if "has_others" in vars(self):
            return not vars(self)["has_others"]
        return not Membership.objects.filter(user=self.user_id).exclude(pk=self.pk).exists()

    @property
    def concerns_nothing_else(self) -> bool:
        """Tell whether nothing but what the person was handed here bears on what they may be handed next."""
        return self.is_only_one and not self.adjudicator

    @classmethod
    def anybody(cls, campaign: Any, user: Any) -> Membership:
        """Return a stand-in for somebody whom nothing else concerns, to prepare queries with."""
        membership = cls(campaign_id=campaign, user_id=user)
        membership.is_only_one = True
        return membership

    @property
    def roles(self) -> Roles:
        """Return the person's roles in the campaign."""
        return frozenset(role for role in Role if getattr(self, role))

    @roles.setter
    def roles(self, roles: Roles) -> None:
        for role in Role:
            setattr(self, role, role in roles)

    @property
    def role_names(self) -> list[str]:
        """Return the person's roles as pages call them."""
        return [str(name) for role, name in ROLE_NAMES.items() if role in self.roles]

    def eligible_subcategories(self) -> list[str]:
        """Return the subcategory keys this person may judge."""
        rubric = self.campaign.rubric
        return [
            key
            for key, subcategory in rubric.subcategories.items()
            if not self.categories or subcategory.category in self.categories
        ]
