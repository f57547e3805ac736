"""Read images and what is said of them from a folder, a zip or a manifest (plain Python).

A source is checked as a whole before its first image is read: a hostile zip or an unreadable manifest is refused
outright. After that each file stands for itself and is read in bounded pieces.
"""

from __future__ import annotations

import csv
import io
import json
import lzma
import os
import re
import stat
import zipfile
import zlib
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from annotation.errors import ImageRefused, SourceRefused

from .unpacking import open_entry

COLUMNS = ("file", "subcategory", "licence", "author", "source", "title", "note")
MANIFESTS = ("manifest.csv", "manifest.jsonl")
MOST_ENTRIES = 200_000
MOST_MANIFEST_BYTES = 200 * 1024 * 1024
# Photographs hardly shrink at all, and plain drawings far less than this.
HIGHEST_RATIO = 200  # A zip entry that grows by more is a bomb, unless it stays within one chunk.
CHUNK = 1024 * 1024

BROKEN_ENTRY = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    OSError,  # Damaged bzip2.
    NotImplementedError,  # A compression Python does not know.
    RuntimeError,  # An entry encrypted although the list of entries does not say so.
)


@dataclass(frozen=True)
class Row:
    """One image's place in the source and what is said of it; `number` is its row in the manifest, if any."""

    file: str
    facts: dict[str, str] = field(default_factory=dict)
    number: int | None = None


class Source(ABC):
    """Where files come from, by name and with their bytes; names are relative, with forward slashes."""

    @abstractmethod
    def names(self) -> list[str]:
        """Return the names of all files but hidden ones, sorted."""

    @abstractmethod
    def read(self, name: str, most: int) -> bytes:
        """Return a file's bytes. Raise ImageRefused when it is missing, outside, unreadable or above `most`."""

    @abstractmethod
    def close(self) -> None:
        """Let go of what is open."""


class Folder(Source):
    """A folder of files; what lies outside is refused, also where a link leads there."""

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()

    def names(self) -> list[str]:
        """Return the names of all files but hidden ones, sorted."""
        paths: list[str] = []

        def unreadable(error: OSError) -> None:
            # Its name stands in for what it holds, so that it is refused and not passed over.
            paths.append(Path(str(error.filename)).relative_to(self.path).as_posix())

        for folder, folders, files in os.walk(self.path, onerror=unreadable):
            folders[:] = [name for name in folders if not _is_hidden(name)]
            paths += [Path(folder, name).relative_to(self.path).as_posix() for name in files if not _is_hidden(name)]
        return sorted(paths)

    def read(self, name: str, most: int) -> bytes:
        """Return a file's bytes."""
        try:
            # Both: the name before it is followed anywhere, and the path after links were followed.
            if _climbs(name) or not (path := (self.path / name).resolve()).is_relative_to(self.path):
                raise ImageRefused("lies outside the source folder; a relative path below it is accepted")
            if path.is_dir() and not os.access(path, os.R_OK | os.X_OK):
                raise ImageRefused("is a folder that cannot be read")
            # Neither a pipe nor a device: reading one might never end.
            if not path.is_file():
                raise ImageRefused("there is no such file")
            with path.open("rb") as file:
                return _read(file, most)
        except (OSError, RuntimeError) as error:  # RuntimeError is Python 3.11's word for links in a circle.
            raise ImageRefused(f"cannot be read: {error}") from error

    def close(self) -> None:
        """Hold nothing open."""


