"""Write a rubric's data as YAML for people to edit, and read it again (plain Python)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import yaml

from annotation.errors import RubricInvalid
from annotation.phrases import phrase as _

from .plain_yaml import AliasFound, load_plain

MOST_CHARACTERS = 300_000  # Twenty times ours; reading as much takes seconds.
# The order in which people read the fields; a database may return them in another.
FIELDS = (
    "slug key score title name weight words characters definition text "
    "scale minimum maximum steps_per_point categories subcategories attributes anchors guidance"
)
ORDER = {name: place for place, name in enumerate(FIELDS.split())}


def dump(content: Any) -> str:
    """Return rubric data as YAML, the fields in the order in which people read them."""
    return yaml.safe_dump(_in_order(content), allow_unicode=True, sort_keys=False, width=110)


def load(text: str) -> Any:
    """Return the data of YAML text, not yet checked as a rubric.

    Raise RubricInvalid for what is no YAML, with the line, and for data that cannot be stored: aliases, dates, numbers
    that are none, half characters.
    """
    if len(text) > MOST_CHARACTERS:
        raise RubricInvalid(_("at most %(most)s characters are accepted", most=f"{MOST_CHARACTERS:,}"))
    try:
        content = load_plain(text, MOST_CHARACTERS)
    except AliasFound as error:
        raise RubricInvalid(_("aliases (*) are not accepted; write the text out")) from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise RubricInvalid(_("line %(line)s is no YAML: %(problem)s", line=line, problem=error.problem)) from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise RubricInvalid(_("this is no YAML: %(problem)s", problem=str(error).splitlines()[0])) from error
    try:
        # It is stored as JSON; YAML has dates, sets and .nan besides.
        json.dumps(content, allow_nan=False)
    except (TypeError, ValueError) as error:
        problem = str(error)
        raise RubricInvalid(_("text and numbers are accepted, nothing else: %(problem)s", problem=problem)) from error
    if any("\x00" in each or any("\ud800" <= letter <= "\udfff" for letter in each) for each in _texts(content)):
        raise RubricInvalid(_("holds a NUL or half a character, which cannot be stored"))
    return content


def _in_order(value: Any) -> Any:
    if isinstance(value, list):
        return [_in_order(item) for item in value]
    if not isinstance(value, dict):
        return value
    names = sorted(value, key=lambda name: (ORDER.get(name, len(ORDER)), name))
    return {name: _in_order(value[name]) for name in names}


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from _texts(name)
            yield from _texts(item)
