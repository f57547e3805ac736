"""Compare two versions of a rubric, edit by edit, and say which answers an edit touches (plain Python).

A wording edit leaves the question as it was; a semantic edit asks another one, so that answers given before it are
asked for again. What only one version has, the scale, weights and keys, is semantic by nature; a changed wording is
semantic when its author says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from .errors import BadInput

WORDING, SEMANTIC = "wording", "semantic"
WORDINGS = ("title", "name", "definition", "text", "words", "characters")


@dataclass(frozen=True)
class Edit:
    """Hold one difference: where (`attributes.overall_gestalt.definition.en`), before and after, and its kind."""

    path: str
    before: Any
    after: Any
    kind: str

    def to_json(self) -> dict[str, Any]:
        """Return the edit as data."""
        return asdict(self)


def compare(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Edit]:
    """Return the edits from one rubric's data to another's, in the order of their paths."""
    old, new = dict(_leaves("", before)), dict(_leaves("", after))
    return [
        Edit(path, old.get(path), new.get(path), _kind(path, path in old and path in new))
        for path in sorted(old.keys() | new.keys())
        if old.get(path) != new.get(path)
    ]


def mark(edits: list[Edit], semantic: list[str]) -> list[Edit]:
    """Mark the edits whose path begins with one of `semantic` as semantic.

    Raise BadInput for a path that no edit has.
    """
    for prefix in semantic:
        if not any(_below(edit.path, prefix) for edit in edits):
            raise BadInput(f"{prefix!r} was not edited; edited: {', '.join(edit.path for edit in edits) or 'nothing'}")
    return [
        Edit(edit.path, edit.before, edit.after, SEMANTIC)
        if any(_below(edit.path, prefix) for prefix in semantic)
        else edit
        for edit in edits
    ]


def touches_answers(edits: list[Edit]) -> bool:
    """Tell whether answers given before these edits are asked for again."""
    return any(edit.kind == SEMANTIC for edit in edits)


def _below(path: str, prefix: str) -> bool:
    return path == prefix or path.startswith(f"{prefix}.")


def _kind(path: str, in_both: bool) -> str:
    parts = path.split(".")
    return WORDING if in_both and any(part in WORDINGS for part in parts) else SEMANTIC


def _leaves(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Walk to the single values; items of a list go by their key, an anchor by its score."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _leaves(f"{path}.{name}".lstrip("."), inner)
    elif isinstance(value, list) and value and all(isinstance(item, Mapping) for item in value):
        for item in value:
            name = item.get("key", item.get("score"))
            yield from _leaves(f"{path}.{name}".lstrip("."), {k: v for k, v in item.items() if k != "key"} | _at(item))
    else:
        yield path, value


def _at(item: Mapping[str, Any]) -> dict[str, Any]:
    """Keep an item without further content visible."""
    return {"key": item["key"]} if "key" in item else {}
