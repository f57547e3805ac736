"""Write the benchmarks' figures to `docs/performance.md`: a part for each benchmark, the others as they were."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from .__main__ import Figure, Row

PAGE = Path(__file__).resolve().parent.parent / "docs" / "performance.md"
HEAD = """# Performance

What the benchmarks measured when they were last run with `python -m bench --docs NAME`; each part says when, and on
what. A ratio is ours divided by the alternative, taken in turns in one run, so that a busy machine slows both: below
one is faster. Milliseconds of another day or machine say little. Without a name, `make bench` runs them all.
"""


def update_page(measures: Mapping[str, Sequence[Row | Figure]], page: Path = PAGE) -> None:
    """Write the parts of the benchmarks that were run."""
    parts = {} if not page.exists() else _parts(page.read_text(encoding="utf-8"))
    parts |= {name: part(name, rows) for name, rows in measures.items()}
    page.write_text("\n".join([HEAD, *(parts[name] for name in sorted(parts))]), encoding="utf-8")


def part(name: str, rows: Sequence[Row | Figure]) -> str:
    """Return a benchmark's part of the page."""
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}, {platform.system()}"
    lines = [f"## {name}", "", f"`python -m bench {name}` on {datetime.now(UTC).date()}, {machine}.", ""]
    comparisons = [row for row in rows if isinstance(row, Row)]
    if comparisons:
        lines += ["| | ours | other | ratio | target | against |", "|---|---|---|---|---|---|"]
        lines += [
            f"| {row.name} | {row.ours * 1e3:.1f} ms | {row.alternative * 1e3:.1f} ms | {row.ratio:.2f} |"
            f" {_target(row)} | {row.against} |"
            for row in comparisons
        ]
    figures = [row for row in rows if isinstance(row, Figure)]
    if comparisons and figures:
        lines.append("")
    if figures:
        lines += ["| | median | worst | unit | target | for reference |", "|---|---|---|---|---|---|"]
        lines += [
            f"| {row.name} | {row.median:.1f} | {row.worst:.1f} | {row.unit} | {_target(row)} | {row.reference} |"
            for row in figures
        ]
    return "\n".join(lines) + "\n"


def _target(row: Row | Figure) -> str:
    return "" if row.target is None else f"{row.target:g}, {row.outcome.lower()}"


def _parts(text: str) -> dict[str, str]:
    """Return the parts of a page by their headings."""
    pieces = re.split(r"^(?=## )", text, flags=re.MULTILINE)[1:]
    return {piece.partition("\n")[0].removeprefix("## "): piece.rstrip("\n") + "\n" for piece in pieces}
