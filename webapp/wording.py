"""Say the domain's messages in the reader's language."""

from __future__ import annotations

from django.utils.translation import gettext

from annotation.errors import ConnoisseurError, FieldsInvalid
from annotation.phrases import Phrase


def translate(text: str) -> str:
    """Return a phrase in the language in force; any other text as it is. Phrases within a phrase follow."""
    if not isinstance(text, Phrase):
        return text
    parameters = {
        name: translate(value) if isinstance(value, str) else value for name, value in text.parameters.items()
    }
    # Translated before it is filled in: the catalogue knows the template, not what becomes of it.
    return gettext(text.template) % parameters


def say(error: ConnoisseurError) -> str:
    """Return what an error says, in the language in force."""
    if isinstance(error, FieldsInvalid):
        return "; ".join(
            f"{field}: {translate(message)}" if field else translate(message) for field, message in error.errors.items()
        )
    return translate(error.args[0]) if error.args else str(error)
