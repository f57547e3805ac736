"""The rubric in the page's language, as forms ask for it."""

from __future__ import annotations

from typing import Any

from annotation.design.orders import attribute_order
from annotation.rubric.schema import Rubric, localise


def attributes(rubric: Rubric, language: str, person: int) -> list[dict[str, Any]]:
    """Return the rubric's attributes in the page's language, in the order this person judges them."""
    # By the rubric, not its version: nobody's order changes half-way through a campaign.
    order = attribute_order(rubric.by_key, rubric.overall.key, f"attributes:{rubric.slug}:{person}")
    return [
        {
            "key": attribute.key,
            "name": localise(attribute.name, language),
            "definition": localise(attribute.definition, language),
            "guidance": [(key, localise(text, language)) for key, text in attribute.guidance.items()],
            "weight": attribute.weight,
            "words": attribute.words,
            "characters": attribute.characters,
            "anchors": [
                {"score": anchor.score, "text": localise(anchor.text, language)} for anchor in attribute.anchors
            ],
        }
        for attribute in map(rubric.by_key.__getitem__, order)
    ]


def categories(rubric: Rubric, language: str) -> list[dict[str, Any]]:
    """Return the rubric's categories and subcategories in the page's language."""
    return [
        {
            "key": category.key,
            "name": localise(category.name, language),
            "subcategories": [{"key": sub.key, "name": localise(sub.name, language)} for sub in category.subcategories],
        }
        for category in rubric.categories
    ]


def scale(rubric: Rubric) -> dict[str, float]:
    """Return the scale in points."""
    return {"minimum": rubric.scale.minimum, "maximum": rubric.scale.maximum, "step": rubric.scale.step}
