"""Run the benchmarks and print a table; the same figures go to `build/bench/results.json`.

Each benchmark alternates ours and the alternative in one process, so that a busy machine slows both; a row's ratio is
ours divided by the alternative, each at its best.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib import import_module
from itertools import groupby
from pathlib import Path

BENCHMARKS = {
    name: f"bench.{name}"
    for name in ("prefill", "jobs", "agreement", "components", "assignment", "release", "workspace")
}
RESULTS = Path(__file__).resolve().parent.parent / "build" / "bench" / "results.json"


@dataclass(frozen=True)
class Row:
    """Hold one comparison: seconds of ours and of the alternative, each the best of its rounds."""

    HEAD = f"{'':48}{'ours':>10}{'other':>10}{'ratio':>8}  against"

    name: str
    ours: float
    alternative: float
    against: str

    @property
    def ratio(self) -> float:
        """Return ours divided by the alternative: below one is faster."""
        return self.ours / self.alternative

    @property
    def line(self) -> str:
        """Return the row of the table."""
        times = f"{self.ours * 1e3:8.1f}ms{self.alternative * 1e3:8.1f}ms{self.ratio:8.2f}"
        return f"{self.name:48}{times}  {self.against}"

    def facts(self) -> dict[str, object]:
        """Return what the results file says."""
        return asdict(self) | {"ratio": round(self.ratio, 4)}


@dataclass(frozen=True)
class Figure:
    """Hold one measure without an alternative to alternate with: median, worst, its target, and a quoted reference."""

    HEAD = f"{'':48}{'median':>10}{'worst':>10}{'target':>8}  unit, reference"

    name: str
    median: float
    worst: float
    unit: str
    target: float | None
    reference: str

    @property
    def line(self) -> str:
        """Return the row of the table."""
        target = "" if self.target is None else f"{self.target:g}"
        told = ", ".join(filter(None, (self.unit, self.reference)))
        return f"{self.name:48}{self.median:10.1f}{self.worst:10.1f}{target:>8}  {told}"

    def facts(self) -> dict[str, object]:
        """Return what the results file says."""
        return asdict(self)


def best_of(ours: Callable[[], object], alternative: Callable[[], object], rounds: int = 5) -> tuple[float, float]:
    """Time both in turn and return the best of each, in seconds."""
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        for call, taken in zip((ours, alternative), times, strict=True):
            start = time.perf_counter()
            call()
            taken.append(time.perf_counter() - start)
    return min(times[0]), min(times[1])


def main(names: list[str]) -> None:
    """Run the named benchmarks, or all."""
    rows: list[Row | Figure] = []
    for name in names or BENCHMARKS:
        rows += import_module(BENCHMARKS[name]).run()
    for head, group in groupby(rows, key=lambda row: row.HEAD):
        print(head, *(row.line for row in group), sep="\n")
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(json.dumps([row.facts() for row in rows], indent=1))


if __name__ == "__main__":
    main(sys.argv[1:])
