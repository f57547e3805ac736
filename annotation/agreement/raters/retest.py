"""Say how well one person repeats their own judgement, from pairs of first and repeated scores.

The standard error of measurement is the standard deviation of the differences over the square root of two; the
smallest real difference, 1.96 times the square root of two times that error, is what two scores of one person must
differ by before more than chance is seen (with 95 % confidence):
Weir, J. P. (2005). Quantifying test-retest reliability using the intraclass correlation coefficient and the SEM.
Journal of Strength and Conditioning Research 19, 231-240.
The interval is that of a standard deviation of normal differences, from the chi-squared distribution.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy

FEWEST = 5
TOO_FEW = "fewer than five repeats; five are needed"
METHOD = (
    "SEM = SD of the differences / sqrt(2); smallest real difference = 1.96 * sqrt(2) * SEM (Weir 2005); "
    "95 % interval from the chi-squared distribution of the variance"
)


@dataclass(frozen=True)
class Retest:
    """The figures in points over n pairs; all are None where there are too few, with the reason in `note`.

    `shift` is the mean of repeated minus first, `low` and `high` bound the smallest real difference.
    """

    n: int
    mean_absolute_difference: float | None = None
    shift: float | None = None
    within_one_point: float | None = None
    standard_error: float | None = None
    smallest_real_difference: float | None = None
    low: float | None = None
    high: float | None = None
    note: str = ""


def retest(pairs: Sequence[tuple[float, float]], confidence: float = 0.95) -> Retest:
    """Return the test-retest figures of (first, repeated) scores in points; undefined for fewer than five pairs."""
    n = len(pairs)
    if n < FEWEST:
        return Retest(n, note=TOO_FEW)
    scores = np.asarray(pairs, dtype=float)
    differences = scores[:, 1] - scores[:, 0]
    deviation = float(differences.std(ddof=1))
    error = deviation / np.sqrt(2)
    smallest_difference = 1.96 * np.sqrt(2) * error
    tail = (1 - confidence) / 2
    low, high = (
        smallest_difference * np.sqrt((n - 1) / scipy.special.chdtri(n - 1, part)) for part in (tail, 1 - tail)
    )
    return Retest(
        n=n,
        mean_absolute_difference=float(np.abs(differences).mean()),
        shift=float(differences.mean()),
        within_one_point=float((np.abs(differences) <= 1).mean()),
        standard_error=float(error),
        smallest_real_difference=float(smallest_difference),
        low=float(low),
        high=float(high),
    )
