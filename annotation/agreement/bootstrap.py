"""Give coefficients an interval by drawing images anew.

Images are the units drawn, with replacement; the raters stay those in hand, so the interval says how alpha would
vary over other images judged by these raters, and nothing about other raters.
"""

from __future__ import annotations

import numpy as np

from .alpha import Level, point
from .table import Table

METHOD = (
    "percentile bootstrap over images (units with two or more answers drawn with replacement); "
    "the interval holds for these raters"
)
FEWEST_IMAGES = 5


def interval(
    table: Table, level: Level, *, seed: int, replicates: int = 1000, confidence: float = 0.95
) -> tuple[float, float] | None:
    """Return the percentile interval of alpha, or None with fewer than five pairable units.

    A replicate in which all values are equal has no alpha and is drawn again.
    """
    pairable = table.pairable()
    if pairable.units < FEWEST_IMAGES or pairable.distinct_values() < 2:
        return None
    random = np.random.default_rng(seed)
    drawn: list[float] = []
    while len(drawn) < replicates:
        rows = random.integers(pairable.units, size=pairable.units)
        replicate = Table(pairable.counts[rows], pairable.values, pairable.raters)
        if replicate.distinct_values() >= 2:
            drawn.append(point(replicate, level))
    tail = (1 - confidence) / 2
    low, high = np.quantile(drawn, [tail, 1 - tail])
    return float(low), float(high)
