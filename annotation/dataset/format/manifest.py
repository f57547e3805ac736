"""Write and read MANIFEST.sha256: the hash of every file of a release but itself, as `sha256sum -c` reads it.

The SHA-256 of the manifest is the identity of the release.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path, PurePosixPath

NAME = "MANIFEST.sha256"
LINE = re.compile(r"([0-9a-f]{64})  (.+)")


def write(folder: Path, known_hashes: Mapping[str, str] | None = None) -> str:
    """Write the manifest of all files below `folder`, sorted by name, and return its SHA-256.

    `known` holds hashes computed already, by name.
    """
    hashes = {name: (known_hashes or {}).get(name) for name in files_below(folder) if name != NAME}
    with ThreadPoolExecutor() as threads:  # Hashing lets other threads run.
        names = [name for name, sha256 in hashes.items() if sha256 is None]
        hashes.update(zip(names, threads.map(sha256_of, (folder / name for name in names)), strict=True))
    text = "".join(f"{sha256}  {name}\n" for name, sha256 in hashes.items())
    (folder / NAME).write_bytes(text.encode())
    return hashlib.sha256(text.encode()).hexdigest()


def read(folder: Path) -> dict[str, str]:
    """Return the hash of each file by its name. Raise ValueError naming the line that is no manifest line."""
    hashes: dict[str, str] = {}
    for number, line in enumerate((folder / NAME).read_text(encoding="utf-8").splitlines(), 1):
        match = LINE.fullmatch(line)
        name = match[2] if match else ""
        # A release may come from a stranger, and no name in it may lead out of the folder.
        if match is None or PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts or name in hashes:
            raise ValueError(
                f"{NAME}, line {number}: a hash, two spaces and a new file name are accepted, not {line!r}"
            )
        hashes[name] = match[1]
    return hashes


def files_below(folder: Path) -> dict[str, Path]:
    """Map the name of everything below `folder` that is no directory to its path, sorted by name."""
    # A link to a folder counts as a file, so that whoever checks sees it and refuses.
    paths = (path for path in folder.rglob("*") if path.is_symlink() or not path.is_dir())
    return dict(sorted((path.relative_to(folder).as_posix(), path) for path in paths))


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
