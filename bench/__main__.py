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
from pathlib import Path

BENCHMARKS = {
    "prefill": "bench.prefill",
    "agreement": "bench.agreement",
    "assignment": "bench.assignment",
    "release": "bench.release",
}
RESULTS = Path(__file__).resolve().parent.parent / "build" / "bench" / "results.json"


@dataclass(frozen=True)
class Row:
    """Hold one comparison: seconds of ours and of the alternative, each the best of its rounds."""

    name: str
    ours: float
    alternative: float
    against: str

    @property
    def ratio(self) -> float:
        """Return ours divided by the alternative: below one is faster."""
        return self.ours / self.alternative


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
    rows: list[Row] = []
    for name in names or BENCHMARKS:
        rows += import_module(BENCHMARKS[name]).run()
    print(f"{'':44}{'ours':>10}{'other':>10}{'ratio':>8}  against")
    for row in rows:
        print(f"{row.name:44}{row.ours * 1e3:8.1f}ms{row.alternative * 1e3:8.1f}ms{row.ratio:8.2f}  {row.against}")
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(json.dumps([asdict(row) | {"ratio": round(row.ratio, 4)} for row in rows], indent=1))


if __name__ == "__main__":
    main(sys.argv[1:])
