"""Put a person's images in an order of their own: random, balanced, near-duplicates apart (plain Python).

Random order keeps fatigue and contrast with the image before from falling on the same images for everyone; balanced
means that any stretch of the order holds the subcategories in about their overall shares.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Orderable:
    """What matters of an image: its key, its subcategory, its near-duplicate group."""

    key: int
    subcategory: str
    group: Hashable


def personal_order(items: Iterable[Orderable], seed: str) -> list[int]:
    """Return the keys in an order that depends on nothing but the items and the seed.

    Within each subcategory the images are shuffled and spread evenly over the whole length with a random offset;
    neighbours of the same near-duplicate group are then moved apart where the rest allows it.
    """
    generator = random.Random(seed)
    by_subcategory: dict[str, list[Orderable]] = defaultdict(list)
    # Sorted here and by subcategory below: the same seed gives the same order, whatever a query returns first.
    for item in sorted(items, key=lambda item: item.key):
        by_subcategory[item.subcategory].append(item)
    positions: list[tuple[float, float, Orderable]] = []
    for _, members in sorted(by_subcategory.items()):
        generator.shuffle(members)
        offset = generator.random()
        positions += [
            ((number + offset) / len(members), generator.random(), member) for number, member in enumerate(members)
        ]
    # The second number breaks ties at random; items themselves have no order.
    positions.sort(key=lambda place: place[:2])
    return [item.key for item in _separate_duplicates([item for _, _, item in positions])]


def attribute_order(keys: Iterable[str], last: str, seed: str) -> list[str]:
    """Return attributes in an order that depends on nothing but the seed, with `last` at the end.

    What is judged first colours what follows (halo). One order for one person keeps it even within them; different
    orders keep it from falling on the same attributes in everyone.
    """
    first_keys = sorted(set(keys) - {last})
    random.Random(seed).shuffle(first_keys)
    return [*first_keys, last]


def _separate_duplicates(items: list[Orderable]) -> list[Orderable]:
    """Move an item that follows a near-duplicate behind the next item that is none; keep all else in place."""
    order: list[Orderable] = []
    queue: list[Orderable] = []
    for item in items:
        candidates = [candidate for candidate in queue if not _clash(order, candidate)]
        # One at a time, as two that waited may be near duplicates of each other.
        for candidate in candidates[:1]:
            queue.remove(candidate)
            order.append(candidate)
        if _clash(order, item):
            queue.append(item)
        else:
            order.append(item)
    return _squeeze_in(order, queue)


def _squeeze_in(order: list[Orderable], queue: list[Orderable]) -> list[Orderable]:
    """Put what is left where neither neighbour is a near-duplicate, else at the end."""
    for item in queue:
        places = range(len(order) + 1)
        free_places = (place for place in places if item.group not in _groups_around(order, place))
        order.insert(next(free_places, len(order)), item)
    return order


def _groups_around(order: list[Orderable], place: int) -> list[Hashable]:
    return [neighbour.group for neighbour in order[max(place - 1, 0) : place + 1]]


def _clash(order: list[Orderable], item: Orderable) -> bool:
    return bool(order) and order[-1].group == item.group
