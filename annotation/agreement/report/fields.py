"""Measure one field of a panel: alpha, both intervals, and all that a report says beside them."""

from __future__ import annotations

from typing import Any

from annotation.agreement.coefficients.alpha import Level, alpha
from annotation.agreement.coefficients.intervals import BANDS, Interval, raters_like_these, these_raters
from annotation.agreement.ratings import Ratings

from .table import details, round_figures

CONFIDENCE = 0.95
METHOD = (
    "these raters: BCa bootstrap over images, {replicates} replicates, seed {seed}; below 200 images the jackknife "
    "over them on log(1 - alpha), t with images - 1 degrees of freedom. Raters like these: jackknife over images plus "
    "jackknife over raters on log(1 - alpha), t with raters - 1 degrees of freedom"
)


def measure_field(ratings: Ratings, level: Level, *, seed: int, replicates: int) -> dict[str, Any]:
    """Return alpha with both intervals, its counts, and the details of a report."""
    row = coefficient(ratings, level, seed=seed, replicates=replicates)
    return row | {"details": details(ratings, level, seed=seed) if ratings.n else None}


def coefficient(ratings: Ratings, level: Level, *, seed: int, replicates: int) -> dict[str, Any]:
    """Return alpha with both intervals, what it rests on, and why something is null."""
    result = alpha(ratings, level)
    narrow_interval = these_raters(ratings, level, seed=seed, replicates=replicates, confidence=CONFIDENCE)
    wide_interval = raters_like_these(ratings, level, confidence=CONFIDENCE)
    figures: dict[str, Any] = round_figures(
        {
            "level": level,
            "alpha": result.value,
            "interval": limits(narrow_interval),
            "interval_raters_like_these": limits(wide_interval),
            "n_images": result.n_units,
            "n_annotations": result.n_ratings,
            "n_raters": result.n_raters,
            "note": result.note or narrow_interval.note,
            "note_raters_like_these": wide_interval.note,
            "probability_above": dict(zip(map(str, BANDS), wide_interval.above, strict=False)),
        }
    )
    return figures


def limits(interval: Interval) -> list[float] | None:
    """Return both ends, or None where there is no interval."""
    return None if interval.low is None or interval.high is None else [interval.low, interval.high]
