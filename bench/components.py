"""Time REML of a large crossed design against one plain pass over the same ratings, and state its peak of memory."""

from __future__ import annotations

import resource
import subprocess
import sys
import time

import numpy as np

from annotation.agreement.components import crossed_components
from annotation.agreement.ratings import Ratings
from bench.__main__ import Row, best_of

UNITS, RATERS, K = 100_000, 200, 5
SOLO = "from bench.components import alone; alone()"


def design() -> Ratings:
    """Return 5 ratings each of 100,000 units by 200 raters, in long form."""
    random = np.random.default_rng(1)
    unit = np.repeat(np.arange(UNITS), K)
    start = random.integers(RATERS, size=UNITS)
    step = random.integers(1, RATERS // K, size=UNITS)
    rater = ((start[:, None] + step[:, None] * np.arange(K)) % RATERS).ravel()
    value = 5 + random.normal(0, 1.5, UNITS)[unit] + random.normal(0, 0.5, RATERS)[rater]
    order = np.lexsort((rater, unit))
    return Ratings(
        unit[order], rater[order], np.zeros(len(unit), dtype=np.int64),
        (value + random.normal(size=len(unit)))[order],
        tuple(f"u{u}" for u in range(UNITS)), tuple(f"r{r}" for r in range(RATERS)), ("1",),
    )  # fmt: skip


def alone() -> None:
    """Print the peak of memory of one estimate in a process of its own, in MB, with what Python and SciPy take."""
    found = crossed_components(design())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{peak:.0f} {found.unit:.3f} {found.rater:.3f} {found.residual:.3f}")


def run() -> list[Row]:
    """Return one row: all components with their errors, against summing the ratings by unit and by rater once."""
    ratings = design()

    def gather() -> None:
        np.bincount(ratings.unit, ratings.value)
        np.bincount(ratings.rater, ratings.value)

    started = time.perf_counter()
    shown = subprocess.run([sys.executable, "-c", SOLO], capture_output=True, text=True, check=True).stdout.split()
    print(f"REML: peak memory {shown[0]} MB, components {', '.join(shown[1:])}; {time.perf_counter() - started:.1f} s")
    timed = best_of(lambda: crossed_components(ratings), gather, rounds=3)
    name = f"REML, {RATERS} raters x {UNITS:,} units x {K}"
    return [Row(name, *timed, f"one NumPy pass over the ratings; peak {shown[0]} MB")]
