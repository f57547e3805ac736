"""CHANGELOG.md: what changed since the release before, then what its own changelog said."""

from __future__ import annotations

from annotation.dataset.format.facts import ReleaseFacts
from annotation.dataset.read.diff import Difference

from . import exclusions
from .markdown import render


def changelog(facts: ReleaseFacts, difference: Difference | None, previous_changelog: str) -> str:
    """Return the text of the page; `earlier` is that of the release before, empty for the first one."""
    return render(
        "CHANGELOG.md",
        facts=facts,
        difference=difference,
        counts=difference.to_json()["counts"] if difference else {},
        removed=exclusions.reasons_of(facts, difference.removed) if difference else [],
        earlier=previous_changelog.removeprefix("# Changes").strip(),
    )
