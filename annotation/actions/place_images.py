"""Place the images of a release in splits: newcomers by their group, those placed before where they are, for ever."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Avg, F, QuerySet

from annotation.exporters.splits import Member, Placement, place
from annotation.models import Campaign, CampaignImage, Image, NearDuplicateGroup

from . import release_contents

GroupNames = dict[tuple[Any, str], str]


@dataclass(frozen=True)
class Places:
    """Hold where each image of a release would go; `names` are those of groups that were placed before, by split."""

    members: Mapping[str, Member]
    everyone: Mapping[str, Member]
    names: GroupNames
    placement: Placement

    @property
    def held_back(self) -> list[dict[str, Any]]:
        """Return the newcomers that would tie groups of different splits, and so stay out."""
        found = sorted(self.placement.held_back.items())
        return [{"sha256": sha256, "would_tie": list(splits)} for sha256, splits in found]

    @property
    def tied(self) -> list[list[str]]:
        """Return the groups that lay in several splits before they were found to be one."""
        ties: dict[Any, dict[str, str]] = defaultdict(dict)
        for member in sorted(self.members.values(), key=lambda member: member.sha256):
            if member.split:
                ties[member.group].setdefault(member.split, member.sha256)
        return sorted(sorted(names.values()) for names in ties.values() if len(names) > 1)


def foresee(campaign: Campaign, query: Mapping[str, Any], answered: QuerySet[CampaignImage]) -> Places:
    """Say where the images of a release go, without putting any there."""
    counted = release_contents.counted(campaign, query).order_by().values("image")
    scores = dict(counted.annotate(mean=Avg("revisions__holistic")).values_list("image__sha256", "mean"))
    fields = ("image__sha256", "image__group_id", "subcategory", "image__split")
    members = {
        row[0]: Member(row[0], row[1], row[2], row[3], score=float(scores[row[0]]) / 100)
        for row in answered.values_list(*fields)
    }
    groups = answered.values("image__group")
    placed_before = Image.objects.filter(group__in=groups).exclude(split="").order_by("sha256")
    everyone, names = members.copy(), GroupNames()
    for sha256, group, subcategory, split, name in placed_before.values_list(
        "sha256", "group_id", "subcategory", "split", "split_group"
    ):
        everyone.setdefault(sha256, Member(sha256, group, subcategory, split))
        names.setdefault((group, split), name)  # That of the smallest hash.
    return Places(members, everyone, names, place(everyone.values(), campaign.seed))


def place_for_ever(campaign: Campaign, query: Mapping[str, Any], answered: QuerySet[CampaignImage]) -> Places:
    """Put the images that have no split yet where they go, and name their groups."""
    groups = answered.values("image__group")
    # Two campaigns that publish at once take turns over the groups they share.
    list(NearDuplicateGroup.objects.select_for_update().filter(pk__in=groups).order_by("pk").values_list("pk"))
    places = foresee(campaign, query, answered)
    _keep_places(places.placement.placed)
    _keep_names(places.placement.placed, places.everyone, places.names)
    return places


def _keep_places(placed: Mapping[str, tuple[str, str]]) -> None:
    destinations: dict[tuple[str, str], list[str]] = defaultdict(list)
    for sha256, destination in sorted(placed.items()):
        destinations[destination].append(sha256)
    for (split, reason), images in sorted(destinations.items()):
        for some in release_contents.batches(images, 500):
            Image.objects.filter(sha256__in=some).update(split=split, split_reason=reason)


def _keep_names(placed: Mapping[str, tuple[str, str]], members: Mapping[str, Member], names: GroupNames) -> None:
    """Name the groups of newcomers for ever: as the members placed before, else after the smallest hash."""
    called: dict[str, list[str]] = defaultdict(list)
    for sha256, (split, _why) in sorted(placed.items()):
        called[names.setdefault((members[sha256].group, split), sha256)].append(sha256)
    alone = [name for name, images in called.items() if images == [name]]
    for some in release_contents.batches(alone, 500):
        Image.objects.filter(sha256__in=some).update(split_group=F("sha256"))
    for name, images in called.items():
        if images != [name]:
            Image.objects.filter(sha256__in=images).update(split_group=name)
