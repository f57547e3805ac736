"""Hold every file of a release against its hash in the manifest, however the folder came here."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from annotation.dataset.format import clutter, manifest
from annotation.dataset.write import signature

LFS_POINTER = b"version https://git-lfs.github.com/spec/"
MOST_TEXT = 64 * 2**20  # Of longer files nobody asks how their lines end.
LINE_ENDS = "its line ends were changed to those of Windows, as Git does: clone with -c core.autocrlf=false"
POINTER = "is a pointer of Git LFS and not the file: `git lfs pull` fetches it"


def check_listed_files(folder: Path, listed: dict[str, str], remarks: list[str]) -> Iterator[str]:
    """Find files that are missing, changed or in no manifest; note which are links, and which are no part of it."""
    # `unpack_release` may have written the images out; they are held against the rows.
    files = {name: path for name, path in manifest.files_below(folder).items() if not name.startswith("images/")}
    del files[manifest.NAME]
    files.pop(signature.NAME, None)  # Whose it is, only a key can tell.
    beside = [name for name in files if name not in listed and clutter.writer_of(name)]
    if beside:
        remarks.append(f"passed over, as no part of the release: {len(beside)} files ({clutter.describe(beside)})")
    yield from (f"{name}: is missing" for name in sorted(listed.keys() - files.keys()))
    yield from (f"{name}: is not in {manifest.NAME}" for name in sorted(files.keys() - listed.keys() - set(beside)))
    linked = 0
    for name in sorted(listed.keys() & files.keys()):
        path = files[name]
        linked += path.is_symlink()
        # Of a link, what it leads to is read: the Hub's cache and DVC lay all files out so.
        if not path.is_file():
            yield f"{name}: is {'a link to no plain file' if path.is_symlink() else 'not a plain file'}"
        elif manifest.sha256_of(path) != listed[name]:
            yield f"{name}: {_difference(path, listed[name])}"
    if linked:
        remarks.append(f"{linked} files are links, as the Hub's cache lays them out: what they lead to was read")


def _difference(path: Path, sha256: str) -> str:
    """Say in which way a file differs from its hash, where that can be told."""
    if path.stat().st_size <= MOST_TEXT:
        data = path.read_bytes()
        if data.startswith(LFS_POINTER):
            return POINTER
        if hashlib.sha256(data.replace(b"\r\n", b"\n")).hexdigest() == sha256:
            return LINE_ENDS
    return f"its hash is not the one in {manifest.NAME}"


def find_release(folder: Path) -> str:
    """Return a hint at where a release lies, where a folder is none itself: "; demo-1.0.0 in it does"."""
    if folder.is_file():
        return "; the folder of a release is accepted: unpack a zip first"
    patterns = (f"*/{manifest.NAME}", f"snapshots/*/{manifest.NAME}")
    places = sorted(path.parent.relative_to(folder).as_posix() for pattern in patterns for path in folder.glob(pattern))
    return f"; {' and '.join(places)} in it does" if places else ""