class Zip(Source):
    """A zip, whose declared sizes are never trusted."""

    def __init__(self, path: Path) -> None:
        try:
            self.archive = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            raise SourceRefused(f"{path.name}: is not a readable zip file: {error}") from error
        try:
            _check_zip(path.name, self.archive.infolist())
        except SourceRefused:
            self.close()
            raise
        self.entries = {entry.filename: entry for entry in self.archive.infolist() if not entry.is_dir()}

    def names(self) -> list[str]:
        """Return the names of all files but hidden ones, sorted."""
        return sorted(name for name in self.entries if not any(map(_is_hidden, name.split("/"))))

    def read(self, name: str, most: int) -> bytes:
        """Return an entry's bytes, giving up as soon as they are too many for what was packed."""
        # Manifests that `find` or a shell wrote begin their paths with it, zips do not.
        entry = self.entries.get(name.removeprefix("./"))
        if entry is None:
            raise ImageRefused("there is no such file in the zip")

        def check_growth(size: int) -> None:
            if size > max(CHUNK, HIGHEST_RATIO * entry.compress_size):
                raise ImageRefused(f"a zip bomb: it unpacks to more than {HIGHEST_RATIO} times its packed size")

        try:
            with open_entry(self.archive, entry) as file:
                return _read(file, most, check_growth)
        except BROKEN_ENTRY as error:
            raise ImageRefused(f"damaged in the zip: {error}") from error

    def close(self) -> None:
        """Close the zip."""
        self.archive.close()


def open_source(path: Path, manifest: Path | None = None) -> tuple[Source, list[Row]]:
    """Open a folder, a zip or a manifest file and return it with the rows to import. Raise SourceRefused.

    A manifest named, or found at the root of a folder or zip, says what to import; its paths are relative to the
    folder or zip, or, where the manifest is itself the source, to the folder it lies in. Without one, every file is a
    row.
    """
    if not path.exists():
        raise SourceRefused(f"{path}: is not there; a folder, a zip or a manifest (CSV, JSONL) is accepted")
    if path.suffix.lower() in (".csv", ".jsonl") and path.is_file():
        if manifest is not None:
            raise SourceRefused(
                f"{path.name}: is a manifest itself; beside {manifest.name}, a folder or zip is accepted"
            )
        return Folder(path.parent), read_manifest(path.name, _bytes_of(path))
    source = Folder(path) if path.is_dir() else Zip(path)
    try:
        return source, _rows(source, path, manifest)
    except SourceRefused:
        source.close()
        raise


def read_manifest(name: str, data: bytes) -> list[Row]:
    """Read a manifest. Raise SourceRefused naming the file, the row and the columns that are accepted.

    Rows are counted as spreadsheets and editors do: from 1, the header of a CSV being the first.
    """
    try:
        # Spreadsheets put a byte order mark in front, which would become part of the first column's name.
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SourceRefused(f"{name}: UTF-8 text is accepted; byte {error.start} is something else") from error
    read_rows = _json_lines if name.lower().endswith(".jsonl") else _csv_rows
    rows = list(read_rows(name, text))
    if not rows:
        raise SourceRefused(f"{name}: lists no images")
    return rows


def _rows(source: Source, path: Path, manifest: Path | None) -> list[Row]:
    if manifest is not None:
        return read_manifest(manifest.name, _bytes_of(manifest))
    names = source.names()
    manifests = [name for name in MANIFESTS if name in names]
    if len(manifests) > 1:
        raise SourceRefused(f"{path.name}: holds {' and '.join(manifests)}; one of them is accepted")
    if manifests:
        try:
            return read_manifest(manifests[0], source.read(manifests[0], MOST_MANIFEST_BYTES))
        except ImageRefused as error:
            raise SourceRefused(f"{manifests[0]}: {error}") from error
    if not names:
        raise SourceRefused(f"{path.name}: holds no files")
    return [Row(name) for name in names]


def _bytes_of(manifest: Path) -> bytes:
    try:
        with manifest.open("rb") as file:
            return _read(file, MOST_MANIFEST_BYTES)
    except OSError as error:
        raise SourceRefused(f"{manifest}: cannot be read: {error.strerror or error}") from error
    except ImageRefused as error:
        raise SourceRefused(f"{manifest}: {error}") from error


