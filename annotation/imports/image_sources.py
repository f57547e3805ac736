"""Open a folder, a zip or a manifest of images: find the manifest, and how the names are to be read."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, field
from pathlib import Path

from annotation.errors import ImageRefused, SourceRefused
from annotation.images.sources import Folder, Row, Source, Zip, read_bounded

from .manifests import Manifest, read_manifest
from .tables import SAVE_AS_CSV
from .zip_names import find_encoding

MOST_MANIFEST_BYTES = 200 * 1024 * 1024
ACCEPTED = "a folder, a zip or a manifest (CSV, TSV, JSON, JSONL)"
TABLES = (".csv", ".tsv", ".jsonl", ".ndjson", ".json")
# Where people keep tables that we do not read.
OTHER_TABLES = (".xlsx", ".xlsm", ".xls", ".ods", ".numbers", ".parquet")
STEMS = ("manifest", "metadata")
WORKBOOK = frozenset(("[Content_Types].xml", "mimetype", "Index/Document.iwa"))
# No archives that we read, by their first bytes.
ARCHIVES = {
    b"7z\xbc\xaf": "a 7z",
    b"Rar!": "a RAR",
    b"\x1f\x8b": "a gzip or tar.gz",
    b"BZh": "a bzip2",
    b"\xfd7zXZ": "an xz",
    b"\x28\xb5\x2f\xfd": "a zstd",
}
IMAGES = (b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"RIFF", b"II*\0", b"MM\0*")


@dataclass
class OpenedSource:
    """A source, the rows to import, and remarks on what was passed over or chosen."""

    source: Source
    rows: list[Row]
    remarks: list[str] = field(default_factory=list)


def open_source(
    path: Path, manifest: Path | None = None, *, follow_links: bool = False, names_encoding: str | None = None
) -> OpenedSource:
    """Open a folder, a zip or a manifest file. Raise SourceRefused.

    A manifest named, or found in a folder or zip, says what to import; its paths are relative to the folder it lies
    in, or to the source. Without one, every file is a row.
    """
    if not path.exists():
        raise SourceRefused(f"{path}: is not there; {ACCEPTED} is accepted")
    if path.suffix.lower() in (*TABLES, *OTHER_TABLES) and path.is_file():
        if manifest is not None:
            raise SourceRefused(
                f"{path.name}: is a manifest itself; beside {manifest.name}, a folder or zip is accepted"
            )
        listed = _read_file(path)
        return OpenedSource(Folder(path.parent, follow_links=follow_links), listed.rows, listed.remarks)
    source = Folder(path, follow_links=follow_links) if path.is_dir() else _open_zip(path)
    try:
        found = _read_file(manifest) if manifest else _read_manifest_in(source, path)
        if isinstance(source, Zip):
            _settle_names(source, path, found.rows if found else [], names_encoding)
        if found and not manifest:
            # Only now, as the folder may be called otherwise than it seemed.
            source.base = posixpath.dirname(_find_manifest(source, path) or "")
        rows = found.rows if found else [Row(name) for name in source.names()]
        if not rows:
            raise SourceRefused(f"{path.name}: holds no files")
        return OpenedSource(source, rows, found.remarks if found else [])
    except SourceRefused:
        source.close()
        raise


def _open_zip(path: Path) -> Zip:
    try:
        with path.open("rb") as file:
            start = file.read(512)
    except OSError as error:
        raise SourceRefused(f"{path}: cannot be read: {error.strerror or error}") from error
    kind = next((kind for beginning, kind in ARCHIVES.items() if start.startswith(beginning)), None)
    if kind or start[257:262] == b"ustar":
        raise SourceRefused(f"{path.name}: is {kind or 'a tar'} archive; unpack it, or make a zip of it")
    if start.startswith(IMAGES):
        raise SourceRefused(f"{path.name}: is a single file, not a zip; {ACCEPTED} is accepted")
    source = Zip(path)
    if not WORKBOOK.isdisjoint(source.entries) and not any(name.endswith((".jpg", ".png")) for name in source.entries):
        source.close()
        raise SourceRefused(f"{path.name}: is a workbook or document, not a zip of images; {SAVE_AS_CSV}")
    return source


def _read_file(manifest: Path) -> Manifest:
    try:
        with manifest.open("rb") as file:
            return read_manifest(manifest.name, read_bounded(file, MOST_MANIFEST_BYTES))
    except OSError as error:
        raise SourceRefused(f"{manifest}: cannot be read: {error.strerror or error}") from error
    except ImageRefused as error:
        raise SourceRefused(f"{manifest}: {error}") from error


def _read_manifest_in(source: Source, path: Path) -> Manifest | None:
    name = _find_manifest(source, path)
    if name is None:
        return None
    try:
        return read_manifest(name, source.read(name, MOST_MANIFEST_BYTES))
    except ImageRefused as error:
        raise SourceRefused(f"{name}: {error}") from error


def _find_manifest(source: Source, path: Path) -> str | None:
    """Return the name of the manifest at the root, or in the one folder that holds everything; None without one."""
    names = source.names()
    manifests = [name for name in names if _is_manifest(name)]
    at_root = [name for name in manifests if "/" not in name]
    if not manifests:
        return None
    if len(at_root) > 1:
        raise SourceRefused(f"{path.name}: holds {' and '.join(at_root)}; one of them is accepted")
    if not at_root:
        folder = posixpath.dirname(manifests[0])
        if len(manifests) > 1 or not all(name.startswith(f"{folder}/") for name in names):
            shown = ", ".join(manifests[:5])
            raise SourceRefused(
                f"{path.name}: holds {shown} below its root, beside which other files lie; a manifest at the root is "
                "accepted, or in one folder that holds everything; import each folder by itself, or name the manifest "
                "by --manifest"
            )
    return (at_root or manifests)[0]


def _is_manifest(name: str) -> bool:
    stem, ending = posixpath.splitext(posixpath.basename(name).lower())
    # What is called metadata.json describes all kinds of things.
    return stem in STEMS and ending in (*TABLES, *OTHER_TABLES) and stem + ending != "metadata.json"


def _settle_names(source: Zip, path: Path, rows: list[Row], stated: str | None) -> None:
    """Read the names in the zip that do not say how. Raise SourceRefused where that is not certain."""
    uncertain = source.uncertain_names
    # Of a manifest's files only, where there is one: what it does not list may be called anything.
    if not uncertain or (rows and all(row.file.isascii() for row in rows) and not stated):
        return
    encoding = stated or find_encoding(uncertain, [row.file for row in rows])
    if encoding is None:
        raise SourceRefused(
            f"{path.name}: how names are encoded, such as {uncertain[0]!r}, is not said and not certain; state it by "
            "--names-encoding, such as gbk, big5, shift_jis or cp949, or make the zip anew with names in UTF-8"
        )
    try:
        source.name_entries(encoding)
    except (LookupError, UnicodeError) as error:
        raise SourceRefused(
            f"{path.name}: names cannot be read as {encoding!r}, by --names-encoding; accepted are such as gbk, big5, "
            "shift_jis, cp949"
        ) from error
