"""Count what a release holds while its rows pass by, one at a time."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping
from math import sqrt
from statistics import median
from typing import Any

from annotation.dataset.format.canonical import line, significant

from .splits import SPLITS
from .views import VIEWS

COUNTERS = (
    "subcategories",
    "licences",
    "annotations",
    "arms",
    "imported_arms",
    "rubrics",
    "causes",
    "scores",
    "per_image",
)
NAME_SETS = (
    "raters", "own_raters", "counted_raters", "simulated_raters", "imported_raters", "languages", "models",
    "imported_models",
)  # fmt: skip


class Tally:
    """Numbers of images, answers and raters, and a hash of the rows in the order they are written.

    `raters` are all that an answer names: `own_raters` answered here, the first answers of `counted_raters` enter the
    means, `simulated_raters` are programs that answered here, and in the name of `imported_raters` answers were
    imported. `arms` and `models` are of answers given here, `imported_arms` and `imported_models` of imported ones.
    The tally of a release is that of its parts, merged in order.
    """

    def __init__(self) -> None:
        self.rows: dict[str, Counter[str]] = {name: Counter() for name in ("data", *(view.name for view in VIEWS))}
        self.subcategories: Counter[str] = Counter()
        self.licences: Counter[str] = Counter()
        self.annotations: Counter[str] = Counter()
        self.arms: Counter[str] = Counter()
        self.imported_arms: Counter[str] = Counter()
        self.rubrics: Counter[str] = Counter()
        self.raters: set[str] = set()
        self.own_raters: set[str] = set()
        self.counted_raters: set[str] = set()
        self.simulated_raters: set[str] = set()
        self.imported_raters: set[str] = set()
        self.languages: set[str] = set()
        self.models: set[str] = set()
        self.imported_models: set[str] = set()
        self.causes: Counter[str] = Counter()
        self.scores: Counter[float] = Counter()
        self.per_image: Counter[int] = Counter()
        self._digests: list[bytes] = []

    def add(self, row: dict[str, Any]) -> None:
        """Count one image's row and the answers in it."""
        self._digests.append(hashlib.sha256(line(row)).digest())
        self.rows["data"][row["split"]] += 1
        for view in VIEWS:
            self.rows[view.name][row["split"]] += view.count(row)
        self.subcategories[row["subcategory"]] += 1
        self.licences[row["licence"]] += 1
        for prefill in row["prefills"]:
            (self.imported_models if prefill["imported"] else self.models).add(prefill["model"])
        consensus = row["consensus"]
        self.causes.update([consensus["cause"]] if consensus and not consensus["imported"] else [])
        self.scores[row["gt_score"]] += 1
        self.per_image[sum(annotation["counted"] for annotation in row["annotations"])] += 1
        for annotation in row["annotations"]:
            self._add_annotation(annotation)

    def _add_annotation(self, annotation: Mapping[str, Any]) -> None:
        kinds = ("counted", "simulated", "surplus", "exposed", "repeat", "superseded", "imported")
        self.annotations.update(["all", annotation["kind"], *(kind for kind in kinds if annotation[kind])])
        self.annotations.update(["simulated_counted"] if annotation["simulated"] and annotation["counted"] else [])
        arms = self.imported_arms if annotation["imported"] else self.arms
        arms[annotation["arm"] or "unknown"] += annotation["kind"] == "first"
        self.rubrics[annotation["rubric_version"]] += annotation["kind"] == "first"
        self._add_rater(annotation)
        judgements = (judgement for judgement in annotation["judgements"].values() if judgement)
        self.languages.update(judgement["language"] for judgement in judgements if judgement["language"])

    def _add_rater(self, annotation: Mapping[str, Any]) -> None:
        rater = annotation["rater"]
        self.raters.add(rater)
        if annotation["imported"]:
            self.imported_raters.add(rater)
            return
        self.own_raters.add(rater)
        if annotation["counted"]:
            self.counted_raters.add(rater)
        if annotation["simulated"]:
            self.simulated_raters.add(rater)

    @property
    def splits(self) -> Counter[str]:
        """Return the number of images in each split."""
        return self.rows["data"]

    @property
    def images(self) -> int:
        """Return the number of images."""
        return self.splits.total()

    @property
    def adjudicated(self) -> int:
        """Return the number of images with a consensus that was reached here."""
        return self.causes.total()

    @property
    def score_mean(self) -> float:
        """Return the mean of the released scores."""
        # Sorted, since sums of fractions in another order end in other digits.
        return significant(sum(score * n for score, n in sorted(self.scores.items())) / self.scores.total())

    @property
    def score_sd(self) -> float:
        """Return the standard deviation of the released scores."""
        mean = sum(score * n for score, n in sorted(self.scores.items())) / self.scores.total()
        squares = sum(n * (score - mean) ** 2 for score, n in sorted(self.scores.items()))
        return significant(sqrt(squares / self.scores.total()))

    @property
    def score_range(self) -> str:
        """Return the lowest and the highest released score."""
        return f"{min(self.scores)} to {max(self.scores)}"

    @property
    def counted_per_image(self) -> dict[str, float]:
        """Return how many answers that count the images have: the least, the median, the most."""
        return {
            "least": min(self.per_image),
            "median": significant(float(median(self.per_image.elements()))),
            "most": max(self.per_image),
        }

    @property
    def content_sha256(self) -> str:
        """Return the SHA-256 over those of all rows as JSON, which another version of the Parquet writer leaves alone.

        Of each row it takes the 32 bytes of the SHA-256 of `canonical.line`, in the order of the release.
        """
        return hashlib.sha256(b"".join(self._digests)).hexdigest()

    def to_json(self) -> dict[str, Any]:
        """Return all that was counted, to be merged elsewhere."""
        return {
            "rows": {name: list(counts.items()) for name, counts in self.rows.items()},
            "digests": b"".join(self._digests).hex(),
            **{name: list(getattr(self, name).items()) for name in COUNTERS},
            **{name: sorted(getattr(self, name)) for name in NAME_SETS},
        }

    def merge(self, part_tally: Mapping[str, Any]) -> None:
        """Add what a later part counted, as `to_json` gives it."""
        self._digests.append(bytes.fromhex(part_tally["digests"]))
        for name, counts in part_tally["rows"].items():
            self.rows[name].update(dict(counts))
        for name in COUNTERS:
            getattr(self, name).update(dict(part_tally[name]))
        for name in NAME_SETS:
            getattr(self, name).update(part_tally[name])

    def figures(self) -> dict[str, Any]:
        """Return the counts as `release.json` states them."""
        return {
            "images": self.images,
            "splits": {split: self.splits[split] for split in SPLITS},
            "subcategories": dict(self.subcategories),
            "licences": dict(self.licences),
            "annotations": dict(self.annotations),
            "first_annotations_by_arm": {arm: n for arm, n in self.arms.items() if n},
            "imported_first_annotations_by_arm": {arm: n for arm, n in self.imported_arms.items() if n},
            "first_annotations_by_rubric": {name: n for name, n in self.rubrics.items() if n},
            "counted_per_image": self.counted_per_image,
            "raters": len(self.own_raters),
            "counted_raters": len(self.counted_raters),
            "simulated_raters": len(self.simulated_raters),
            "imported_raters": len(self.imported_raters),
        }
