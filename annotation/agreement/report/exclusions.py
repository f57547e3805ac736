"""Measure agreement with and without some raters and images: flagged by rule, or named with a reason."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from .fields import coefficient
from .panel import HOLISTIC, Fields, Panel

LEAST_CORRELATION, LEAST_IMAGES, WIDEST_SPREAD = 0.2, 20, 2.0
LOW_CORRELATION = "correlation of {:.2f} with the other raters on {} images (below {:g})"
WIDE_SPREAD = "residual spread of {:.2f} points, more than {:g} times the panel's median of {:.2f}"
RULE = (
    f"flagged: on the holistic score, correlation with the rest below {LEAST_CORRELATION:g} on {LEAST_IMAGES} images "
    f"or more, or a residual spread above {WIDEST_SPREAD:g} times the panel's median; the headline keeps everybody"
)


Row = dict[str, Any]


def flag_raters(measurements: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Return the raters whom the rule flags, each with the reason, out of what was measured of the holistic score."""
    raters = (measurements[HOLISTIC]["details"] or {}).get("raters", [])
    spreads = [row["residual_spread"] for row in raters if row.get("residual_spread") is not None]
    # Of two raters nobody can say which one is wide.
    median = float(np.median(spreads)) if len(spreads) > 2 else 0.0
    reasons: dict[str, str] = {}
    for row in raters:
        correlation, n, spread = (row.get(key) for key in ("correlation_with_rest", "n_with_rest", "residual_spread"))
        if correlation is not None and n >= LEAST_IMAGES and correlation < LEAST_CORRELATION:
            reasons[row["rater"]] = LOW_CORRELATION.format(correlation, n, LEAST_CORRELATION)
        elif median and spread is not None and row["n"] >= LEAST_IMAGES and spread > WIDEST_SPREAD * median:
            reasons[row["rater"]] = WIDE_SPREAD.format(spread, WIDEST_SPREAD, median)
    return reasons


def exclusion_figures(
    panel: Panel,
    fields: Fields,
    measurements: Mapping[str, Mapping[str, Any]],
    named_exclusions: Mapping[str, Mapping[str, str]],
    *,
    seed: int,
    replicates: int,
) -> Row:
    """Return who and what is left out, each with the reason, and each field's alpha with and without them.

    `named_exclusions` maps `raters` and `images` to reasons; who is flagged by rule is left out as well. Whoever gave
    no answer that counts, or withdrew, is not listed.
    """
    own_annotations = panel.own_annotations()
    names = {annotation.rater for annotation in own_annotations}, {annotation.image for annotation in own_annotations}
    raters = {name: ("rule", reason) for name, reason in flag_raters(measurements).items()}
    named_raters = named_exclusions.get("raters", {})
    raters |= {name: ("named", reason) for name, reason in named_raters.items() if name in names[0]}
    images = {name: reason for name, reason in named_exclusions.get("images", {}).items() if name in names[1]}
    annotations = [
        annotation
        for annotation in own_annotations
        if annotation.rater not in raters and annotation.image not in images
    ]
    rows: list[Row] = []
    if raters or images:
        for name in fields.all:
            figures = coefficient(
                fields.ratings(name, annotations), fields.level(name), seed=seed, replicates=replicates
            )
            rows.append(_row(name, measurements[name]["alpha"], figures))
    return {
        "rule": RULE,
        "raters": [{"rater": name, "by": by, "reason": reason} for name, (by, reason) in sorted(raters.items())],
        "images": [{"image": name, "reason": reason} for name, reason in sorted(images.items())],
        "fields": rows,
    }


def _row(name: str, alpha_of_all: float | None, figures: Row) -> Row:
    low, high = figures["interval"] or (None, None)
    has_both = alpha_of_all is not None and figures["alpha"] is not None
    return {
        "field": name,
        "alpha_with": alpha_of_all,
        "alpha": figures["alpha"],
        "difference": float(f"{figures['alpha'] - alpha_of_all:.6g}") if has_both else None,
        "lower": low,
        "upper": high,
        **{key: figures[key] for key in ("n_images", "n_annotations", "n_raters", "note")},
    }
