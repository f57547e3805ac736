"""Keep what people answered: append-only revisions, a judgement per attribute."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Q, Sum
from django.db.models.functions import TruncDate
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from annotation.roles import AUDIT

from .append_only import AppendOnly, AppendOnlyQuerySet
from .assignments import Assignment
from .campaigns import Arm, Campaign
from .images import Image
from .rubrics import RubricVersion
from .visibility import with_role

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

    from .prefills import Prefill


BREAK = timedelta(minutes=30)  # Whoever answers nothing for this long begins another sitting.


class Origin(models.TextChoices):
    """Where a field's content came from."""

    OWN = "own", _("the expert's own")
    ACCEPTED = "accepted", _("the model's, accepted as it stood")
    BULK = "bulk", _("the model's, accepted together with all the rest")
    EDITED = "edited", _("the model's, edited")


class AnnotationQuerySet(AppendOnlyQuerySet["Annotation"]):
    def visible_to(self, user: AbstractBaseUser | AnonymousUser) -> AnnotationQuerySet:
        """Keep those this person may read; annotators read only their own."""
        return self.filter(with_role(user, AUDIT, "campaign") | Q(annotator=user.pk))

    def counted(self) -> AnnotationQuerySet:
        """Keep those that count: inside k, and not withdrawn since."""
        return self.inside().not_withdrawn()

    def not_withdrawn(self) -> AnnotationQuerySet:
        """Leave out what its annotator withdrew, and what is on a withdrawn image."""
        is_withdrawn = Q(annotator__withdrawals__campaign=F("campaign")) | Q(image__withdrawals__campaign=F("campaign"))
        return self.exclude(is_withdrawn)

    def inside(self, at: datetime | None = None) -> AnnotationQuerySet:
        """Keep those inside k: no surplus, no repeats, nothing imported, nothing asked again since, or by a moment."""
        # Releases and reports fix a moment: what was asked again only later was still good then.
        superseded = Q(assignment__superseded=True)
        if at is not None:
            superseded &= ~Q(assignment__superseded_at__gt=at)
        return self.filter(surplus=False, imported=False).exclude(Q(assignment__repeat=True)).exclude(superseded)

    def untouched_by_model(self) -> AnnotationQuerySet:
        """Keep those whose first answer was given before any model was seen, here or elsewhere."""
        return self.unexposed().filter(assignment__arm__in=[Arm.BLIND, Arm.REVEAL])

    def unexposed(self) -> AnnotationQuerySet:
        """Leave out those whose annotator could have read elsewhere what is said of the image."""
        return self.filter(exposed=False)

    def retested(self) -> AnnotationQuerySet:
        """Keep hidden repeats and the answers they repeat, where no model had been seen and the rubric still holds."""
        keys = {name: OuterRef(name) for name in ("campaign", "annotator", "image")}
        repeats = Annotation.objects.filter(assignment__repeat=True, **keys)
        return self.untouched_by_model().filter(Exists(repeats), assignment__superseded=False)

    def copies_of(self, person: AbstractBaseUser, campaign: Campaign) -> AnnotationQuerySet:
        """Keep those imported from releases that hold what a person answered in a campaign."""
        return self.filter(imported=True, imported_from=campaign.slug, declared_rater=getattr(person, "pseudonym"))  # noqa: B009

    def seconds_spent(self) -> Iterable[tuple[int, int | None]]:
        """Return for each its annotator's key and the seconds of all revisions, None where they were not measured."""
        return self.order_by().annotate(spent=Sum("revisions__seconds")).values_list("annotator", "spent")


