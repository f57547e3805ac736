"""What a release says of itself, read from a folder that a stranger may have made up."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from annotation.dataset.format import clutter, manifest
from annotation.errors import ReleaseUnreadable

RECORD = "release.json"
MOST_LEVELS = 100  # of lists and objects within each other; a release has about ten
UNREADABLE = (OSError, ValueError, RecursionError, pa.ArrowException)
# What data of another form raises.
UNLIKE = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)


def read_record(folder: Path) -> dict[str, Any]:
    """Return what `release.json` states. Raise ReleaseUnreadable when the folder is no release that can be read."""
    if not (folder / manifest.NAME).is_file():
        raise ReleaseUnreadable(f"{folder} is not a release: it holds no {manifest.NAME}")
    for name in not_files(folder):
        raise ReleaseUnreadable(f"{folder} is not a release: {name}: is not a file")
    try:
        return read_object(folder / RECORD)
    except ReleaseUnreadable as error:
        raise ReleaseUnreadable(f"{folder} is not a release: {error}") from error


def not_files(folder: Path) -> Iterator[str]:
    """Yield the names of pipes and devices, which may never end, and of links to folders, which may hide some."""
    for name, path in manifest.files_below(folder).items():
        if path.exists() and not path.is_file() and not clutter.writer_of(name):
            yield name


def read_object(path: Path) -> dict[str, Any]:
    """Return what a JSON file holds. Raise ReleaseUnreadable where it is no object, or cannot be written again."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        _check_levels(content)
        # Python reads infinite numbers and halves of characters too, which neither JSON nor a terminal takes.
        json.dumps(content, ensure_ascii=False, allow_nan=False).encode()
    except (OSError, ValueError, RecursionError, MemoryError) as error:
        raise ReleaseUnreadable(f"{path.name}: cannot be read: {error}") from error
    if not isinstance(content, dict):
        raise ReleaseUnreadable(f"{path.name}: a JSON object is accepted, not {type(content).__name__}")
    return content


def _check_levels(content: Any) -> None:
    layer = [content]
    for _level in range(MOST_LEVELS):
        layer = [inner for item in layer for inner in _inside(item)]
        if not layer:
            return
    raise ValueError(f"at most {MOST_LEVELS} levels of lists and objects are accepted")


def _inside(item: Any) -> list[Any]:
    if isinstance(item, dict):
        return list(item.values())
    return item if isinstance(item, list) else []
