"""Pages in Markdown, from templates that read like the page.

An indented line of a template goes on the one before it: a paragraph is one line of the page, and may be wrapped here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, UndefinedError
from jinja2.ext import Extension

TEMPLATES = Path(__file__).resolve().with_name("templates")
# A line that goes on with a tag brings the space it needs, inside the tag.
WRAPPED = ((re.compile(r"\n +(?=\{%)"), ""), (re.compile(r"\n +"), " "))


def render(page: str, **values: Any) -> str:
    """Return a page from its template. Raise LookupError where a value is missing."""
    try:
        return _environment().get_template(f"{page}.jinja").render(values)
    except UndefinedError as error:
        raise LookupError(f"{page}: {error}") from error


@cache
def _environment() -> Environment:
    environment = Environment(  # noqa: S701  Markdown, not HTML: what people wrote goes through `cell` and `one_line`
        loader=FileSystemLoader(TEMPLATES),
        extensions=[WrappedLines],
        # A page with a gap where a value is missing would pass for a true one.
        undefined=StrictUndefined,
        trim_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {
        "cell": cell,
        "one_line": one_line,
        "listed": listed,
        "counted": counted,
        "thousandths": thousandths,
    }
    return environment


class WrappedLines(Extension):
    """Templates whose paragraphs are wrapped."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        """Join wrapped lines."""
        for wrap, space in WRAPPED:
            source = wrap.sub(space, source)
        return source


def cell(text: str) -> str:
    """Return a text as a cell of a table, in which bars and line feeds do no harm."""
    return one_line(text.replace("|", "\\|"))


def one_line(text: str) -> str:
    """Return a text without line feeds."""
    return " ".join(text.split())


def listed(names: Iterable[object]) -> str:
    """Return names in a row."""
    return ", ".join(map(str, names)) or "none"


def counted(counts: Mapping[str, int]) -> str:
    """Return names with how many there are of each, "CC0-1.0 3, CC-BY-4.0 2"."""
    return ", ".join(f"{name or 'not stated'} {n}" for name, n in sorted(counts.items())) or "none"


def thousandths(number: int) -> str:
    """Return a number that is kept in thousandths, "0.95"."""
    return f"{number / 1000:g}"
