"""Group images that show nearly the same, or may: a newcomer with what it resembles, and anew when a person decides.

A group holds what pairs tie together, directly or through others; only a pair that a person rejected does not tie.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from django.db.models import Q

from annotation.images.components import connected_components
from annotation.images.likeness import Verdict, judge, likeness, within_reach
from annotation.models import Image, NearDuplicateGroup, NearDuplicatePair

STATES = {Verdict.SAME: NearDuplicatePair.State.SURE, Verdict.UNSURE: NearDuplicatePair.State.UNDECIDED}


@dataclass(frozen=True)
class Near:
    """An image within reach of a newcomer: its key, and the pair they make."""

    key: int
    bits: int
    likeness: int | None
    verdict: Verdict


class Neighbours:
    """Find images that show nearly the same, also turned or mirrored."""

    def __init__(self) -> None:
        self.keys = np.empty(0, np.int64)
        self.hashes = np.empty(0, np.uint64)

    def join(self, image: Image) -> tuple[Image | None, str]:
        """Save a new image in its group; return what it resembles most, if anything, and a remark on that.

        Call it within a transaction. Groups that the image ties together become one. A pair that may show nearly the
        same ties too, until a person has decided.
        """
        # Before looking: what another import is about to store would be missed.
        lock_groups()
        near = self.near(image)
        groups = list(NearDuplicateGroup.objects.filter(images__in=[one.key for one in near]).distinct().order_by("pk"))
        image.group = groups[0] if groups else NearDuplicateGroup.objects.create()
        if len(groups) > 1:
            # Moved before their groups are deleted, which nothing may refer to then.
            Image.objects.filter(group__in=groups[1:]).update(group=image.group)
            NearDuplicateGroup.objects.filter(pk__in=[group.pk for group in groups[1:]]).delete()
        image.save()
        NearDuplicatePair.objects.bulk_create(
            NearDuplicatePair(
                one_id=one.key, other=image, bits=one.bits, likeness=one.likeness, state=STATES[one.verdict]
            )
            for one in near
        )
        return (Image.objects.get(pk=near[0].key), self.remark(near)) if near else (None, "")

    def near(self, image: Image) -> list[Near]:
        """Return the images that show nearly the same as an image, or may, the most alike first."""
        self._catch_up()
        turned = np.array([[int(digits, 16) for digits in image.all_hashes]], np.uint64)
        reached = {int(self.keys[place]): bits for bits, _, place in within_reach(turned, self.hashes)}
        alike = measure_likenesses(bytes(image.miniature), list(reached))
        judged = [Near(key, bits, alike[key], judge(bits, alike[key])) for key, bits in reached.items()]
        found = [one for one in judged if one.verdict != Verdict.OTHER]
        # Down to the key, so that the same import names the same neighbour on every machine.
        return sorted(found, key=lambda one: (-(one.likeness or 0), one.bits, one.key))

    def remark(self, near: list[Near]) -> str:
        """Say what else is to be known of an image near these: that a person has to look, what splits it ties."""
        keys = [one.key for one in near]
        splits = Image.objects.filter(pk__in=keys).exclude(split="").order_by("split").values_list("split", flat=True)
        tied = list(splits.distinct())
        remark = "" if near[0].verdict == Verdict.SAME else ", or may: an organiser decides"
        return remark + (
            f"; releases hold it back, for it ties together the splits {' and '.join(tied)}" if tied[1:] else ""
        )

    def _catch_up(self) -> None:
        """Read the images that came since the last time, from other imports too."""
        # Only what came since: with all hashes read anew for each newcomer, imports would slow down as images add up.
        newest = int(self.keys[-1]) if self.keys.size else 0
        rows = Image.objects.filter(pk__gt=newest).order_by("pk").values_list("pk", "perceptual_hash")
        pairs = [(key, int(digits, 16)) for key, digits in rows.iterator()]
        if pairs:
            keys, hashes = zip(*pairs, strict=True)
            self.keys = np.append(self.keys, np.array(keys, np.int64))
            self.hashes = np.append(self.hashes, np.array(hashes, np.uint64))


def measure_likenesses(own: bytes, keys: list[int]) -> dict[int, int | None]:
    """Return how alike a miniature is to those of these images, a hundred at a time; None where one is missing."""
    alike: dict[int, int | None] = dict.fromkeys(keys)
    if not own:
        return alike
    for start in range(0, len(keys), 100):
        stored = Image.objects.filter(pk__in=keys[start : start + 100]).exclude(miniature=b"")
        rows = [(key, bytes(pixels)) for key, pixels in stored.values_list("pk", "miniature")]
        others = np.frombuffer(b"".join(pixels for _, pixels in rows), np.uint8).reshape(len(rows), len(own))
        found = likeness(np.frombuffer(own, np.uint8), others)
        alike.update(zip((key for key, _ in rows), found, strict=True))
    return alike


def lock_groups() -> None:
    """Let nobody else change groups until the transaction ends: the row of the oldest group stands for all."""
    NearDuplicateGroup.objects.order_by("pk").select_for_update().first()


def regroup_images(groups: Iterable[int]) -> None:
    """Form these groups anew from the pairs that tie their images. Call it within a transaction that holds the lock.

    The part with the oldest image keeps the oldest group; every other part gets one of the rest, or a new one.
    """
    free = sorted(set(groups))
    # The oldest first, as the first part keeps the oldest group.
    images = list(Image.objects.filter(group__in=free).order_by("pk").values_list("pk", flat=True))
    inside = Q(one__group__in=free) | Q(other__group__in=free)
    pairs = NearDuplicatePair.objects.tying().filter(inside).values_list("one", "other")
    for part in connected_components(images, pairs):
        key = free.pop(0) if free else NearDuplicateGroup.objects.create().pk
        Image.objects.filter(pk__in=part).update(group=key)
    NearDuplicateGroup.objects.filter(pk__in=free).delete()
