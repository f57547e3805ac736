"""Give each person an order of images of their own: random, balanced, computed and nowhere stored (plain Python).

Random order keeps fatigue and contrast with the image before from falling on the same images for everyone; balanced
means that any stretch of the order holds the subcategories in about their overall shares. The images of a subcategory
are numbered, and a person's order of them is a permutation of these numbers, worked out place by place from a key: a
million images for a hundred people cost nothing until somebody walks through them.
"""

from __future__ import annotations

import hashlib
import heapq
import random
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Any, NamedTuple

ROUNDS = 6
# The constants of splitmix64's finaliser (Steele, Lea and Flood 2014), which spreads each bit over all others.
MIX_ONE, MIX_TWO, BITS_64 = 0xBF58476D1CE4E5B9, 0x94D049BB133111EB, 2**64 - 1


def draw_uniform(*parts: Any) -> float:
    """Return a number in [0, 1) that depends on nothing but `parts`."""
    return _draw_bits(*parts) / 2**64


@dataclass(frozen=True)
class Permutation:
    """A random order of the numbers from 0 to `size` - 1 that depends on nothing but the key.

    A balanced Feistel network (Luby and Rackoff 1988) permutes the numbers of an even count of bits; one that falls
    outside is permuted again until it falls inside (cycle walking, Black and Rogaway 2002).
    """

    size: int
    key: str

    def number_at(self, place: int) -> int:
        """Return which number stands at a place of the order. Raise IndexError where there is no such place."""
        self._check(place)
        number = self._permute(place)
        while number >= self.size:
            number = self._permute(number)
        return number

    def place_of(self, number: int) -> int:
        """Return the place of the order at which a number stands. Raise IndexError where there is no such number."""
        self._check(number)
        place = self._permute_back(number)
        while place >= self.size:
            place = self._permute_back(place)
        return place

    def _check(self, index: int) -> None:
        # Walking the cycle of one from outside may never come inside.
        if not 0 <= index < self.size:
            raise IndexError(f"{index} is not in range({self.size})")

    @cached_property
    def _half(self) -> int:
        return max((self.size - 1).bit_length() + 1, 2) // 2

    @cached_property
    def _round_keys(self) -> list[int]:
        return [_draw_bits("round", self.key, each) for each in range(ROUNDS)]

    def _permute(self, number: int) -> int:
        left, right = divmod(number, 1 << self._half)
        for key in self._round_keys:
            left, right = right, left ^ self._mix(right, key)
        return left << self._half | right

    def _permute_back(self, number: int) -> int:
        left, right = divmod(number, 1 << self._half)
        for key in reversed(self._round_keys):
            left, right = right ^ self._mix(left, key), left
        return left << self._half | right

    def _mix(self, half: int, key: int) -> int:
        bits = (half ^ key) * MIX_ONE & BITS_64
        bits = (bits ^ bits >> 27) * MIX_TWO & BITS_64
        return bits >> 64 - self._half


class Step(NamedTuple):
    """One image of an order: its subcategory, its place there, and the number of the image that stands at it."""

    subcategory: str
    place: int
    number: int


class PersonalOrder:
    """One person's order of images, by `sizes`: how many there are of each subcategory.

    All subcategories are walked through at the same rate, each with a random offset. Places beyond the size are those
    of a further round through the same order.
    """

    def __init__(self, sizes: Mapping[str, int], key: str) -> None:
        self._sizes = sizes
        self._offsets = {subcategory: draw_uniform("offset", key, subcategory) for subcategory in sizes}
        self._permutations = {
            subcategory: Permutation(size, f"order:{key}:{subcategory}") for subcategory, size in sizes.items()
        }

    @property
    def size(self) -> int:
        """Return of how many images it is, and so after how many steps it begins again."""
        return sum(self._sizes.values())

    def steps(self, walked: Mapping[str, int], most: int) -> list[Step]:
        """Return what comes next to somebody who has walked so many places of each subcategory, each image once."""
        return list(islice(self._steps(walked), min(most, self.size)))

    def _steps(self, walked: Mapping[str, int]) -> Iterator[Step]:
        due = [(self._due(name, walked.get(name, 0)), name, walked.get(name, 0)) for name in self._sizes]
        heapq.heapify(due)
        while due:
            _when, subcategory, place = due[0]
            number = self._permutations[subcategory].number_at(place % self._sizes[subcategory])
            yield Step(subcategory, place, number)
            heapq.heapreplace(due, (self._due(subcategory, place + 1), subcategory, place + 1))

    def sort(self, images: Iterable[tuple[str, int]], walked: Mapping[str, int]) -> list[Step]:
        """Return the steps of these images, each a subcategory and a number, as they come to somebody who is there."""
        # One that came only now, with a number beyond these sizes, has no place in this order yet.
        known = [(name, number) for name, number in images if number < self._sizes.get(name, 0)]
        steps = [self._step(name, number, walked.get(name, 0)) for name, number in known]
        return sorted(steps, key=lambda step: (self._due(step.subcategory, step.place), step.subcategory))

    def _step(self, subcategory: str, number: int, walked: int) -> Step:
        place = self._permutations[subcategory].place_of(number)
        return Step(subcategory, walked + (place - walked) % self._sizes[subcategory], number)

    def _due(self, subcategory: str, place: int) -> float:
        return (place + self._offsets[subcategory]) / self._sizes[subcategory]


def attribute_order(keys: Iterable[str], last: str, seed: str) -> list[str]:
    """Return attributes in an order that depends on nothing but the seed, with `last` at the end.

    What is judged first colours what follows (halo). One order for one person keeps it even within them; different
    orders keep it from falling on the same attributes in everyone.
    """
    first_keys = sorted(set(keys) - {last})
    random.Random(seed).shuffle(first_keys)
    return [*first_keys, last]


def _draw_bits(*parts: Any) -> int:
    return int.from_bytes(hashlib.sha256(":".join(map(str, parts)).encode()).digest()[:8], "big")
