"""Time alpha and its interval against the `krippendorff` package, and against the mere gathering of as many draws."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import krippendorff
import numpy as np

from annotation.agreement.coefficients.alpha import LEVELS, Pairable, alpha, disagreement
from annotation.agreement.coefficients.intervals import draw
from annotation.agreement.ratings import Ratings

from .__main__ import Row

REPLICATES = 1000
RATINGS_PER_IMAGE = 5


def run() -> list[Row]:
    """Return rows for a panel the package can still hold, and for one of 100,000 images that it cannot."""
    return [*against_the_package(), *against_a_gather()]


def against_the_package() -> list[Row]:
    """Time a thousand replicates against one call of the package: 50 raters, 10,000 images, 0 to 100."""
    ratings = panel(raters=50, images=10_000)
    matrix = np.full((50, 10_000), np.nan)
    matrix[ratings.rater, ratings.unit] = ratings.value
    rows = []
    for level, target in (("interval", 1 / 5), ("ordinal", 1 / 2)):
        package = time_call(lambda level=level: krippendorff.alpha(matrix, level_of_measurement=level))
        sums = disagreement(Pairable.of(ratings), level)
        ours = time_call(lambda sums=sums: draw(sums, seed=1, replicates=REPLICATES))
        name = f"{REPLICATES} replicates of {level} alpha, 10,000 images"
        rows.append(Row(name, ours, package, "one package call", target))
    return rows


def against_a_gather() -> list[Row]:
    """Time replicates of 200 raters on 100,000 images against gathering as many units at random."""
    ratings = panel(raters=200, images=100_000)
    pairs = Pairable.of(ratings)
    random = np.random.default_rng(1)
    column = random.random(pairs.units)

    def gather() -> None:
        for _ in range(REPLICATES):
            column[random.integers(pairs.units, size=pairs.units)]

    floor = time_call(gather)
    rows = []
    for level in LEVELS:
        sums = disagreement(pairs, level)
        ours = time_call(lambda sums=sums: draw(sums, seed=1, replicates=REPLICATES))
        point = time_call(lambda level=level: alpha(ratings, level))
        print(f"one {level} alpha of 500,000 ratings: {point:.2f} s", file=sys.stderr)
        name = f"{REPLICATES} replicates of {level} alpha, 100,000 images"
        target = 3 if level == "interval" else None
        rows.append(Row(name, ours, floor, "a plain NumPy gather of as many draws", target))
    return rows


def panel(*, raters: int, images: int) -> Ratings:
    """Return five ratings of each image from 0 to 100, by raters drawn at random."""
    random = np.random.default_rng(7)
    level = random.normal(50, 15, images)
    unit = np.repeat(np.arange(images), RATINGS_PER_IMAGE)
    # Five different raters: a random start and a random stride.
    start, stride = random.integers(raters, size=images), random.integers(1, raters // RATINGS_PER_IMAGE, size=images)
    rater = ((start[:, None] + stride[:, None] * np.arange(RATINGS_PER_IMAGE)) % raters).ravel()
    value = np.clip(np.round(level[unit] + random.normal(0, 12, len(unit))), 0, 100)
    names = [f"{number:06}" for number in range(images)]
    people = [f"{number:03}" for number in range(raters)]
    return Ratings.of([names[u] for u in unit], [people[r] for r in rater], list(value))


def time_call(work: Callable[[], object]) -> float:
    """Return the seconds a piece of work takes, once."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
