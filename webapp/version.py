"""Read the version from the changelog, so that the two never differ."""

import re
from pathlib import Path


def read_version(changelog: Path) -> str:
    """Return the newest version named in a heading such as `## 0.1.0 - 2026-11-23`."""
    match = re.search(r"^## (\d+\.\d+\.\d+)", changelog.read_text(encoding="utf-8"), re.MULTILINE)
    if not match:
        raise ValueError(f"{changelog.name}: no heading such as '## 0.1.0' is there")
    return match.group(1)
