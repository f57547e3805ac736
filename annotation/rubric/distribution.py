"""Say how unsure a model is, from the probabilities it gives the whole scores 0 to 100 (plain Python).

A distribution is kept rounded to six decimals: that takes less than half the room of full floats as JSON, and moves the
mean by less than 0.003 points even in the worst case. Spread and entropy are worked out before rounding.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

POINTS = 101
DECIMALS = 6
# How far the sum of probabilities from single precision may be from one.
TOLERANCE = 1e-3


def check(distribution: Sequence[float]) -> str:
    """Return what is wrong with a distribution, or "": 101 finite probabilities that add up to one are accepted."""
    if len(distribution) != POINTS:
        return f"the distribution has {len(distribution)} values, not {POINTS}"
    if not all(math.isfinite(value) and value >= 0 for value in distribution):
        return "the distribution holds a value that is no probability"
    if abs(math.fsum(distribution) - 1) > TOLERANCE:
        return f"the distribution adds up to {math.fsum(distribution):.6g}, not to 1"
    return ""


def compact(distribution: Sequence[float]) -> list[float]:
    """Return the probabilities as they are kept, rounded to six decimals."""
    return [round(value, DECIMALS) for value in distribution]


def mean(distribution: Sequence[float]) -> float:
    """Return the expected score, 0 to 100."""
    # Exact sums, so that the order of summation changes no figure; divided, as they may miss one by a little.
    return math.fsum(point * p for point, p in enumerate(distribution)) / math.fsum(distribution)


def spread(distribution: Sequence[float]) -> float:
    """Return the standard deviation of the score in points, 0 to 50."""
    centre = mean(distribution)
    squares = math.fsum((point - centre) ** 2 * p for point, p in enumerate(distribution))
    return math.sqrt(squares / math.fsum(distribution))


def entropy(distribution: Sequence[float]) -> float:
    """Return Shannon's entropy in bits: 0 when the model is certain, log2(101) = 6.66 when it has no idea.

    C. E. Shannon, "A Mathematical Theory of Communication", Bell System Technical Journal 27 (1948), section 6.
    """
    total = math.fsum(distribution)
    # The sum is never above zero; a minus sign would turn certainty into -0.0.
    return abs(math.fsum(p / total * math.log2(p / total) for p in distribution if p > 0))
