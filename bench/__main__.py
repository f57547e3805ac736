"""Run the benchmarks and print a table; the same figures go to `build/bench/results.json`.

Each benchmark alternates ours and the alternative in one process, so that a busy machine slows both; a row's ratio is
ours divided by the alternative, each at its best. Arithmetic keeps to one core. What has a target says whether it is
met.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib import import_module
from itertools import groupby
from pathlib import Path

BENCHMARKS = {
    name: f"bench.{name}"
    for name in (
        "prefill",
        "model",
        "jobs",
        "agreement",
        "components",
        "assignment",
        "annotators",
        "release",
        "export",
        "duplicates",
        "workspace",
        "pages",
    )
}
ONE_CORE = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
RESULTS = Path(__file__).resolve().parent.parent / "build" / "bench" / "results.json"


@dataclass(frozen=True)
class Row:
    """One comparison: seconds of ours and of the alternative, each the best of its rounds; the ratio's target."""

    HEAD = f"{'':48}{'ours':>10}{'other':>10}{'ratio':>8}{'target':>8}  outcome, against"

    name: str
    ours: float
    alternative: float
    against: str
    target: float | None = None

    @property
    def ratio(self) -> float:
        """Return ours divided by the alternative: below one is faster."""
        return self.ours / self.alternative

    @property
    def line(self) -> str:
        """Return the row of the table."""
        times = f"{self.ours * 1e3:8.1f}ms{self.alternative * 1e3:8.1f}ms{self.ratio:8.2f}"
        return f"{self.name:48}{times}{_target(self.target)}  {_joined_notes(self.outcome, self.against)}"

    @property
    def outcome(self) -> str:
        """Say whether the target is met, where there is one."""
        return outcome(self.ratio, self.target)

    def facts(self) -> dict[str, object]:
        """Return what the results file says."""
        return asdict(self) | {"ratio": round(self.ratio, 4), "outcome": self.outcome}


@dataclass(frozen=True)
class Figure:
    """One measure without an alternative to alternate with: median, worst, its target, and a quoted reference."""

    HEAD = f"{'':48}{'median':>10}{'worst':>10}{'target':>8}  outcome, unit, reference"

    name: str
    median: float
    worst: float
    unit: str
    target: float | None
    reference: str

    @property
    def line(self) -> str:
        """Return the row of the table."""
        notes = _joined_notes(self.outcome, self.unit, self.reference)
        return f"{self.name:48}{self.median:10.1f}{self.worst:10.1f}{_target(self.target)}  {notes}"

    @property
    def outcome(self) -> str:
        """Say whether the worst meets the target, where there is one."""
        return outcome(self.worst, self.target)

    def facts(self) -> dict[str, object]:
        """Return what the results file says."""
        return asdict(self) | {"outcome": self.outcome}


def outcome(value: float, target: float | None) -> str:
    """Say whether a figure, of which less is better, meets its target; nothing without one."""
    if target is None:
        return ""
    return "met" if value <= target else "MISSED"


def _target(target: float | None) -> str:
    return f"{'' if target is None else f'{target:g}':>8}"


def _joined_notes(*parts: str) -> str:
    return ", ".join(filter(None, parts))


def best_of(ours: Callable[[], object], alternative: Callable[[], object], rounds: int = 5) -> tuple[float, float]:
    """Time both in turn and return the best of each, in seconds."""
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        for call, durations in zip((ours, alternative), times, strict=True):
            start = time.perf_counter()
            call()
            durations.append(time.perf_counter() - start)
    return min(times[0]), min(times[1])


def main(names: list[str]) -> None:
    """Run the named benchmarks, or all; with `--docs` their figures go to `docs/performance.md` too."""
    for name in ONE_CORE:
        os.environ.setdefault(name, "1")  # Before numpy is loaded.
    writes_page = "--docs" in names
    chosen = [name for name in names if name != "--docs"] or BENCHMARKS
    measures: dict[str, list[Row | Figure]] = {name: import_module(BENCHMARKS[name]).run() for name in chosen}
    rows = [row for measured in measures.values() for row in measured]
    for head, group in groupby(rows, key=lambda row: row.HEAD):
        print(head, *(row.line for row in group), sep="\n")
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(json.dumps([row.facts() for row in rows], indent=1))
    if writes_page:
        import_module("bench.page").update_page(measures)


if __name__ == "__main__":
    main(sys.argv[1:])
