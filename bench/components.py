"""Time REML of a large crossed design against one plain pass over the same ratings, and state its peak of memory."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import numpy as np

from annotation.agreement.ratings import Ratings
from annotation.agreement.report.table import report
from annotation.agreement.variance.components import crossed_components

from .__main__ import Figure, Row, best_of

UNITS, RATERS, K = 100_000, 200, 5


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


def print_peak_of_estimate() -> None:
    """Print the peak of memory of one estimate in a process of its own, in MB, with what Python and SciPy take."""
    components = crossed_components(design())
    print(f"{peak_megabytes():.0f} {components.unit:.3f} {components.rater:.3f} {components.residual:.3f}")


def print_peak_of_report() -> None:
    """Print the peak of memory of the whole report of one attribute, in MB, in a process of its own."""
    report(design(), "interval")
    print(f"{peak_megabytes():.0f}")


def peak_megabytes() -> float:
    """Return the most memory this process held, in MB; what the parent held before it does not count."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


def output_of_process(call: str, module: str = "bench.components") -> list[str]:
    """Return what a function of a module of benchmarks prints in a process of its own."""
    code = f"from {module} import {call}; {call}()"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()


def run() -> list[Row | Figure]:
    """Return all components with their errors against summing the ratings once, and what a whole report holds."""
    ratings = design()

    def gather() -> None:
        np.bincount(ratings.unit, ratings.value)
        np.bincount(ratings.rater, ratings.value)

    estimate_figures = output_of_process("print_peak_of_estimate")
    start = time.perf_counter()
    [peak] = output_of_process("print_peak_of_report")
    seconds = time.perf_counter() - start
    seconds_of_both = best_of(lambda: crossed_components(ratings), gather, rounds=3)
    name = f"REML, {RATERS} raters x {UNITS:,} units x {K}"
    return [
        Row(name, *seconds_of_both, f"one NumPy pass over the ratings; peak {estimate_figures[0]} MB"),
        Figure("whole report of one attribute, peak memory", float(peak), float(peak), "MB", 500, f"{seconds:.0f} s"),
    ]
