"""What was imported beside the answers on an image: consensuses and prefills of another campaign."""

from __future__ import annotations

from typing import Any

from annotation.models import Campaign, ImportedConsensus, ImportedPrefill
from annotation.rubric.schema import Rubric, localise
from webapp.tables.table import number


def elsewhere(campaign: Campaign, image: int, rubric: Rubric, language: str) -> dict[str, list[dict[str, Any]]]:
    """Return by `adjudicated` and `proposed` each row with its scores and critiques under the names of their fields."""
    names = {key: localise(one.name, language) for key, one in rubric.by_key.items()}
    kinds = {key: localise(one.name, language) for key, one in rubric.subcategories.items()}
    here = {"campaign": campaign, "image": image}
    adjudicated = [
        {
            "row": row,
            "subcategory": kinds.get(row.subcategory, row.subcategory),
            "scores": [(names.get(key, key), number(points, 1)) for key, points in row.scores.items()],
        }
        for row in ImportedConsensus.objects.filter(**here)
    ]
    return {
        "adjudicated": adjudicated,
        "proposed": [{"row": row, "rows": _rows(row, rubric, names)} for row in ImportedPrefill.objects.filter(**here)],
    }


def _rows(prefill: ImportedPrefill, rubric: Rubric, names: dict[str, str]) -> list[dict[str, str]]:
    """Return the imported prefill of each attribute; its overall score stands for the overall judgement."""
    overall = {} if prefill.score is None else {rubric.overall.key: prefill.score}
    scores = {**prefill.scores, **overall}
    return [
        {
            "name": name,
            "score": number(scores[key], 1) if key in scores else "",
            "critique": prefill.critiques.get(key, ""),
        }
        for key, name in names.items()
    ]
