"""Compare two versions of a rubric, edit by edit, and say which answers an edit touches (plain Python).

A wording edit leaves the question as it was; a semantic edit asks another one, so that answers given before it are
asked for again. The scale, weights and keys, and what only one version has of them, are semantic by nature. A changed
wording is semantic when its author says so; one that only one version has, such as a first translation or a guidance
that was left out, is semantic unless its author says that it changes no meaning.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from annotation.errors import BadInput
from annotation.phrases import phrase as _

WORDING, SEMANTIC = "wording", "semantic"
# What is not listed is semantic, so that a field nobody thought of errs on asking people again.
WORDINGS = re.compile(
    r"""
    title\.[^.]+
    | categories\.[^.]+(\.subcategories\.[^.]+)?\.name\.[^.]+
    | attributes\.[^.]+\.((name|definition)\.[^.]+ | words | characters | guidance\.[^.]+\.[^.]+)
    | attributes\.[^.]+\.anchors\.[0-9.]+\.text\.[^.]+
    """,
    re.VERBOSE,
)


@dataclass(frozen=True)
class Edit:
    """One difference: where (`attributes.overall_gestalt.definition.en`), before and after, and its kind."""

    path: str
    before: Any
    after: Any
    kind: str

    @property
    def may_be_wording(self) -> bool:
        """Tell whether the author may say that the meaning stays."""
        return bool(WORDINGS.fullmatch(self.path))

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


def mark(edits: list[Edit], semantic: Sequence[str], wording: Sequence[str] = ()) -> list[Edit]:
    """Mark the edits whose path is one of `semantic`, or below one, as semantic, and those of `wording` as wording.

    Raise BadInput for a path that no edit has, and for one in `wording` that is semantic by nature.
    """
    for prefix in [*semantic, *wording]:
        if not any(_below(edit.path, prefix) for edit in edits):
            paths = ", ".join(edit.path for edit in edits) or _("nothing")
            raise BadInput(_("%(path)r was not edited; edited: %(edited)s", path=prefix, edited=paths))
    return [_mark_edit(edit, semantic, wording) for edit in edits]


def _mark_edit(edit: Edit, semantic: Sequence[str], wording: Sequence[str]) -> Edit:
    if any(_below(edit.path, prefix) for prefix in semantic):
        return replace(edit, kind=SEMANTIC)
    if not any(_below(edit.path, prefix) for prefix in wording):
        return edit
    if not edit.may_be_wording:
        raise BadInput(_("%(path)r changes the meaning by its nature; it cannot be marked as wording", path=edit.path))
    return replace(edit, kind=WORDING)


def touches_annotations(edits: list[Edit]) -> bool:
    """Tell whether answers given before these edits are asked for again."""
    return any(edit.kind == SEMANTIC for edit in edits)


def _below(path: str, prefix: str) -> bool:
    return path == prefix or path.startswith(f"{prefix}.")


def _kind(path: str, in_both: bool) -> str:
    return WORDING if in_both and WORDINGS.fullmatch(path) else SEMANTIC


def _leaves(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Walk to the single values; items of a list go by their key, an anchor by its score."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _leaves(f"{path}.{name}".lstrip("."), inner)
    elif isinstance(value, list) and value and all(isinstance(item, Mapping) for item in value):
        for item in value:
            # An anchor at another score is another anchor: one gone and one new, both semantic.
            name = item.get("key", item.get("score"))
            yield from _leaves(f"{path}.{name}".lstrip("."), {k: v for k, v in item.items() if k != "key"} | _at(item))
    else:
        yield path, value


def _at(item: Mapping[str, Any]) -> dict[str, Any]:
    """Keep an item without further content visible."""
    return {"key": item["key"]} if "key" in item else {}
