"""Compute the headline figures of this release again, from its rows, with public packages only.

    pip install pyarrow krippendorff
    python recompute.py

Prints one JSON object: for each figure what the rows give and what release.json states. Exit status 1 when one
differs by more than rounding.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import krippendorff
import numpy as np
import pyarrow.parquet as pq

RELEASE = Path(__file__).resolve().parent
TOLERANCE = 1e-5  # release.json keeps six significant digits


def read(folder: str) -> list[dict[str, Any]]:
    """Return the rows of a view, all splits."""
    shards = sorted((RELEASE / folder).glob("*.parquet"))
    return [row for shard in shards for row in pq.read_table(shard).to_pylist()]


def alpha(ratings: Sequence[tuple[str, str, float]], level: Literal["nominal", "interval"]) -> float | None:
    """Return Krippendorff's alpha of (image, rater, value) triples, or None where it is not defined."""
    images = sorted({image for image, _, _ in ratings})
    raters = sorted({rater for _, rater, _ in ratings})
    table = np.full((len(raters), len(images)), np.nan)
    rows, columns = ({name: place for place, name in enumerate(names)} for names in (raters, images))
    for image, rater, value in ratings:
        table[rows[rater], columns[image]] = value
    pairable = table[:, (~np.isnan(table)).sum(axis=0) >= 2]
    if pairable.size == 0 or len(np.unique(pairable[~np.isnan(pairable)])) < 2:
        return None
    return float(krippendorff.alpha(reliability_data=pairable, level_of_measurement=level))


def figures(ratings: list[dict[str, Any]], rubric: dict[str, Any]) -> dict[str, float | None]:
    """Return each figure by name: alpha of what counts, and the mean released score."""
    counted_rows = [row for row in ratings if row["counted"]]
    alphas = {}
    for attribute in (attribute["key"] for attribute in rubric["attributes"]):
        triples_of_all = [(row["sha256"], row["rater"], row["scores"][attribute]) for row in counted_rows]
        triples = [triple for triple in triples_of_all if triple[2] is not None]
        alphas[f"attributes.{attribute}"] = alpha(triples, "interval")
    alphas["holistic"] = alpha([(row["sha256"], row["rater"], row["holistic"]) for row in counted_rows], "interval")
    names = [sub["key"] for category in rubric["categories"] for sub in category["subcategories"]]
    subcategories = [(row["sha256"], row["rater"], names.index(row["subcategory"])) for row in counted_rows]
    alphas["subcategory"] = alpha(subcategories, "nominal")
    return alphas


def alpha_in_record(record: dict[str, Any], name: str) -> float | None:
    """Return what release.json states for a figure, or None."""
    data = record["agreement"]
    for key in name.split("."):
        data = data.get(key) or {}
    value: float | None = data.get("alpha")
    return value


def compare(alphas: dict[str, float | None], record: dict[str, Any]) -> dict[str, Any]:
    """Return each figure with what is stated and whether both agree; what is not stated agrees with anything."""
    lines = {}
    for name, value in alphas.items():
        figure = alpha_in_record(record, name)
        is_close = value is not None and figure is not None and abs(value - figure) <= TOLERANCE
        lines[name] = {"alpha": value, "stated": figure, "agrees": figure is None or is_close}
    return lines


def main() -> int:
    """Print the figures and return the exit status."""
    record, rubric = (json.loads((RELEASE / name).read_text("utf-8")) for name in ("release.json", "rubric.json"))
    ratings, scores = read("ratings"), read("scores")
    agreement = compare(figures(ratings, rubric), record)
    released_scores = [row["gt_score"] for row in scores]
    scores_by_image: dict[str, list[float]] = {}
    for row in ratings:
        if row["counted"]:
            scores_by_image.setdefault(row["sha256"], []).append(row["holistic"])
    by_raters = [row for row in scores if row["gt_source"] == "raters"]
    means = {sha256: np.mean(scores_of_image) for sha256, scores_of_image in scores_by_image.items()}
    deviating_images = [row["sha256"] for row in by_raters if abs(means[row["sha256"]] - row["gt_score"]) > 0.00501]
    result = {
        "release": f"{record['campaign']} {record['version']}",
        "images": len(scores),
        "annotations_that_count": sum(len(scores_of_image) for scores_of_image in scores_by_image.values()),
        "gt_score": {"mean": float(np.mean(released_scores)), "sd": float(np.std(released_scores))},
        "images_whose_mean_differs": deviating_images,
        "agreement": agreement,
    }
    print(json.dumps(result, ensure_ascii=False, indent=2))
    return 1 if deviating_images or not all(line["agrees"] for line in agreement.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
