"""Place the images of a release in splits: newcomers with their near duplicates, those placed before where they are."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Avg, F

from annotation.dataset.contents.splits import Member, Place, Placement, connected_groups, place
from annotation.dataset.format.facts import HeldImage
from annotation.models import Image, NearDuplicatePair

from .contents import ReleaseContents

DIFFERENT = NearDuplicatePair.State.DIFFERENT
AT_A_TIME = 500  # SQLite bounds the number of parameters in a query.


@dataclass(frozen=True)
class Places:
    """Where each image of a release would go.

    `pairs` of near duplicates are two SHA-256 and a state, `connected` are groups that had been placed apart.
    """

    members: Mapping[str, Member]
    pairs: list[tuple[str, str, str]]
    placement: Placement
    connected: list[tuple[str, ...]]

    def stated(self) -> dict[str, Any]:
        """Return what the record states of them, by the names of its fields."""
        pairs = [pair for pair in self.pairs if {*pair[:2]} <= self.members.keys()]
        states = Counter(state for _one, _other, state in pairs)
        return {
            "held": tuple(HeldImage(sha256, splits) for sha256, splits in sorted(self.placement.held.items())),
            "connected": tuple(self.connected),
            "near_duplicate_pairs": {str(state): states[state] for state in NearDuplicatePair.State},
            "rejected_pairs": tuple(sorted(tuple(sorted(pair)) for *pair, state in pairs if state == DIFFERENT)),
        }


def foresee_places(contents: ReleaseContents) -> Places:
    """Say where the images of a release go, without putting any there.

    Pairs that a person has yet to decide connect as the sure ones do.
    """
    entries = contents.entries()
    annotations = contents.counted().order_by().values("image")
    scores = dict(annotations.annotate(mean=Avg("revisions__holistic")).values_list("image__sha256", "mean"))
    groups = entries.order_by().values("image__group")
    # Images outside this release too, since their places bind newcomers of the same group.
    placed_images = Image.objects.filter(group__in=groups).exclude(split="")
    placed_members = {
        sha256: Member(sha256, subcategory, split, group=group)
        for sha256, subcategory, split, group in placed_images.values_list(
            "sha256", "subcategory", "split", "split_group"
        )
    }
    fields = ("image__sha256", "subcategory", "image__split", "image__split_group")
    members = {
        sha256: Member(sha256, subcategory, split, float(scores[sha256]) / 100, group)
        for sha256, subcategory, split, group in entries.values_list(*fields)
    }
    rows = NearDuplicatePair.objects.filter(one__group__in=groups).order_by("pk")
    pairs = list(rows.values_list("one__sha256", "other__sha256", "state"))
    connections = [(one, other) for one, other, state in pairs if state != DIFFERENT]
    placement = place((placed_members | members).values(), connections, contents.campaigns[0].seed)
    return Places(members, pairs, placement, connected_groups(members.values(), connections))


def keep_places(places: Mapping[str, Place]) -> None:
    """Write places to the images, and the names of their groups; most are called after themselves."""
    destinations: dict[tuple[str, str], list[str]] = defaultdict(list)
    members: dict[str, list[str]] = defaultdict(list)
    for sha256, destination in sorted(places.items()):
        destinations[destination.split, destination.reason].append(sha256)
        if destination.group != sha256:
            members[destination.group].append(sha256)
    for (split, reason), images in sorted(destinations.items()):
        for start in range(0, len(images), AT_A_TIME):
            images_of_chunk = Image.objects.filter(sha256__in=images[start : start + AT_A_TIME])
            # Nearly every group is one image: named one by one, each would be a query of its own.
            images_of_chunk.update(split=split, split_reason=reason, split_group=F("sha256"))
    for name, images in members.items():
        Image.objects.filter(sha256__in=images).update(split_group=name)
