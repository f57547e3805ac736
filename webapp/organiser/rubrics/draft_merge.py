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


def merge_draft(form: DraftForm, content: Mapping[str, Any], content_hash: str) -> DraftForm | None:
    """Return a form with what others saved meanwhile, and on top of it what was typed.

    What only one side changed is taken from that side. Where both did, what was typed stands in the field, and the
    other text in `stored_text` of the field. Return None when the two sides have different fields.
    """
    stored_form = DraftForm(content, content_hash)
    if stored_form.fields.keys() != form.fields.keys():
        return None
    data, clashes = {}, {}
    for name, field in stored_form.fields.items():
        new_text, base_text, stored_text = form.data.get(name, ""), form.fields[name].initial, plain_text(field.initial)
        data[name] = stored_text if plain_text(new_text) == plain_text(base_text) else new_text
        if plain_text(data[name]) != stored_text and stored_text != plain_text(base_text):
            clashes[name] = stored_text
    merged_form = DraftForm(content, content_hash, data)
    for name, text in clashes.items():
        merged_form.fields[name].stored_text = text  # type: ignore[attr-defined]
    return merged_form
