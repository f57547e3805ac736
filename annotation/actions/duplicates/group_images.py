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
class Neighbour:
    """An image within reach of a newcomer: its key, and the pair they make."""

    key: int
    bits: int
    likeness: int | None
    verdict: Verdict


class Neighbours:
    """The images there are, searched for what shows nearly the same, also turned or mirrored."""

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
        neighbours = self.near(image)
        groups = list(
            NearDuplicateGroup.objects.filter(images__in=[neighbour.key for neighbour in neighbours])
            .distinct()
            .order_by("pk")
        )
        image.group = groups[0] if groups else NearDuplicateGroup.objects.create()
        if len(groups) > 1:
            # Moved before their groups are deleted, which nothing may refer to then.
            Image.objects.filter(group__in=groups[1:]).update(group=image.group)
            NearDuplicateGroup.objects.filter(pk__in=[group.pk for group in groups[1:]]).delete()
        image.save()
        NearDuplicatePair.objects.bulk_create(
            NearDuplicatePair(
                one_id=neighbour.key,
                other=image,
                bits=neighbour.bits,
                likeness=neighbour.likeness,
                state=STATES[neighbour.verdict],
            )
            for neighbour in neighbours
        )
        return (Image.objects.get(pk=neighbours[0].key), self.remark(neighbours)) if neighbours else (None, "")

    def near(self, image: Image) -> list[Neighbour]:
        """Return the images that show nearly the same as an image, or may, the most alike first."""
        self._catch_up()
        hashes = np.array([[int(digits, 16) for digits in image.all_hashes]], np.uint64)
        distances = {int(self.keys[place]): bits for bits, _, place in within_reach(hashes, self.hashes)}
        likenesses = measure_likenesses(bytes(image.miniature), list(distances))
        neighbours = [
            Neighbour(key, bits, likenesses[key], judge(bits, likenesses[key])) for key, bits in distances.items()
        ]
        neighbours = [neighbour for neighbour in neighbours if neighbour.verdict != Verdict.OTHER]
        # Down to the key, so that the same import names the same neighbour on every machine.
        return sorted(neighbours, key=lambda neighbour: (-(neighbour.likeness or 0), neighbour.bits, neighbour.key))

    def remark(self, neighbours: list[Neighbour]) -> str:
        """Say what else is to be known of an image near these: that a person has to look, what splits it ties."""
        keys = [neighbour.key for neighbour in neighbours]
        splits = Image.objects.filter(pk__in=keys).exclude(split="").order_by("split").values_list("split", flat=True)
        tied_splits = list(splits.distinct())
        remark = "" if neighbours[0].verdict == Verdict.SAME else ", or may: an organiser decides"
        return remark + (
            f"; releases hold it back, for it ties together the splits {' and '.join(tied_splits)}"
            if tied_splits[1:]
            else ""
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
    likenesses: dict[int, int | None] = dict.fromkeys(keys)
    if not own:
        return likenesses
    for start in range(0, len(keys), 100):
        images = Image.objects.filter(pk__in=keys[start : start + 100]).exclude(miniature=b"")
        rows = [(key, bytes(pixels)) for key, pixels in images.values_list("pk", "miniature")]
        miniatures = np.frombuffer(b"".join(pixels for _, pixels in rows), np.uint8).reshape(len(rows), len(own))
        values = likeness(np.frombuffer(own, np.uint8), miniatures)
        likenesses.update(zip((key for key, _ in rows), values, strict=True))
    return likenesses


def lock_groups() -> None:
    """Let nobody else change groups until the transaction ends: the row of the oldest group stands for all."""
    NearDuplicateGroup.objects.order_by("pk").select_for_update(no_key=True).first()


def regroup_images(groups: Iterable[int]) -> None:
    """Form these groups anew from the pairs that tie their images. Call it within a transaction that holds the lock.

    The part with the oldest image keeps the oldest group; every other part gets one of the rest, or a new one.
    """
    group_ids = sorted(set(groups))
    # The oldest first, as the first part keeps the oldest group.
    images = list(Image.objects.filter(group__in=group_ids).order_by("pk").values_list("pk", flat=True))
    in_groups = Q(one__group__in=group_ids) | Q(other__group__in=group_ids)
    pairs = NearDuplicatePair.objects.tying().filter(in_groups).values_list("one", "other")
    for part in connected_components(images, pairs):
        key = group_ids.pop(0) if group_ids else NearDuplicateGroup.objects.create().pk
        Image.objects.filter(pk__in=part).update(group=key)
    NearDuplicateGroup.objects.filter(pk__in=group_ids).delete()
