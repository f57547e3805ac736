"""Foresee a release: what it would hold, what stays out and why, and what stands in the way; nothing is changed."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db.models import Count, Q

from annotation.dataset.contents.splits import SPLITS
from annotation.dataset.contents.statements import gaps
from annotation.dataset.format.facts import ExcludedImage
from annotation.dataset.format.frozen import EVERYTHING, FrozenRelease, Scope
from annotation.dataset.write.parts import Part, plan
from annotation.models import Arm, Campaign, NearDuplicatePair
from annotation.models.annotations import AnnotationQuerySet

from .check_release import likely_level, list_lacks, list_misfits, list_objections
from .contents import campaigns_of
from .draw_up_release import Foreseen, contents_now, draw_up_release, foresee, splits_in
from .release_report import known_report


@dataclass(frozen=True)
class Preview:
    """What a release would be frozen to now, and what it would hold.

    `level` is the number of the version that has to rise after the release before, as far as can be told without
    building it. `parts` is how many shards are written. `answers` are all, `imported` how many of them were collected
    elsewhere; `arms` and `raters` are of the others. `returning` are images inside that a list excluded from the
    release before, with the reason it gave. `gaps` are the keys of what the organisers have not stated, `blockers` are
    sentences. `foreseen` is what it can be frozen by, so that it holds just this.
    """

    version: str
    frozen: FrozenRelease
    level: str
    images: int
    splits: dict[str, int]
    new: int
    parts: int
    image_bytes: int
    annotations: int
    counted: int
    imported: int
    arms: dict[str, int]
    raters: int
    simulated: int
    returning: list[ExcludedImage]
    report_is_current: bool
    gaps: list[str]
    blockers: list[str]
    foreseen: Foreseen

    @property
    def previous(self) -> str:
        """Return the version before, empty where this is the first."""
        return self.frozen.previous.version if self.frozen.previous else ""

    @property
    def undecided(self) -> int:
        """Return the number of pairs that are kept together until a person decides."""
        return self.frozen.near_duplicate_pairs[NearDuplicatePair.State.UNDECIDED]

    def to_json(self) -> dict[str, Any]:
        """Return all that is foreseen as one JSON object."""
        frozen, own = self.frozen.to_json(), {**vars(self)}
        del own["frozen"], own["foreseen"]
        return own | {
            "previous": self.previous,
            "least_annotations": self.frozen.scope.least_annotations,
            "also": frozen["scope"]["also"],
            "rubric_versions": frozen["scope"]["rubric_versions"],
            "too_few": self.frozen.without_annotations,
            "undecided": self.undecided,
            **{name: frozen[name] for name in ("excluded", "held", "connected")},
            "returning": [vars(image) for image in self.returning],
            "blockers": list(map(str, self.blockers)),
        }


def preview_release(
    campaign: Campaign, version: str, *, out: Path, scope: Scope = EVERYTHING, foreseen: Foreseen | None = None
) -> Preview:
    """Say what publishing this version would write to `out/SLUG-VERSION`, and what stands in the way.

    An empty version stands for the next one that fits. Where it was foreseen before, what came since stays out.
    """
    campaigns = campaigns_of(campaign, scope.also)
    contents = contents_now(campaigns, scope, foreseen)
    draft = draw_up_release(contents)
    frozen, places = draft.contents.frozen, draft.places
    level = likely_level(campaigns, scope)
    version = version or campaign.releases.next_version(level)
    folder = out.resolve() / f"{campaign.slug}-{version}"
    problems = list(list_objections(campaigns, version, folder, scope))
    # What campaigns lack together means nothing where they do not go together.
    if not any(list_misfits(campaigns, scope)):
        problems += list_lacks(contents)
    split_of = splits_in(draft)
    splits = Counter(split_of.values())
    sizes = dict(contents.entries().values_list("image__sha256", "image__byte_size"))
    annotations = draft.contents.annotations().filter(image__in=contents.entries().order_by().values("image"))
    newest = campaign.releases.newest()
    listed_reasons = newest.frozen.scope.listed if newest else {}
    return Preview(
        version=version,
        frozen=frozen,
        level=level,
        images=len(split_of),
        splits={split: splits[split] for split in SPLITS},
        new=sum(not places.members[sha256].split for sha256 in split_of),
        parts=len(_parts_in(split_of, sizes, frozen.part_images)),
        image_bytes=sum(sizes[sha256] for sha256 in split_of),
        **_counts(annotations),
        counted=contents.counted().filter(image__in=contents.entries().order_by().values("image")).count(),
        returning=[
            ExcludedImage(sha256, "listed", reason)
            for sha256, reason in sorted(listed_reasons.items())
            if sha256 in split_of
        ],
        report_is_current=known_report(draft.contents) is not None,
        foreseen=foresee(draft),
        gaps=gaps(campaign.annotations_licence, campaign.statements),
        blockers=problems,
    )


def _parts_in(split_of: dict[str, str], sizes: dict[str, int], most_images: int) -> list[Part]:
    in_order = sorted((SPLITS.index(split), sha256) for sha256, split in split_of.items())
    return plan(((SPLITS[split], sha256, sizes[sha256]) for split, sha256 in in_order), most_images=most_images)


def _counts(annotations: AnnotationQuerySet) -> dict[str, Any]:
    """Count answers, those that were imported, raters of the others, those of programs, and those in each arm."""
    counts = annotations.aggregate(
        annotations=Count("pk"),
        raters=Count("annotator", distinct=True, filter=Q(imported=False)),
        imported=Count("pk", filter=Q(imported=True)),
        simulated=Count("pk", filter=Q(simulated=True)),
        **{str(arm): Count("pk", filter=Q(assignment__arm=arm)) for arm in Arm},
    )
    arms = {str(arm): counts.pop(str(arm)) for arm in Arm}
    return counts | {"arms": {arm: count for arm, count in arms.items() if count}}
