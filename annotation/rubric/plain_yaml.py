"""YAML from strangers: text, numbers, lists and mappings, of bounded size and depth (plain Python).

PyYAML takes time that grows with the square of the depth, follows aliases of aliases beyond any memory, and lets the
last of two equal keys win.
"""

from __future__ import annotations

from typing import Any

import yaml

DEEPEST = 40


class PlainLoader(yaml.SafeLoader):
    """Refuses what is too deep, aliases, and keys that stand twice, with their line."""

    depth = 0

    def fetch_flow_collection_start(self, token_class: Any) -> None:
        """Refuse a bracket too many before its cost grows."""
        if self.flow_level >= DEEPEST:
            raise yaml.scanner.ScannerError(None, None, f"brackets deeper than {DEEPEST} levels", self.get_mark())
        super().fetch_flow_collection_start(token_class)

    def compose_node(self, parent: Any, index: Any) -> Any:
        """Refuse an alias, and what is nested too deeply."""
        mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
        if self.check_event(yaml.AliasEvent):
            raise AliasFound(None, None, "aliases (*) are not accepted", mark)
        if self.depth >= DEEPEST:
            raise yaml.composer.ComposerError(None, None, f"deeper than {DEEPEST} levels", mark)
        self.depth += 1
        try:
            return super().compose_node(parent, index)
        finally:
            self.depth -= 1

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:
        """Refuse a key that stands twice."""
        keys: set[tuple[str, str]] = set()
        for key, _value in node.value:
            if (key.tag, str(key.value)) in keys:
                raise yaml.constructor.ConstructorError(None, None, f"{key.value!r} stands twice", key.start_mark)
            keys.add((key.tag, str(key.value)))
        return super().construct_mapping(node, deep)


class AliasFound(yaml.MarkedYAMLError):
    """An alias, which could stand for anything."""


def load_plain(text: str, most: int) -> Any:
    """Return the data of YAML text of at most so many characters. Raise ValueError or YAMLError."""
    if len(text) > most:
        raise ValueError(f"at most {most:,} characters are accepted")
    return yaml.load(text, Loader=PlainLoader)  # noqa: S506  a safe loader, and more
