"""List the formats answers can be read from, and tell them apart by looking."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from annotation.errors import RatingsRefused
from annotation.rubric.reading import is_storable

from . import artimuse, connoisseur, label_studio, long_csv
from .files import read_json
from .records import Records, Source
from .vocabulary import Vocabulary

READERS: dict[str, Callable[[Path, Vocabulary], Records]] = {
    "connoisseur": connoisseur.read,
    "long-csv": long_csv.read,
    "label-studio": label_studio.read,
    "artimuse": artimuse.read,
}


# The column of the database, which only one of our two databases would hold anybody to.
LONGEST_SOURCE = 200


def source_of(path: Path, form: str, name: str = "") -> Source:
    """Return what the raters of a file are known by: its name, unless another is given. Raise RatingsRefused."""
    if form == "connoisseur":
        if name:
            raise RatingsRefused("a source is accepted with other formats; a release is known by its campaign")
        return connoisseur.source_of(path)
    if len(name) > LONGEST_SOURCE or not is_storable(name):
        raise RatingsRefused(f"the source: a name of at most {LONGEST_SOURCE} characters is accepted")
    return Source(name or path.name[:LONGEST_SOURCE])


def guess(path: Path) -> str:
    """Return the format a file seems to have. Raise RatingsRefused naming those there are."""
    suffix = path.suffix.lower()
    if path.is_dir():
        return "connoisseur"
    if suffix in (".csv", ".jsonl"):
        return "long-csv" if suffix == ".csv" else "artimuse"
    if suffix == ".json":
        content = read_json(path)
        tasks = isinstance(content, list) and any(isinstance(item, dict) and "annotations" in item for item in content)
        return "label-studio" if tasks else "artimuse"
    raise RatingsRefused(f"{path.name}: is of no known format; name one of {', '.join(READERS)}")
