"""Say what the figures of agreement come from: distributions, the widest disagreement, drift, the model beside people.

Each is a list of flat rows, so that it is a table on the page, in CSV and in a release alike. Lists are bounded: they
do not grow with the number of images.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np

from annotation.agreement.raters.alt_test import alt_test, human_band

from .panel import Fields, Panel, RaterAnnotation
from .table import round_figures

WIDEST = 20
EPSILONS = (0.2, 0.0)  # The first is the paper's for experts; 0 asks the model to be better outright.

Row = dict[str, Any]


def distributions(panel: Panel, fields: Fields) -> list[Row]:
    """Return by field and subcategory in force: how many answers gave each score, with mean and spread.

    `counts` has an entry a step of the scale, from its lowest; a holistic score counts at the nearest step.
    """
    scale = fields.rubric.scale
    rows = []
    for name in fields.scores:
        groups: dict[str, list[float]] = defaultdict(list)
        for annotation, value in fields.values(name, panel.own_annotations()):
            groups[panel.subcategories[annotation.image]].append(value)
        for key in fields.rubric.subcategories:
            if key in groups:
                values = np.array(groups[key])
                places = np.rint((values - scale.minimum) / scale.step).astype(int)
                counts = np.bincount(places, minlength=scale.highest - scale.lowest + 1).tolist()
                spread = float(values.std(ddof=1)) if len(values) > 1 else None
                row = {"field": name, "subcategory": key, "n": len(values), "mean": float(values.mean())}
                rows.append(round_figures(row | {"sd": spread, "counts": counts}))
    return rows


def widest(panel: Panel, fields: Fields) -> list[Row]:
    """Return by field the images whose answers lie farthest apart: greatest range first, then standard deviation."""
    rows = []
    for name in fields.scores:
        by_image: dict[str, list[float]] = defaultdict(list)
        for annotation, value in fields.values(name, panel.own_annotations()):
            by_image[annotation.image].append(value)
        spreads = [_spread_row(name, image, values) for image, values in by_image.items() if len(values) > 1]
        spreads.sort(key=lambda row: (-row["range"], -row["sd"], row["image"]))
        rows += [row | {"subcategory": panel.subcategories[row["image"]]} for row in spreads[:WIDEST] if row["range"]]
    return rows


def _spread_row(name: str, image: str, values: list[float]) -> Row:
    low, high = min(values), max(values)
    row = {"field": name, "image": image, "n": len(values), "low": low, "high": high, "range": high - low}
    rounded_row: Row = round_figures(row | {"sd": float(np.std(values, ddof=1))})
    return rounded_row


def drift(measurements: Mapping[str, Mapping[str, Any]]) -> list[Row]:
    """Return by field and rater how scores move over time, out of what was measured of each field."""
    rows = []
    for name, figures in measurements.items():
        for rater in (figures["details"] or {}).get("raters", []):
            slope = rater.get("drift")
            if slope:
                row = {"field": name, "rater": rater["rater"]}
                rows.append(row | {key: slope[key] for key in ("n", "slope", "error", "low", "high", "unit", "note")})
    return rows


def model_against_humans(panel: Panel, fields: Fields, *, seed: int, replicates: int) -> list[Row]:
    """Return, for each attribute the model scores, the alternative annotator test and the human band."""
    rows = []
    for name in fields.attributes:
        model = {image: scores[name] for image, scores in panel.model.items() if name in scores}
        if model:
            ratings = fields.ratings(name, _own_on(panel, model))
            tests = {f"alt_test_{epsilon:g}": asdict(alt_test(ratings, model, epsilon=epsilon)) for epsilon in EPSILONS}
            band = asdict(human_band(ratings, model, replicates=replicates, seed=seed))
            rows.append(round_figures({"field": name, "n_images": len(ratings.units), **tests, "band": band}))
    return rows


def _own_on(panel: Panel, model: Mapping[str, float]) -> list[RaterAnnotation]:
    return [annotation for annotation in panel.own_annotations() if annotation.image in model]
