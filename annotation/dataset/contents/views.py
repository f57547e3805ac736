"""Turn the row of an image into the rows of the views without images: `ratings`, `critiques`, `scores`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from annotation.dataset.format.columns import (
    ABOUT_ANNOTATION,
    TIMES,
    critiques_columns,
    ratings_columns,
    scores_columns,
)

from .aggregates import adjudicated_scores

Row = dict[str, Any]
COPIED_COLUMNS = [name for name, _ in ABOUT_ANNOTATION]


@dataclass(frozen=True)
class View:
    """A view: its name and columns, how its rows come from the row of an image, and how many they are."""

    name: str
    columns: Callable[[Any], pa.Schema]
    rows: Callable[[Row, str], Iterator[Row]]
    count: Callable[[Row], int]


def image_path(file_name: str) -> str:
    """Return where `unpack_release` puts an image: fanned out, as no folder may hold 10,000 files at the Hub."""
    return f"images/{file_name[:2]}/{file_name}"


def ratings(row: Row, file_name: str) -> Iterator[Row]:
    """Yield a row for each answer."""
    for annotation in row["annotations"]:
        judgements = {key: judgement or {} for key, judgement in annotation["judgements"].items()}
        yield {
            **_about(row, file_name, annotation),
            "subcategory": annotation["subcategory"],
            "holistic": annotation["holistic"],
            **{name: annotation[name] for name, _ in TIMES},
            "scores": {key: judgement.get("score") for key, judgement in judgements.items()},
            "origins": {key: judgement.get("score_origin") for key, judgement in judgements.items()},
        }


def critiques(row: Row, file_name: str) -> Iterator[Row]:
    """Yield a row for each critique, beside the prefilled one that this rater was shown."""
    # The same model may have been shown elsewhere too, with other words.
    prefill_critiques = {(prefill["model"], prefill["imported"]): prefill["critiques"] for prefill in row["prefills"]}
    columns = ("score", "critique", "language", "critique_origin", "edit_distance", "pasted", "pins")
    for annotation in row["annotations"]:
        about = _about(row, file_name, annotation)
        shown_critiques = prefill_critiques.get((annotation["shown_model"], annotation["imported"]), {})
        for key, judgement in annotation["judgements"].items():
            if judgement and judgement["critique"]:
                critique_row = {
                    "attribute": key,
                    **{name: judgement[name] for name in columns},
                    "prefill": shown_critiques.get(key) or None,
                }
                yield about | critique_row


def _count_critiques(row: Row) -> int:
    judgements = (judgement for annotation in row["annotations"] for judgement in annotation["judgements"].values())
    return sum(1 for judgement in judgements if judgement and judgement["critique"])


def scores(row: Row, file_name: str) -> Iterator[Row]:
    """Yield the row of the released scores: what was adjudicated where something was, else the mean."""
    consensus_scores = adjudicated_scores(row["consensus"])
    means = {key: mean["mean"] for key, mean in row["scores"].items()}
    yield {
        **_image(row, file_name),
        "gt_score": row["gt_score"],
        "gt_source": row["gt_source"],
        "n": row["holistic"]["n"],
        "se": row["holistic"]["se"],
        "corrected": row["holistic"]["corrected"],
        "category": row["category"],
        "subcategory": row["subcategory"],
        "scores": {key: consensus_scores.get(key, mean) for key, mean in means.items()},
    }


def _image(row: Row, file_name: str) -> Row:
    return {"image": image_path(file_name), "sha256": row["sha256"], "split": row["split"]}


def _about(row: Row, file_name: str, annotation: Row) -> Row:
    return _image(row, file_name) | {name: annotation[name] for name in COPIED_COLUMNS}


VIEWS = (
    View("ratings", ratings_columns, ratings, lambda row: len(row["annotations"])),
    View("critiques", critiques_columns, critiques, _count_critiques),
    View("scores", scores_columns, scores, lambda row: 1),
)


def derive_rows(row: Row, file_name: str) -> dict[str, list[Row]]:
    """Return the rows of every view that come of the row of an image, by the view's name."""
    return {view.name: list(view.rows(row, file_name)) for view in VIEWS}
