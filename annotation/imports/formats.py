"""List the formats answers can be read from, and tell them apart by looking."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from annotation.errors import RatingsRefused
from annotation.rubric.reading import is_storable

from . import artimuse, connoisseur, label_studio, long_csv
from .encoding import remark_on_reading
from .files import read_csv, read_json, read_json_lines, read_text
from .foreign_formats import binary_format, json_format, table_format
from .records import Records, Remark, Source
from .vocabulary import Vocabulary

READERS: dict[str, Callable[[Path, Vocabulary], Records]] = {
    "connoisseur": connoisseur.read,
    "long-csv": long_csv.read,
    "label-studio": label_studio.read,
    "artimuse": artimuse.read,
}


def read_records(form: str, path: Path, words: Vocabulary) -> Records:
    """Yield what a file of this format holds, with a remark where its encoding had to be found out."""
    remark = "" if path.is_dir() else remark_on_reading(path.name, *read_text(path))
    if remark:
        yield Remark(remark)
    yield from READERS[form](path, words)


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
    # A file system may hold names that are no text.
    file_name = path.name.encode("utf-8", "replace").decode()
    return Source(name or file_name[:LONGEST_SOURCE])


def guess(path: Path) -> str:
    """Return the format a file seems to have, by what is in it. Raise RatingsRefused naming those there are."""
    if path.is_dir():
        return "connoisseur"
    if not path.is_file():
        raise _unknown(path, "no plain file")
    binary = binary_format(path)
    if binary is not None:
        raise _unknown(path, binary.name, binary.hint)
    text = read_text(path)[0].lstrip()
    if text.startswith("<"):
        raise _unknown(path, "XML or HTML")
    return _guess_json(path, text) if text.startswith(("[", "{")) else _guess_table(path)


def _guess_json(path: Path, text: str) -> str:
    content: Any = read_json(path) if text.startswith("[") and path.suffix.lower() != ".jsonl" else first_of(path)
    if label_studio.is_export(content):
        return "label-studio"
    if known := json_format(content):
        raise _unknown(path, known)
    return "artimuse"


def first_of(path: Path) -> Any:
    """Return what a file of JSON lines holds on its first, or the one object of a JSON file. Raise RatingsRefused."""
    try:
        return next((item for _number, item in read_json_lines(path)), None)
    except RatingsRefused:
        return read_json(path)


def _guess_table(path: Path) -> str:
    header = next(iter(read_csv(path)), (0, []))[1]
    if label_studio.is_table(header):
        return "label-studio"
    if known := table_format(header):
        raise _unknown(path, known)
    return "long-csv"


def _unknown(path: Path, known: str, hint: str = "") -> RatingsRefused:
    what_to_do = f": {hint}" if hint else ""
    return RatingsRefused(
        f"{path.name}: is {known}, which is not read here{what_to_do}; {', '.join(READERS)} are accepted"
    )
