"""Work out what a release holds as of now, without writing anything: what is foreseen is what is frozen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Max
from django.utils import timezone

from annotation.actions.agreement.inputs import take_cut_off
from annotation.actions.duplicates.compare_embeddings import embedding_figures
from annotation.actions.events.record import hash_content
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

ROWS = ("last_revision", "last_consensus", "last_imported_consensus", "last_imported_prefill")


@dataclass(frozen=True)
class Foreseen:
    """What a release was foreseen to hold: the hash of all that was stated, and the last rows by which to find it."""

    content_hash: str
    at: str
    rows: Mapping[str, int]
    reports: Mapping[str, Mapping[str, Any]]


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


def contents_now(campaigns: tuple[Campaign, ...], scope: Scope, foreseen: Foreseen | None = None) -> ReleaseContents:
    """Return what goes in as of now, or as of when it was foreseen: everything stored by then but what is excluded.

    Whoever withdrew from one of the campaigns, and what was excluded from one of them, stays out of all.
    """
    own, *other_campaigns = campaigns
    cut_off = _cut_off_now(campaigns)
    withdrawals = Withdrawal.objects.filter(campaign__in=campaigns).select_related("image", "person")
    tombstones = {tombstone.id: tombstone for tombstone in (withdrawal.tombstone for withdrawal in withdrawals)}
    people = [getattr(withdrawal.person, "pseudonym") for withdrawal in withdrawals if withdrawal.person]  # noqa: B009
    newest = own.releases.newest()
    frozen = FrozenRelease(
        scope=scope,
        cut_off=_cut_off_as_foreseen(cut_off, foreseen) if foreseen else cut_off,
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


def _cut_off_as_foreseen(now: CutOff, foreseen: Foreseen) -> CutOff:
    rows = {name: min(getattr(now, name), foreseen.rows[name]) for name in ROWS}
    reports = {slug: {**report, **foreseen.reports.get(slug, {})} for slug, report in now.reports.items()}
    return replace(now, at=datetime.fromisoformat(foreseen.at), reports=reports, **rows)


def foresee(draft: Draft) -> Foreseen:
    """Return what a page shows of a draft, by which it can be frozen to the same later on."""
    frozen = draft.contents.frozen
    cut_off, content = frozen.cut_off, frozen.to_json()
    del content["cut_off"]
    kept = ("event", "revision", "withdrawal", "prefill", "at")
    # Who is eligible for what, and subcategories as adjudicated, have no number to be found by: only their hash.
    standing = {
        slug: {name: value for name, value in report.items() if name not in kept}
        for slug, report in cut_off.reports.items()
    }
    return Foreseen(
        content_hash=hash_content({"frozen": content, "splits": splits_in(draft), "standing": standing}),
        at=cut_off.at.isoformat(),
        rows={name: getattr(cut_off, name) for name in ROWS},
        reports={slug: {name: report[name] for name in kept} for slug, report in cut_off.reports.items()},
    )


def splits_in(draft: Draft) -> dict[str, str]:
    """Return the split that each image inside would lie in, by SHA-256."""
    places = draft.places.placement.placed
    held_hashes = {image.sha256 for image in draft.contents.frozen.held}
    members = (member for sha256, member in sorted(draft.places.members.items()) if sha256 not in held_hashes)
    return {member.sha256: member.split or places[member.sha256].split for member in members}


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
