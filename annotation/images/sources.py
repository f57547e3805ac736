"""Read images from a folder or a zip (plain Python).

A source is checked as a whole before its first image is read: a hostile zip is refused outright. After that each file
stands for itself and is read in bounded pieces.
"""

from __future__ import annotations

import lzma
import os
import posixpath
import re
import stat
import zipfile
import zlib
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import IO

from annotation.errors import ImageRefused, SourceRefused

from .file_names import NameIndex, certain_name, plain_name, raw_name
from .unpacking import open_entry

COLUMNS = ("file", "subcategory", "licence", "author", "source", "title", "note")
MOST_ENTRIES = 200_000
# Photographs hardly shrink at all, and plain drawings far less than this.
HIGHEST_RATIO = 200  # A zip entry that grows by more is a bomb, unless it stays within one chunk.
CHUNK = 1024 * 1024
# By macOS, Windows, and disks in a network.
LEFT_BEHIND = frozenset(("__macosx", "icon\r", "thumbs.db", "ehthumbs.db", "desktop.ini", "$recycle.bin", "@eadir"))

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
    """One image's place in the source and what is said of it; `number` is its row in the manifest, if any.

    `problem` is a reason to refuse it that shows in the manifest alone.
    """

    file: str
    facts: dict[str, str] = field(default_factory=dict)
    number: int | None = None
    problem: str = ""


class Source(ABC):
    """Where files come from, by name and with their bytes; names are relative, with forward slashes.

    `base` is the folder inside to which names may be relative too: that of the manifest.
    """

    base = ""

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
    """A folder of files; what lies outside is refused, unless links that lead there are to be followed."""

    def __init__(self, path: Path, *, follow_links: bool = False) -> None:
        self.path = path.resolve()
        self.follow_links = follow_links

    def names(self) -> list[str]:
        """Return the names of all files but hidden ones, sorted."""
        return self._names

    @cached_property
    def _names(self) -> list[str]:
        paths: list[Path] = []
        # Its name stands in for what it holds, so that it is refused and not passed over.
        walk = os.walk(self.path, onerror=lambda error: paths.append(Path(error.filename)), followlinks=True)
        seen = set()
        for folder, folders, files in walk:
            seen.add(os.path.realpath(folder))
            visible = [Path(folder, name) for name in folders if not _is_hidden(name)]
            links = [path for path in visible if path.is_symlink()]
            if not self.follow_links:
                paths += links  # To be refused by name too.
            # A link to where we were already may never end.
            passed_over = [path for path in links if not self.follow_links or os.path.realpath(path) in seen]
            folders[:] = [path.name for path in visible if path not in passed_over]
            paths += [Path(folder, name) for name in files if not _is_hidden(name)]
        return sorted(path.relative_to(self.path).as_posix() for path in paths)

    @cached_property
    def _index(self) -> NameIndex:
        return NameIndex(self._names)

    def read(self, name: str, most: int) -> bytes:
        """Return a file's bytes."""
        try:
            if _climbs(name):
                raise ImageRefused("lies outside the source folder; a relative path below it is accepted")
            path = self._find(name)
            self._check_place(path)
            with path.open("rb") as file:
                return read_bounded(file, most)
        except (OSError, RuntimeError) as error:  # RuntimeError is Python 3.11's word for links in a circle.
            raise ImageRefused(f"cannot be read: {error}") from error

    def _find(self, name: str) -> Path:
        for below in (self.path / self.base, self.path):
            if name and os.path.lexists(below / name):
                return below / name
        for base in (self.base, ""):
            known = self._index.find(posixpath.join(base, name)) if name else None
            if known is not None:
                return self.path / known
        return self.path / name

    def _check_place(self, path: Path) -> None:
        """Raise ImageRefused where a path is no file that may be read."""
        target = path.resolve()
        is_outside = not target.is_relative_to(self.path)
        if is_outside and not self.follow_links:
            raise ImageRefused(
                "lies outside the source folder, where a link leads; with --follow-links (a cache of the Hub, DVC, "
                "git-annex) it is read"
            )
        if path.is_symlink() and not target.exists():
            raise ImageRefused(
                "is a link to a file that is not there; get the files first, as by `dvc pull`, `git annex get` or "
                "`hf download`"
            )
        if path.is_symlink() and target.is_dir():
            raise ImageRefused("is a link to a folder; with --follow-links it is read")
        if path.is_dir() and not os.access(path, os.R_OK | os.X_OK):
            raise ImageRefused("is a folder that cannot be read")
        # Neither a pipe nor a device: reading one might never end.
        if not target.is_file():
            raise ImageRefused("there is no such file")

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
        self.file_name = path.name
        self.name_entries("cp437")

    @property
    def uncertain_names(self) -> list[bytes]:
        """Return the names whose encoding nothing tells."""
        return [raw_name(entry) for entry in self.archive.infolist() if certain_name(entry) is None]

    def name_entries(self, encoding: str) -> None:
        """Read in this encoding the names that do not say theirs. Raise SourceRefused where one leads out then."""
        self.entries: dict[str, list[zipfile.ZipInfo]] = {}
        for entry in self.archive.infolist():
            name = certain_name(entry)
            name = raw_name(entry).decode(encoding) if name is None else name
            if _climbs(name):
                raise SourceRefused(f"{self.file_name}: entry {name!r} leads out of the zip; nothing was imported")
            if not name.endswith(("/", "\\")):
                self.entries.setdefault(plain_name(name), []).append(entry)
        self.index = NameIndex(self.entries)

    def names(self) -> list[str]:
        """Return the names of all files but hidden ones, sorted."""
        return sorted(name for name in self.entries if not any(map(_is_hidden, name.split("/"))))

    def _find(self, name: str) -> zipfile.ZipInfo:
        known = self.index.find(posixpath.join(self.base, name)) or self.index.find(name)
        if known is None:
            raise ImageRefused("there is no such file in the zip")
        entries = self.entries[known]
        if len({(entry.CRC, entry.file_size) for entry in entries}) > 1:
            raise ImageRefused(f"{len(entries)} different files of the zip have this name; a name for each is accepted")
        return entries[0]

    def read(self, name: str, most: int) -> bytes:
        """Return an entry's bytes, giving up as soon as they are too many for what was packed."""
        entry = self._find(name)

        def check_growth(size: int) -> None:
            if size > max(CHUNK, HIGHEST_RATIO * entry.compress_size):
                raise ImageRefused(f"a zip bomb: it unpacks to more than {HIGHEST_RATIO} times its packed size")

        try:
            with open_entry(self.archive, entry) as file:
                return read_bounded(file, most, check_growth)
        except BROKEN_ENTRY as error:
            raise ImageRefused(f"damaged in the zip: {error}") from error

    def close(self) -> None:
        """Close the zip."""
        self.archive.close()


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
    return name.startswith((".", "~$")) or name.lower() in LEFT_BEHIND


def read_bounded(file: IO[bytes], most: int, check: Callable[[int], None] = lambda size: None) -> bytes:
    """Return what a file holds, read in chunks; `check` is told the size so far."""
    data = bytearray()
    while chunk := file.read(CHUNK):
        data += chunk
        check(len(data))
        if len(data) > most:
            raise ImageRefused(f"too large: at most {most:,} bytes are accepted")
    return bytes(data)
