"""Compute Krippendorff's alpha, and say why where it cannot be computed.

Krippendorff, K. (2011). Computing Krippendorff's alpha-reliability. The point value is that of the `krippendorff`
package.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import krippendorff
import numpy as np

from .table import Table

Level = Literal["nominal", "ordinal", "interval", "ratio"]


@dataclass(frozen=True)
class Alpha:
    """Hold alpha (None where it is undefined, with the reason in `note`) and what it rests on."""

    value: float | None
    level: Level
    n_images: int
    n_answers: int
    n_raters: int
    note: str = ""


def alpha(table: Table, level: Level) -> Alpha:
    """Return alpha over the units with two ratings or more.

    Undefined, with the reason, when no unit has two ratings or when all ratings are equal: without variation there is
    nothing to agree about.
    """
    pairable = table.pairable()
    facts = {"level": level, "n_images": pairable.units, "n_answers": pairable.ratings, "n_raters": table.raters}
    if pairable.units == 0:
        return Alpha(None, note="no image has answers from two experts yet", **facts)  # type: ignore[arg-type]
    if pairable.distinct_values() < 2:
        return Alpha(None, note="all answers are the same; alpha needs variation", **facts)  # type: ignore[arg-type]
    return Alpha(point(pairable, level), **facts)  # type: ignore[arg-type]


def point(table: Table, level: Level) -> float:
    """Return the bare coefficient of a table in which every unit has two ratings or more and values differ."""
    value_domain = table.values if level != "nominal" else np.arange(len(table.values))
    return float(krippendorff.alpha(value_counts=table.counts, value_domain=value_domain, level_of_measurement=level))
