"""Agreement as a forest plot: a figure of its own that prints, with no program needed to make it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

WIDTH, LEFT, RIGHT, LINE, TOP, BOTTOM = 760, 230, 190, 26, 40, 56
INK, SOFT, BAR = "#1c1c1c", "#5a5a5a", "#8fb3d1"


def forest_plot(rows: Sequence[Mapping[str, Any]], title: str) -> str:
    """Return an SVG of one line a row: its name (`what`), `alpha`, and both intervals by their ends.

    The thick bar is the interval for these raters, the thin one that for raters like these. Rows without alpha say so.
    """
    ends = ("alpha", "lower", "upper", "lower_raters_like_these", "upper_raters_like_these")
    values = [row[end] for row in rows for end in ends if row.get(end) is not None]
    # Alpha may fall below zero, and the axis with it; it never shrinks, so that plots compare at a glance.
    low = min([0.0, *values])
    height = TOP + LINE * len(rows) + BOTTOM

    def x_of(value: float) -> str:
        return f"{LEFT + (value - low) / (1 - low) * (WIDTH - LEFT - RIGHT):.1f}"

    lines = [_line(row, TOP + LINE * (number + 0.5), x_of) for number, row in enumerate(rows)]
    marks = [value for value in (-1, -0.8, -0.6, -0.4, -0.2, 0, 0.2, 0.4, 0.6, 0.8, 1) if value >= low]
    axis = "".join(
        f'<line x1="{x_of(mark)}" x2="{x_of(mark)}" y1="{TOP}" y2="{height - BOTTOM}" stroke="#d0d0d0"/>'
        f'<text x="{x_of(mark)}" y="{height - BOTTOM + 18}" text-anchor="middle" fill="{SOFT}">{mark:g}</text>'
        for mark in marks
    )
    legend = "Thick: 95 % interval for these raters. Thin: for raters like these."
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        f'role="img" aria-label="{escape(title)}" font-family="sans-serif" font-size="13">\n'
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>\n'
        f'<text x="12" y="22" font-weight="bold" fill="{INK}">{escape(title)}</text>\n{axis}\n'
        + "\n".join(lines)
        + f'\n<text x="12" y="{height - 12}" fill="{SOFT}">{legend}</text>\n</svg>\n'
    )


def _line(row: Mapping[str, Any], y: float, x_of: Any) -> str:
    name = f'<text x="12" y="{y + 4}" fill="{INK}">{escape(str(row["what"]))}</text>'
    alpha = row.get("alpha")
    if alpha is None:
        return f'{name}<text x="{LEFT}" y="{y + 4}" fill="{SOFT}">not computed</text>'
    thin_bar = _bar(row.get("lower_raters_like_these"), row.get("upper_raters_like_these"), y, 1.5, INK, x_of)
    thick_bar = _bar(row.get("lower"), row.get("upper"), y, 7, BAR, x_of)
    label = f"{alpha:.2f}"
    if row.get("lower") is not None:
        label += f" [{row['lower']:.2f}, {row['upper']:.2f}]"
    label += f", n = {row.get('n_images', 0)}"
    dot = f'<circle cx="{x_of(alpha)}" cy="{y}" r="4" fill="{INK}"/>'
    return f'{name}{thick_bar}{thin_bar}{dot}<text x="{WIDTH - RIGHT + 12}" y="{y + 4}" fill="{INK}">{label}</text>'


def _bar(low: float | None, high: float | None, y: float, width: float, colour: str, x_of: Any) -> str:
    if low is None or high is None:
        return ""
    return f'<line x1="{x_of(low)}" x2="{x_of(high)}" y1="{y}" y2="{y}" stroke="{colour}" stroke-width="{width}"/>'
