"""Files that others put beside those of a release on its way: they say nothing of it, and change nothing in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import PurePosixPath

# At the root of the folder: what a client keeps its own records in.
OF_ROOT = {
    ".git": "Git",
    ".gitattributes": "Git",
    ".gitignore": "Git",
    ".cache": "the Hub's client",
    ".huggingface": "the Hub's client",
    ".dvc": "DVC",
    ".dvcignore": "DVC",
}
# Anywhere: what a file manager writes into each folder that it shows or packs. Compared in small letters.
OF_ANY_FOLDER = {
    ".ds_store": "macOS",
    "__macosx": "macOS",
    ".spotlight-v100": "macOS",
    ".fseventsd": "macOS",
    ".trashes": "macOS",
    ".temporaryitems": "macOS",
    "icon\r": "macOS",
    "thumbs.db": "Windows",
    "ehthumbs.db": "Windows",
    "desktop.ini": "Windows",
    "$recycle.bin": "Windows",
    "system volume information": "Windows",
    ".directory": "KDE",
}


def writer_of(name: str) -> str:
    """Return what wrote a file of this name beside those of a release, empty where it is none of these."""
    parts = PurePosixPath(name).parts
    if parts and parts[0] in OF_ROOT:
        return OF_ROOT[parts[0]]
    for part in parts:
        if part.startswith("._"):  # Where a Mac keeps what other file systems cannot.
            return "macOS"
        if part.lower() in OF_ANY_FOLDER:
            return OF_ANY_FOLDER[part.lower()]
    return ""


def describe(names: Iterable[str]) -> str:
    """Say how many of the files are whose: "2 of Git, 1 of macOS"."""
    counts = Counter(map(writer_of, names))
    return ", ".join(f"{n} of {writer}" for writer, n in sorted(counts.items()))
