"""Say how certain the mean of a few answers is (plain Python)."""

from __future__ import annotations

from math import sqrt
from statistics import stdev

import scipy


def half_width(values: list[int], confidence: float = 0.95) -> float | None:
    """Return half the width of the t interval of the mean, in the unit of the values; None below two values."""
    if len(values) < 2:
        return None
    # Student's t: for three answers the normal's interval would be less than half as wide as it has to be.
    return float(scipy.stats.t.ppf((1 + confidence) / 2, len(values) - 1)) * stdev(values) / sqrt(len(values))
