"""Which rows of the database a release is made of: its campaigns, their answers and images, up to a cut-off."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from annotation.dataset.format.frozen import FrozenRelease
from annotation.models import Annotation, Campaign, CampaignImage, Release, RubricVersion, Withdrawal
from annotation.models.annotations import AnnotationQuerySet


@dataclass(frozen=True)
class ReleaseContents:
    """The campaigns of a release, its own first, and its record, which says which of their rows go in.

    `rubric` is the version that was in force, whatever the campaign took up since.
    """

    campaigns: tuple[Campaign, ...]
    rubric: RubricVersion
    frozen: FrozenRelease

    def annotations(self) -> AnnotationQuerySet:
        """Return the annotations of the campaigns and rubric versions but those of people who had withdrawn.

        What was withdrawn later is still in, so that an old record gives the same bytes.
        """
        annotations = Annotation.objects.filter(campaign__in=self.campaigns)
        if self.frozen.scope.rubric_versions:
            annotations = annotations.filter(rubric_version__number__in=self.frozen.scope.rubric_versions)
        return annotations.exclude(annotator__pseudonym__in=self.frozen.withdrawn_raters)

    def counted(self) -> AnnotationQuerySet:
        """Return the annotations whose first answers enter the means."""
        cut_off = self.frozen.cut_off
        annotations = self.annotations().filter(revisions__number=1, revisions__pk__lte=cut_off.last_revision)
        for place, campaign in enumerate(self.campaigns[1:], 1):
            # Only what stood at the cut-off goes before, else a later answer would change an old record.
            earlier_annotations = self.annotations().inside(cut_off.at).filter(campaign__in=self.campaigns[:place])
            is_repeated = Exists(earlier_annotations.filter(annotator=OuterRef("annotator"), image=OuterRef("image")))
            annotations = annotations.exclude(is_repeated, campaign=campaign)
        return annotations.inside(cut_off.at).untouched_by_model()

    def candidates(self) -> QuerySet[CampaignImage]:
        """Return the images of the campaigns but those excluded, each once, as in the first campaign that has it."""
        first = Q(campaign=self.campaigns[0])
        for place, campaign in enumerate(self.campaigns[1:], 1):
            images = CampaignImage.objects.filter(campaign__in=self.campaigns[:place]).values("image")
            first |= Q(campaign=campaign) & ~Q(image__in=images)
        excluded = [image.sha256 for image in self.frozen.excluded]
        return CampaignImage.objects.filter(first).exclude(image__sha256__in=excluded)

    def entries(self) -> QuerySet[CampaignImage]:
        """Return the images inside, by SHA-256: those that have enough answers that count and are not held."""
        counts = self.counted().order_by().values("image").annotate(annotations=Count("pk"))
        rows = counts.filter(annotations__gte=self.frozen.scope.least_annotations)
        # One that is held may get a split in a later release.
        held_hashes = [image.sha256 for image in self.frozen.held]
        entries = self.candidates().filter(image__in=rows.values("image")).exclude(image__sha256__in=held_hashes)
        return entries.order_by("image__sha256")


def contents_of(release: Release) -> ReleaseContents:
    """Return the contents of a release by its record."""
    campaigns, rubric = campaigns_of(release.campaign, release.frozen.scope.also), release.campaign.rubric_version
    if rubric.number != release.frozen.rubric:
        rubric = RubricVersion.objects.get(slug=rubric.slug, number=release.frozen.rubric)
    return ReleaseContents(campaigns, rubric, release.frozen)


def withdrawn_since(release: Release) -> bool:
    """Tell whether an image or answers of its campaigns were withdrawn since the release was frozen."""
    campaigns = campaigns_of(release.campaign, release.frozen.scope.also)
    since = release.frozen.cut_off.at
    return Withdrawal.objects.filter(campaign__in=campaigns, withdrawn_at__gt=since).exists()


def campaigns_of(campaign: Campaign, also: Iterable[str]) -> tuple[Campaign, ...]:
    """Return a campaign and those there are of further ones, named by slug, in order."""
    campaigns = Campaign.objects.select_related("rubric_version").in_bulk(also, field_name="slug")
    # A dictionary by slug has lost the order, which says whose answer counts.
    return (campaign, *(campaigns[slug] for slug in also if slug in campaigns))
