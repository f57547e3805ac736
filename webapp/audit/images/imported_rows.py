"""What was imported beside the answers on an image: consensuses and prefills of another campaign."""

from __future__ import annotations

from typing import Any

from annotation.models import Campaign, ImportedConsensus, ImportedPrefill
from annotation.rubric.schema import Rubric, localise
from webapp.tables.table import number


def imported_rows(campaign: Campaign, image: int, rubric: Rubric, language: str) -> dict[str, list[dict[str, Any]]]:
    """Return as `consensuses` and `prefills` each row with its scores and critiques under the names of their fields."""
    names = {key: localise(attribute.name, language) for key, attribute in rubric.by_key.items()}
    subcategories = {key: localise(subcategory.name, language) for key, subcategory in rubric.subcategories.items()}
    fields = {"campaign": campaign, "image": image}
    consensuses = [
        {
            "row": row,
            "subcategory": subcategories.get(row.subcategory, row.subcategory),
            "scores": [(names.get(key, key), number(points, 1)) for key, points in row.scores.items()],
        }
        for row in ImportedConsensus.objects.filter(**fields)
    ]
    return {
        "consensuses": consensuses,
        "prefills": [
            {"row": row, "rows": _rows(row, rubric, names)} for row in ImportedPrefill.objects.filter(**fields)
        ],
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
