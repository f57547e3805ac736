"""Keep a message's template and parameters with its English text, so that a page can say it in another language.

A phrase is a `str` and reads in English everywhere: in logs, on the command line, in tests. Only who shows a page or
answers a program translates the template (`webapp/wording.py`). Import `phrase as _`: by that name the collector of
translations finds the templates.
"""

from __future__ import annotations

from typing import Any


class Phrase(str):
    """An English text that remembers its `template` and the `parameters` put into it."""

    __slots__ = ("parameters", "template")

    template: str
    parameters: dict[str, Any]

    def __new__(cls, template: str, **parameters: Any) -> Phrase:
        """Fill a template such as `"%(name)s is taken"`; a per cent sign is written twice."""
        text = super().__new__(cls, template % parameters)
        text.template, text.parameters = template, parameters
        return text

    def __reduce__(self) -> tuple[Any, ...]:
        """Travel to another process as plain text."""
        return str, (str(self),)


def phrase(template: str, **parameters: Any) -> Phrase:
    """Return the English text of a template, which `webapp.wording.translate` can say in another language."""
    return Phrase(template, **parameters)


def template(text: str) -> str:
    """Return a template as it is, to be filled later; imported as `_` it is collected for translation."""
    return text
