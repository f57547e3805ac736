"""Time our alpha and its bootstrap against the bare `krippendorff` package."""

from __future__ import annotations

import krippendorff
import numpy as np

from annotation.agreement.alpha import alpha
from annotation.agreement.bootstrap import interval
from annotation.agreement.table import tabulate
from bench.__main__ import Row, best_of

IMAGES, RATERS, REPLICATES = 500, 8, 100


def run() -> list[Row]:
    """Return two rows: the point value from long-form ratings, and a replicate of its interval."""
    generator = np.random.default_rng(1)
    matrix = np.full((RATERS, IMAGES), np.nan)
    for image in range(IMAGES):
        matrix[generator.choice(RATERS, 3, replace=False), image] = generator.integers(0, 21, 3)
    ratings = [(u, r, matrix[r, u]) for r in range(RATERS) for u in range(IMAGES) if not np.isnan(matrix[r, u])]
    table = tabulate(ratings)

    def package() -> None:
        krippendorff.alpha(reliability_data=matrix, level_of_measurement="interval")

    def packages() -> None:
        for _ in range(REPLICATES):
            package()

    point = best_of(lambda: alpha(tabulate(ratings), "interval"), package)
    drawn = best_of(lambda: interval(table, "interval", seed=1, replicates=REPLICATES), packages, rounds=3)
    return [
        Row(f"alpha of {IMAGES} images, from long form", *point, "one call of the krippendorff package"),
        Row(f"its interval, {REPLICATES} replicates", *drawn, "as many calls of the package"),
    ]
