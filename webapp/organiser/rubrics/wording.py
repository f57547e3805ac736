"""The places of a rubric in words, and its edits laid out for reading."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from annotation.errors import BadInput
from annotation.phrases import Phrase
from annotation.rubric.changes import SEMANTIC, Edit
from annotation.rubric.schema import Rubric, Text, localise
from webapp.wording import say, translate

FIELDS = {
    "title": gettext_lazy("Title"),
    "name": gettext_lazy("Name"),
    "definition": gettext_lazy("Definition"),
    "weight": gettext_lazy("Weight"),
    "words": gettext_lazy("Length in English words"),
    "characters": gettext_lazy("Length in Chinese characters"),
    "scale": gettext_lazy("Scale"),
    "attributes": gettext_lazy("Attributes"),
    "categories": gettext_lazy("Categories"),
    "anchors": gettext_lazy("Anchors"),
    "score": gettext_lazy("Score"),
    "guidance": gettext_lazy("Guidance"),
    "en": gettext_lazy("English"),
    "zh-hans": gettext_lazy("Chinese"),
}
SILENT = {"attributes", "categories", "subcategories", "text", "key"}
# A place in a message (`attributes[3].anchors[4].score`) or of an edit (`attributes.theme.anchors.7.5.text.en`).
PART = re.compile(r"\[\d+\]|\d+(?:\.\d+)?(?=\.|$)|[^.\[\]]+")


@dataclass(frozen=True)
class Row:
    """One edit as it is shown: `before` or `after` is None where something came or went as a whole.

    Of two texts the browser marks the words that differ.
    """

    path: str
    label: str
    before: str | None
    after: str | None
    is_text: bool
    is_semantic: bool
    may_be_wording: bool


def label(path: str, content: Mapping[str, Any], language: str) -> str:
    """Return a place in words: "Theme · Anchor 7 · English"."""
    kinds = {sub.get("key"): sub.get("name", {}) for sub in _items(content, "categories", "subcategories")}
    words: list[str] = []
    node, parent = content, ""
    for part in PART.findall(path):
        node = _child(node, part)
        if parent == "anchors":
            words[-1] = _anchor(node, part)
        elif parent == "guidance" and "en" in kinds.get(part, {}):
            words.append(localise(kinds[part], language))
        elif isinstance(node, Mapping) and isinstance(node.get("name"), Mapping) and "en" in node["name"]:
            words.append(localise(node["name"], language))
        elif part not in SILENT and not part.startswith("["):
            words.append(str(FIELDS.get(part, part)))
        parent = part
    return " · ".join(words) or str(FIELDS.get(path, path))


def _anchor(node: Any, part: str) -> str:
    if isinstance(node, Mapping):
        return _("Anchor %(score)s") % {"score": node.get("score", part)}
    return _("New anchor") if part.startswith("[") else _("Anchor %(score)s") % {"score": part}


def _items(content: Mapping[str, Any], outer: str, inner: str) -> list[Mapping[str, Any]]:
    """Return the inner items of the outer ones, as far as the data has the form of a rubric."""
    # What is refused is laid out by this too, and it may have any shape.
    groups = content.get(outer)
    lists = [group.get(inner) for group in groups if isinstance(group, Mapping)] if isinstance(groups, list) else []
    return [item for items in lists if isinstance(items, list) for item in items if isinstance(item, Mapping)]


def say_refusal(error: BadInput, content: Any, language: str) -> str:
    """Return what is wrong with a rubric, with its place in words."""
    message = error.args[0]
    if not isinstance(message, Phrase) or "where" not in message.parameters or not isinstance(content, Mapping):
        return say(error)
    where = label(message.parameters["where"], content, language)
    return translate(Phrase(message.template, **message.parameters | {"where": where}))


def bilingual_rubric(rubric: Rubric) -> dict[str, Any]:
    """Return a rubric for reading, each wording with its English (`en`) and its Chinese (`zh`)."""
    scale = rubric.scale
    return {
        "scale": translate(scale.accepted),
        "categories": [
            {
                "name": _bilingual(category.name),
                "subcategories": [{"name": _bilingual(sub.name)} for sub in category.subcategories],
            }
            for category in rubric.categories
        ],
        "attributes": [
            {
                "key": attribute.key,
                "name": _bilingual(attribute.name),
                "definition": _bilingual(attribute.definition),
                "weight": attribute.weight,
                "words": attribute.words,
                "characters": attribute.characters,
                "anchors": [
                    {"score": f"{anchor.score:g}", "text": _bilingual(anchor.text)} for anchor in attribute.anchors
                ],
                "guidance": [
                    {"name": _bilingual(sub.name), "text": _bilingual(attribute.guidance[key])}
                    for key, sub in rubric.subcategories.items()
                    if key in attribute.guidance
                ],
            }
            for attribute in rubric.attributes
        ],
    }


def _bilingual(text: Text) -> dict[str, str]:
    return {"en": text["en"], "zh": text.get("zh-hans", "")}


def rows(edits: Iterable[Edit], before: Any, after: Any, language: str) -> list[Row]:
    """Lay out edits; each is named by the version that has its place."""
    return [
        Row(
            path=edit.path,
            label=label(edit.path, before if edit.after is None else after, language),
            before=_plain(edit.before),
            after=_plain(edit.after),
            is_text=isinstance(edit.before, str) and isinstance(edit.after, str),
            is_semantic=edit.kind == SEMANTIC,
            may_be_wording=edit.may_be_wording,
        )
        for edit in edits
    ]


def _plain(value: Any) -> str | None:
    if value is None:
        return None
    return "–".join(map(str, value)) if isinstance(value, list) else str(value)


def _child(node: Any, part: str) -> Any:
    """Go down by a name, by a place in a list, by the key of an item or the score of an anchor."""
    if isinstance(node, Mapping):
        return node.get(part)
    if not isinstance(node, list):
        return None
    if part.startswith("["):
        place = int(part[1:-1])
        return node[place] if place < len(node) else None
    items = (item for item in node if isinstance(item, Mapping) and part in (item.get("key"), str(item.get("score"))))
    return next(items, None)
