"""What models and servers say, which may hold what no database keeps: a zero byte, half a character, no number."""

from __future__ import annotations

import math
import re
from typing import Any

UNSTORABLE = re.compile("[\0\ud800-\udfff]")
REPLACEMENT = "\ufffd"


def is_storable(text: str) -> bool:
    """Tell whether every database keeps a text."""
    return UNSTORABLE.search(text) is None


def make_storable(content: Any) -> Any:
    """Return JSON-ready data with a mark in place of what no database keeps."""
    if isinstance(content, str):
        return UNSTORABLE.sub(REPLACEMENT, content)
    if isinstance(content, float) and not math.isfinite(content):
        return None
    if isinstance(content, dict):
        return {make_storable(key): make_storable(value) for key, value in content.items()}
    if isinstance(content, list | tuple):
        return [make_storable(value) for value in content]
    return content
