"""What was typed into a draft's form, merged with what others saved meanwhile."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from annotation.errors import RubricInvalid
from annotation.phrases import phrase
from annotation.rubric.schema import parse

from .draft_forms import DraftForm, plain_text


def posted_form(data: Mapping[str, str]) -> DraftForm:
    """Return the form as it was sent. Raise RubricInvalid when the data it began with is damaged."""
    try:
        base = json.loads(data.get("base", ""))
    except (ValueError, RecursionError) as error:
        raise RubricInvalid(phrase("what the form began with is missing; open the draft again")) from error
    # The form takes the shape of its data for granted, and this came from a browser.
    parse(base)
    return DraftForm(base, data.get("seen", ""), data)


def merge_draft(mine: DraftForm, theirs: Mapping[str, Any], seen: str) -> DraftForm | None:
    """Return a form with what others saved meanwhile, and on top of it what was typed.

    What only one side changed is taken from that side. Where both did, what was typed stands in the field, and the
    other text in `theirs` of the field. Return None when the two sides have different fields.
    """
    saved = DraftForm(theirs, seen)
    if saved.fields.keys() != mine.fields.keys():
        return None
    data, clashes = {}, {}
    for name, field in saved.fields.items():
        typed, began, stored = mine.data.get(name, ""), mine.fields[name].initial, plain_text(field.initial)
        data[name] = stored if plain_text(typed) == plain_text(began) else typed
        if plain_text(data[name]) != stored and stored != plain_text(began):
            clashes[name] = stored
    merged = DraftForm(theirs, seen, data)
    for name, text in clashes.items():
        merged.fields[name].theirs = text  # type: ignore[attr-defined]
    return merged
