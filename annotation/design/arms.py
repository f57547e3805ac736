"""Draw arms at random in balanced blocks (plain Python).

Within each block the arms stand in exactly their shares, in random order: permuted-block randomisation, the standard
of randomised trials (Altman, D. G., & Bland, J. M. (1999). How to randomise. BMJ 319, 703-704). A block belongs to
one annotator and one subcategory, so that neither gets a lopsided share of any arm.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from functools import reduce
from math import gcd


def draw(shares: Mapping[str, int], number: int, seed: str) -> str:
    """Return the arm of the `number`-th draw (from 0) of a stream; the same stream always gives the same arms.

    `shares` are whole per cent and add up to 100; the block is the shortest that holds them exactly (85 and 15 need
    20 places, 80 and 20 need 5).
    """
    block = smallest_block(shares)
    # By block, so that the n-th draw needs none of those before it; text seeds alike on every machine.
    generator = random.Random(f"{seed}:{number // len(block)}")
    generator.shuffle(block)
    return block[number % len(block)]


def smallest_block(shares: Mapping[str, int]) -> list[str]:
    """Return the shortest list that holds each arm in exactly its share. Raise ValueError unless they sum to 100."""
    if sum(shares.values()) != 100 or min(shares.values()) < 0:
        raise ValueError(f"shares of arms are whole per cent that add up to 100, not {dict(shares)}")
    divisor = reduce(gcd, shares.values())
    # Sorted, as the order of a mapping would change what the shuffle gives.
    return [arm for arm, share in sorted(shares.items()) for _ in range(share // divisor)]