class Annotation(AppendOnly):
    """One annotator's answer to one assignment, with its revisions.

    `sitting_position` is 1 for the first answer after a break of at least half an hour, 2 for the next, and so on;
    null where the answer was not given here. `imported_from` is the campaign that a release says it was given in, or
    the file or source of other formats; `declared_rater` is what that calls the rater.
    """

    # These repeat what the assignment says, because an imported annotation has no assignment.
    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="annotations")
    image = models.ForeignKey(Image, on_delete=models.PROTECT, related_name="annotations")
    annotator = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="annotations")
    # One to one, so that two tabs that commit at once cannot make two annotations.
    assignment = models.OneToOneField(Assignment, null=True, on_delete=models.PROTECT, related_name="annotation")
    rubric_version = models.ForeignKey(RubricVersion, on_delete=models.PROTECT, related_name="annotations")
    surplus = models.BooleanField(_("surplus"), default=False)
    # Kept from the commit: roles and near duplicates change, what somebody had read by then does not.
    exposed = models.BooleanField(_("what is said of the image had been readable elsewhere"), default=False)
    imported = models.BooleanField(_("imported"), default=False)
    sitting_position = models.PositiveIntegerField(_("position in the sitting"), null=True)
    imported_from = models.CharField(_("where it was imported from"), max_length=200, blank=True)
    declared_rater = models.CharField(_("rater, as named on import"), max_length=200, blank=True)
    declared_arm = models.CharField(_("arm, as declared on import"), max_length=10, choices=Arm, blank=True)
    declared_repeat = models.BooleanField(_("repeat, as declared on import"), default=False)
    declared_superseded = models.BooleanField(_("superseded, as declared on import"), default=False)
    declared_model = models.CharField(_("model shown, as declared on import"), max_length=200, blank=True)
    simulated = models.BooleanField(_("simulated"), default=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = AnnotationQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("annotation")
        indexes = [
            models.Index(fields=["campaign", "image"], name="annotations_of_an_image"),
            models.Index(fields=["annotator", "created_at"], name="annotations_of_a_person"),
        ]

    def __str__(self) -> str:
        return f"{self.annotator} on {self.image}"

    @property
    def pseudonym(self) -> str:
        """Return all that is published of who answered: never the name."""
        # The model of people is a setting, whose fields neither this room nor its types know.
        pseudonym: str = getattr(self.annotator, "pseudonym")  # noqa: B009
        return pseudonym

    @property
    def repeats(self) -> bool:
        """Tell whether it is a hidden repeat, or was declared one on import."""
        return self.assignment.repeat if self.assignment else self.declared_repeat

    @property
    def shown_prefill(self) -> Prefill | None:
        """Return the prefill its annotator has seen."""
        return self.assignment.shown_prefill if self.assignment else None

    def revisions_to_publish(self) -> list[Revision]:
        """Return the first revision, the final one, and the newest of those that followed a request to look again."""
        own: list[Revision] = []
        on_request: list[Revision] = []
        for revision in self.revisions.all():
            (on_request if revision.kind == Revision.Kind.SENT_BACK else own).append(revision)
        # By number, so that an answer that was never changed comes once.
        return list({revision.number: revision for revision in (*own[:1], *own[-1:], *on_request[-1:])}.values())

    def superseded_by(self, moment: datetime) -> bool:
        """Tell whether it had been asked for again by a moment, as the rubric had changed its meaning."""
        if self.assignment is None or not self.assignment.superseded:
            return self.declared_superseded
        moment_superseded = self.assignment.superseded_at
        return moment_superseded is None or moment_superseded <= moment


class RevisionQuerySet(AppendOnlyQuerySet["Revision"]):
    def seconds_since(self, user: AbstractBaseUser | AnonymousUser, start: datetime) -> int:
        """Return how many seconds this person spent on answers given since a moment."""
        revisions = self.filter(annotation__annotator=user.pk, annotation__imported=False, created_at__gte=start)
        return revisions.aggregate(spent=Sum("seconds"))["spent"] or 0

    def days_active(self) -> dict[int, int]:
        """Return on how many days each person answered something, by the person's key."""
        days = Count(TruncDate("created_at"), distinct=True)
        rows = self.order_by().values("annotation__annotator").annotate(days=days)
        return dict(rows.values_list("annotation__annotator", "days"))


class Revision(AppendOnly):
    """One complete answer; number 1 is the first, the highest number the final one.

    `holistic` is in hundredths of a point, null where an imported answer lacks scores; `seconds` counts from the
    image on screen to this answer.
    """

    class Kind(models.TextChoices):
        """When this answer was given."""

        FIRST = "first", _("first answer")
        AFTER_REVEAL = "after_reveal", _("after the model was revealed")
        CORRECTION = "correction", _("late correction")
        SENT_BACK = "sent_back", _("after it was sent back")

    annotation = models.ForeignKey(Annotation, on_delete=models.PROTECT, related_name="revisions")
    number = models.PositiveSmallIntegerField(_("number"))
    kind = models.CharField(_("kind"), max_length=15, choices=Kind)
    subcategory = models.CharField(_("subcategory"), max_length=50)
    holistic: Any = models.PositiveSmallIntegerField(_("holistic score in hundredths"), null=True)
    seconds = models.PositiveIntegerField(_("seconds spent"), null=True)
    # Told by the page that drew it; a program that sends annotations may tell nothing.
    drawn_at = models.DateTimeField(_("when the image was drawn on the annotator's screen"), null=True, blank=True)
    seconds_to_first_score = models.PositiveIntegerField(_("seconds to the first score"), null=True)
    declared_week = models.CharField(_("week it came in, as declared on import"), max_length=8, blank=True)
    # The page makes it: a retry whose first reply was lost finds its revision here, and adds none.
    idempotency_key = models.UUIDField(_("idempotency key"), default=uuid.uuid4, unique=True)
    content_hash = models.CharField(_("SHA-256 of the content"), max_length=64)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = RevisionQuerySet.as_manager()

    class Meta:
        ordering = ["annotation", "number"]
        verbose_name = _("revision")
        constraints = [
            models.UniqueConstraint(fields=["annotation", "number"], name="revisions_are_numbered"),
        ]
        indexes = [models.Index(fields=["created_at"], name="revisions_by_time")]

    def __str__(self) -> str:
        return f"{self.annotation}, revision {self.number}"


class JudgementQuerySet(AppendOnlyQuerySet["Judgement"]):
    def first_annotations(self) -> JudgementQuerySet:
        """Keep the first answers."""
        return self.filter(revision__number=1)

    def headline(self, campaign: Campaign) -> JudgementQuerySet:
        """Keep what headline reliability rests on: first answers, blind or before the reveal, inside k."""
        annotations = Annotation.objects.filter(campaign=campaign).counted().untouched_by_model()
        return self.first_annotations().filter(revision__annotation__in=annotations)


class Judgement(AppendOnly):
    """The score (in steps) and the critique one revision gives one attribute, and where each came from.

    Only an imported judgement may lack its score (null).
    `edit_distance` is the number of single-character edits between the model's critique and this one, null where the
    critique is the expert's own; `pasted` that of the characters that were pasted or dropped in, not typed. `pins` are
    the places on the image that the critique speaks of, as `annotation.rubric.pins` reads them.
    """

    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="judgements")
    attribute = models.CharField(_("attribute"), max_length=50)
    steps: Any = models.PositiveSmallIntegerField(_("score in steps"), null=True)
    score_origin = models.CharField(_("origin of the score"), max_length=10, choices=Origin, default=Origin.OWN)
    critique = models.TextField(_("critique"), blank=True)
    critique_language = models.CharField(_("language of the critique"), max_length=10, blank=True)
    critique_origin = models.CharField(_("origin of the critique"), max_length=10, choices=Origin, default=Origin.OWN)
    edit_distance = models.PositiveIntegerField(_("edit distance"), null=True)
    pasted = models.PositiveIntegerField(_("characters pasted"), default=0)
    pins: Any = models.JSONField(_("pins on the image"), default=list, blank=True)

    objects = JudgementQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("judgement")
        constraints = [
            models.UniqueConstraint(fields=["revision", "attribute"], name="an_attribute_once_per_revision"),
            models.CheckConstraint(condition=~Q(attribute=""), name="a_judgement_names_its_attribute"),
        ]

    def __str__(self) -> str:
        return f"{self.attribute}: {self.steps}"
