"""The rubric that comes with the program, for an installation that has none yet."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from annotation.rubric.source import load

FILE = settings.BASE_DIR / "fixtures" / "rubrics" / "artimuse.yaml"


def shipped_rubric() -> Any:
    """Return its data, not yet published."""
    return load(FILE.read_text(encoding="utf-8"))