def _csv_rows(name: str, text: str) -> Iterator[Row]:
    # Strict, as a quote that is never closed would otherwise swallow the rows below it.
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = [column.strip() for column in next(rows, [])]
        _check_columns(name, "header", header)
        for number, cells in enumerate(rows, 2):
            # Spreadsheets leave rows of empty cells at the end.
            if not any(cells):
                continue
            if len(cells) != len(header):
                raise SourceRefused(
                    f"{name}, row {number}: {len(header)} fields are accepted, as in the header, not {len(cells)}"
                )
            yield _row(number, dict(zip(header, cells, strict=True)))
    except csv.Error as error:
        raise SourceRefused(f"{name}, line {rows.line_num}: is not CSV: {error}") from error


def _json_lines(name: str, text: str) -> Iterator[Row]:
    # Not `splitlines`: JSON may hold other line separators within a text.
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise SourceRefused(f"{name}, row {number}: is not JSON: {error}") from error
        if not isinstance(record, dict) or not all(isinstance(value, str | None) for value in record.values()):
            raise SourceRefused(f"{name}, row {number}: an object whose values are text is accepted")
        _check_columns(name, f"row {number}", list(record))
        yield _row(number, record)


def _check_columns(name: str, place: str, columns: list[str]) -> None:
    """Refuse a column that is unknown or stands twice, and the lack of `file`."""
    unknown_columns = [column for column in columns if column not in COLUMNS]
    duplicates = [column for column, times in Counter(columns).items() if times > 1]
    if unknown_columns:
        problem = f"column {unknown_columns[0]!r} is unknown"
    elif duplicates:
        problem = f"column {duplicates[0]!r} stands twice"
    elif "file" not in columns:
        problem = "column 'file' is missing"
    else:
        return
    raise SourceRefused(f"{name}, {place}: {problem}; accepted: {', '.join(COLUMNS)}")


def _row(number: int, record: dict[str, Any]) -> Row:
    facts = {key: (value or "").strip() for key, value in record.items()}
    return Row(facts.pop("file"), facts, number)


def _check_zip(name: str, entries: list[zipfile.ZipInfo]) -> None:
    """Refuse a zip as a whole for what no honest zip of images holds."""
    if len(entries) > MOST_ENTRIES:
        raise SourceRefused(f"{name}: at most {MOST_ENTRIES:,} entries are accepted, not {len(entries):,}")
    for entry in entries:
        problem = _hostile(entry)
        if problem:
            raise SourceRefused(f"{name}: entry {entry.orig_filename!r} {problem}; nothing was imported")


def _hostile(entry: zipfile.ZipInfo) -> str:
    if not entry.filename and not entry.orig_filename:
        return "has no name"
    # The name as the zip has it: zipfile cuts its own at a zero byte, and hides what stood behind.
    if _climbs(entry.orig_filename):
        return "leads out of the zip"
    # The upper half is the mode of a Unix file; zips made elsewhere have 0 there.
    if stat.S_IFMT(entry.external_attr >> 16) not in (0, stat.S_IFREG, stat.S_IFDIR):
        return "is a link or device, not a file"
    if entry.flag_bits & 0x1:
        return "is encrypted"
    return ""


def _climbs(name: str) -> bool:
    """Tell whether a name is absolute, has a drive letter, `..` or a zero byte, on whatever system."""
    return bool(re.match(r"[/\\]|[A-Za-z]:", name)) or "\0" in name or ".." in re.split(r"[/\\]", name)


def _is_hidden(name: str) -> bool:
    """Tell whether a name is one that file managers leave behind."""
    return name.startswith(".") or name in ("__MACOSX", "Thumbs.db", "desktop.ini")


def _read(file: IO[bytes], most: int, check: Callable[[int], None] = lambda size: None) -> bytes:
    """Return what a file holds, read in chunks; `check` is told the size so far."""
    data = bytearray()
    while chunk := file.read(CHUNK):
        data += chunk
        check(len(data))
        if len(data) > most:
            raise ImageRefused(f"too large: at most {most:,} bytes are accepted")
    return bytes(data)
