"""The page of figures is written by the benchmarks, a part at a time."""

from __future__ import annotations

from bench.__main__ import BENCHMARKS, Figure, Row
from bench.page import PAGE, update_page

ROW = Row("a task", 0.012, 0.004, "a bare view", 4)
FIGURE = Figure("eight people", 10.0, 17.5, "ms", 16.7, "the peer: 80 ms")


def test_a_benchmark_rewrites_its_own_part_and_leaves_the_others(tmp_path):
    page = tmp_path / "performance.md"
    update_page({"jobs": [ROW], "assignment": [FIGURE]}, page)
    first = page.read_text(encoding="utf-8")
    assert "| a task | 12.0 ms | 4.0 ms | 3.00 | 4, met | a bare view |" in first
    assert "| eight people | 10.0 | 17.5 | ms | 16.7, missed | the peer: 80 ms |" in first
    update_page({"jobs": [ROW, FIGURE]}, page)
    second = page.read_text(encoding="utf-8")
    assert second.count("## ") == 2
    assert second.partition("## jobs")[0] == first.partition("## jobs")[0]
    assert second.count("| eight people |") == 2


def test_the_page_has_parts_of_benchmarks_that_are_there():
    headings = [line.removeprefix("## ") for line in PAGE.read_text(encoding="utf-8").splitlines() if line[:3] == "## "]
    assert headings
    assert set(headings) <= set(BENCHMARKS)
