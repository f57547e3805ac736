"""Place the images of a release in splits: newcomers with their near duplicates, those placed before where they are."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Avg, F, QuerySet

from annotation.dataset.contents.splits import Member, Place, Placement, place, ties
from annotation.models import Campaign, CampaignImage, Image, NearDuplicateGroup, NearDuplicatePair

from . import contents as release_contents


@dataclass(frozen=True)
class Places:
    """Hold where each image of a release would go; `pairs` of near duplicates are two SHA-256 and a state."""

    members: Mapping[str, Member]
    pairs: list[tuple[str, str, str]]
    placement: Placement

    @property
    def held_back(self) -> list[dict[str, Any]]:
        """Return the newcomers that would tie groups of different splits, and so stay out."""
        found = sorted(self.placement.held_back.items())
        return [{"sha256": sha256, "would_tie": list(splits)} for sha256, splits in found]

    @property
    def tied(self) -> list[list[str]]:
        """Return the images that lay in several splits before they were found to be tied."""
        return ties(self.members.values(), _tying(self.pairs))

    @property
    def near_duplicate_pairs(self) -> dict[str, int]:
        """Return how many pairs of images of the release are in which state."""
        states = Counter(state for _one, _other, state in self._inside)
        return {str(state): states[state] for state in NearDuplicatePair.State}

    @property
    def told_apart(self) -> list[list[str]]:
        """Return the pairs of images of the release that a person found different."""
        return sorted(sorted(pair) for *pair, state in self._inside if state == NearDuplicatePair.State.DIFFERENT)

    @property
    def _inside(self) -> list[tuple[str, str, str]]:
        return [pair for pair in self.pairs if {*pair[:2]} <= self.members.keys()]


def foresee(campaign: Campaign, query: Mapping[str, Any], answered: QuerySet[CampaignImage]) -> Places:
    """Say where the images of a release go, without putting any there.

    Pairs that a person has yet to decide tie as the sure ones do.
    """
    counted = release_contents.counted(campaign, query).order_by().values("image")
    scores = dict(counted.annotate(mean=Avg("revisions__holistic")).values_list("image__sha256", "mean"))
    groups = answered.values("image__group")
    placed_before = Image.objects.filter(group__in=groups).exclude(split="")
    everyone = {
        sha256: Member(sha256, subcategory, split, group=group)
        for sha256, subcategory, split, group in placed_before.values_list(
            "sha256", "subcategory", "split", "split_group"
        )
    }
    fields = ("image__sha256", "subcategory", "image__split", "image__split_group")
    members = {
        sha256: Member(sha256, subcategory, split, float(scores[sha256]) / 100, group)
        for sha256, subcategory, split, group in answered.values_list(*fields)
    }
    found = NearDuplicatePair.objects.filter(one__group__in=groups).order_by("pk")
    pairs = list(found.values_list("one__sha256", "other__sha256", "state"))
    return Places(members, pairs, place((everyone | members).values(), _tying(pairs), campaign.seed))


def place_for_ever(campaign: Campaign, query: Mapping[str, Any], answered: QuerySet[CampaignImage]) -> Places:
    """Put the images that have no split yet where they go, and name their groups."""
    groups = answered.values("image__group")
    # Two campaigns that publish at once take turns over the groups they share.
    list(NearDuplicateGroup.objects.select_for_update().filter(pk__in=groups).order_by("pk").values_list("pk"))
    places = foresee(campaign, query, answered)
    _keep(places.placement.placed)
    return places


def _tying(pairs: list[tuple[str, str, str]]) -> list[tuple[str, str]]:
    return [(one, other) for one, other, state in pairs if state != NearDuplicatePair.State.DIFFERENT]


def _keep(placed: Mapping[str, Place]) -> None:
    """Write places to the images, and the names of their groups; most are called after themselves."""
    destinations: dict[tuple[str, str], list[str]] = defaultdict(list)
    called: dict[str, list[str]] = defaultdict(list)
    for sha256, where in sorted(placed.items()):
        destinations[where.split, where.reason].append(sha256)
        if where.group != sha256:
            called[where.group].append(sha256)
    for (split, reason), images in sorted(destinations.items()):
        for some in release_contents.batches(images, 500):
            Image.objects.filter(sha256__in=some).update(split=split, split_reason=reason, split_group=F("sha256"))
    for name, images in called.items():
        Image.objects.filter(sha256__in=images).update(split_group=name)
