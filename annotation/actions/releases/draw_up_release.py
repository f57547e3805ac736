"""Work out what a release holds as of now, without writing anything: what is foreseen is what is frozen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from django.conf import settings
from django.db.models import Max
from django.utils import timezone

from annotation.actions.agreement.inputs import take_cut_off
from annotation.actions.duplicates.compare_embeddings import embedding_figures
from annotation.actions.ratings import imported_contents
from annotation.dataset.contents.benchmarks import lists_in
from annotation.dataset.format.facts import (
    ADJUDICATED,
    LISTED,
    WITHDRAWN,
    BenchmarkList,
    ExcludedImage,
    Protocol,
)
from annotation.dataset.format.frozen import CutOff, FrozenRelease, PreviousFolder, Scope
from annotation.models import Campaign, CampaignImage, Consensus, Revision, Withdrawal

from .contents import ReleaseContents
from .place_images import Places, foresee_places
from .release_report import unreported_in


@dataclass(frozen=True)
class Draft:
    """What a release would be frozen to, and where its images would go."""

    contents: ReleaseContents
    places: Places


def draw_up_release(contents: ReleaseContents) -> Draft:
    """Say what a release states of its contents, and where its images go. Nothing is changed."""
    entries, candidates = contents.entries(), contents.candidates()
    places = foresee_places(contents)
    frozen = replace(
        contents.frozen,
        without_annotations=candidates.count() - entries.count(),
        embeddings=embedding_figures(entries),
        **places.stated(),
    )
    contents = replace(contents, frozen=frozen)  # From here on without those held.
    annotations = contents.annotations().filter(image__in=contents.entries().values("image"))
    numbers = annotations.order_by("rubric_version__number").values_list("rubric_version__number", flat=True).distinct()
    other_numbers = tuple(number for number in numbers if number != frozen.rubric)
    frozen = replace(frozen, other_rubrics=other_numbers, unreported=unreported_in(contents))
    return Draft(replace(contents, frozen=frozen), places)


def contents_now(campaigns: tuple[Campaign, ...], scope: Scope) -> ReleaseContents:
    """Return what goes in as of now: everything stored so far but what is excluded.

    Whoever withdrew from one of the campaigns, and what was excluded from one of them, stays out of all.
    """
    own, *other_campaigns = campaigns
    withdrawals = Withdrawal.objects.filter(campaign__in=campaigns).select_related("image", "person")
    tombstones = {tombstone.id: tombstone for tombstone in (withdrawal.tombstone for withdrawal in withdrawals)}
    people = [getattr(withdrawal.person, "pseudonym") for withdrawal in withdrawals if withdrawal.person]  # noqa: B009
    newest = own.releases.newest()
    frozen = FrozenRelease(
        scope=scope,
        cut_off=_cut_off_now(campaigns),
        rubric=own.rubric_version.number,
        excluded=_excluded_from(campaigns, scope.listed),
        withdrawn_raters=tuple(sorted(set(people))),
        previous=PreviousFolder(newest.version, newest.manifest_hash, newest.folder) if newest else None,
        # Frozen like the rest, since other parts would give other bytes.
        part_images=settings.RELEASE_PART_IMAGES,
        title=own.title,
        description=own.description,
        annotations_licence=own.annotations_licence,
        statements=own.statements,
        annotations_per_image=own.annotations_per_image,
        seed=own.seed,
        protocol=Protocol(**vars(own.protocol), also={other.slug: other.protocol for other in other_campaigns}),
        withdrawn=tuple(tombstones.values()),
        benchmarks=tuple(
            BenchmarkList(benchmark.title, len(benchmark.names), benchmark.sha256)
            for benchmark in lists_in(settings.BENCHMARKS_DIR)
        ),
    )
    return ReleaseContents(campaigns, own.rubric_version, frozen)


def _cut_off_now(campaigns: tuple[Campaign, ...]) -> CutOff:
    revisions = Revision.objects.filter(annotation__campaign__in=campaigns)
    consensuses = Consensus.objects.filter(case__campaign__in=campaigns)
    return CutOff(
        at=timezone.now(),
        last_revision=revisions.aggregate(last=Max("pk"))["last"] or 0,
        last_consensus=consensuses.aggregate(last=Max("pk"))["last"] or 0,
        **imported_contents.newest_imports(campaigns),
        reports={campaign.slug: take_cut_off(campaign) for campaign in campaigns},
    )


def _excluded_from(campaigns: tuple[Campaign, ...], listed_reasons: Mapping[str, str]) -> tuple[ExcludedImage, ...]:
    """Return the images that the organiser listed, an adjudicator excluded or that were withdrawn, by SHA-256."""
    entries = CampaignImage.objects.filter(campaign__in=campaigns, excluded=True)
    # By key, so that the newest reason for an image stands.
    consensuses = Consensus.objects.filter(case__campaign__in=campaigns, excluded=True).order_by("pk")
    withdrawals = Withdrawal.objects.filter(image__entries__campaign__in=campaigns).order_by("pk")
    reasons = dict.fromkeys(entries.values_list("image__sha256", flat=True), "")
    reasons |= dict(consensuses.values_list("case__image__sha256", "reason"))
    # The later kind replaces the earlier one: what is withdrawn has to say so, whoever else excluded it.
    excluded = {
        sha256: ExcludedImage(sha256, LISTED, f"{LISTED}: {reason}") for sha256, reason in listed_reasons.items()
    }
    excluded |= {sha256: ExcludedImage(sha256, ADJUDICATED, reason) for sha256, reason in reasons.items()}
    for sha256, reason in withdrawals.values_list("image__sha256", "reason"):
        excluded[sha256] = ExcludedImage(sha256, WITHDRAWN, f"{WITHDRAWN}: {reason}")
    return tuple(excluded[sha256] for sha256 in sorted(excluded))
