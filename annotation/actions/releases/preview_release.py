"""Foresee a release: what it would hold, what stays out and why, and what stands in the way; nothing is changed."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from django.db.models import Count, Q

from annotation.dataset.contents.splits import SPLITS
from annotation.dataset.contents.statements import gaps
from annotation.dataset.write.parts import plan
from annotation.models import Arm, Campaign, NearDuplicatePair, Release
from annotation.models.annotations import AnnotationQuerySet

from . import contents as release_contents
from . import place_images
from .check_release import likely_level, newest_release, objections
from .release_report import cuts_now, known_report, left_out
from .scope import EVERYTHING, Asked, campaigns_of, query_now


@dataclass(frozen=True)
class Preview:
    """Hold what a release would hold now.

    `level` is the number of the version that has to rise after `previous`, as far as can be told without building it.
    `also` and `rubric_versions` are as asked for, `parts` is how many shards are written. `answers` are all, `imported`
    how many of them were collected elsewhere; `arms` and `raters` are of the others. `excluded` gives each image
    left out with the reason, `returning` those inside that a list left out of the release before, `too_few` counts
    those with fewer answers that count than asked for, `undecided` the pairs that are kept together until a person
    decides. `gaps` are the keys of what the organisers have not stated, `blockers` are sentences.
    """

    version: str
    previous: str
    level: str
    least_answers: int
    also: list[str]
    rubric_versions: list[int]
    images: int
    splits: dict[str, int]
    new: int
    parts: int
    image_bytes: int
    answers: int
    counted: int
    imported: int
    arms: dict[str, int]
    raters: int
    simulated: int
    excluded: list[dict[str, str]]
    returning: list[dict[str, str]]
    too_few: int
    held_back: list[dict[str, Any]]
    tied: list[list[str]]
    undecided: int
    report_is_current: bool
    gaps: list[str]
    blockers: list[str]

    def to_json(self) -> dict[str, Any]:
        """Return the fields as one JSON object."""
        return asdict(self) | {"blockers": list(map(str, self.blockers))}


def preview(campaign: Campaign, version: str, *, out: Path, asked: Asked = EVERYTHING) -> Preview:
    """Say what publishing this version would write to `out/SLUG-VERSION`, and what stands in the way."""
    folder = out.resolve() / f"{campaign.slug}-{version}"
    query = query_now(campaign, asked) | {"cuts": cuts_now(campaigns_of(campaign, asked.also))}
    there = release_contents.entries(campaign, query)
    places = place_images.foresee(campaign, query, there)
    placed = places.placement.placed
    held_back = {image["sha256"] for image in places.held_back}
    inside = [member for sha256, member in sorted(places.members.items()) if sha256 not in held_back]
    split_of = {member.sha256: member.split or placed[member.sha256].split for member in inside}
    splits = Counter(split_of.values())
    sizes = dict(there.values_list("image__sha256", "image__byte_size"))
    in_order = sorted((SPLITS.index(split), sha256) for sha256, split in split_of.items())
    parts = plan(
        ((SPLITS[split], sha256, sizes[sha256]) for split, sha256 in in_order), most_images=query["part_images"]
    )
    counts = _counts(release_contents.of_release(campaign, query).filter(image__in=there.values("image")))
    newest = newest_release(campaign)
    query["unreported"] = left_out(campaign, query, there.exclude(image__sha256__in=held_back))
    candidates = release_contents.all_entries(campaign, query).exclude(image__sha256__in=query["left_out"])
    return Preview(
        version=version,
        previous=newest.version if newest else "",
        level=likely_level(campaign, asked),
        least_answers=asked.least_answers,
        also=list(asked.also),
        rubric_versions=list(asked.rubric_versions),
        images=len(inside),
        splits={split: splits[split] for split in SPLITS},
        new=sum(not member.split for member in inside),
        parts=len(parts),
        image_bytes=sum(sizes[member.sha256] for member in inside),
        answers=counts["answers"],
        counted=release_contents.counted(campaign, query).filter(image__in=there.values("image")).count(),
        arms={str(arm): counts[str(arm)] for arm in Arm if counts[str(arm)]},
        imported=counts["imported"],
        raters=counts["raters"],
        simulated=counts["simulated"],
        excluded=query["excluded"],
        returning=_returning(newest, {member.sha256 for member in inside}),
        too_few=candidates.count() - len(places.members),
        held_back=places.held_back,
        tied=places.tied,
        undecided=places.near_duplicate_pairs[NearDuplicatePair.State.UNDECIDED],
        report_is_current=known_report(campaign, query) is not None,
        gaps=gaps(campaign.annotations_licence, campaign.statements),
        blockers=list(objections(campaign, version, folder, asked)),
    )


def _counts(given: AnnotationQuerySet) -> dict[str, int]:
    """Count answers, those that were imported, raters of the others, those of programs, and those in each arm."""
    return given.aggregate(
        answers=Count("pk"),
        raters=Count("annotator", distinct=True, filter=Q(imported=False)),
        imported=Count("pk", filter=Q(imported=True)),
        simulated=Count("pk", filter=Q(simulated=True)),
        **{str(arm): Count("pk", filter=Q(assignment__arm=arm)) for arm in Arm},
    )


def _returning(newest: Release | None, inside: set[str]) -> list[dict[str, str]]:
    """Return the images inside that a list left out of the release before, with the reason it gave then."""
    before = newest.query.get("listed", {}) if newest else {}
    return [{"sha256": sha256, "why": why} for sha256, why in sorted(before.items()) if sha256 in inside]
