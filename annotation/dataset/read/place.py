"""Where the folder of a release lies, after the folder of all releases was moved or restored elsewhere too."""

from __future__ import annotations

from pathlib import Path

from annotation.dataset.format import manifest


def kept_folder(folder: Path, releases: Path) -> str:
    """Return what to keep of the place of a release: relative to the folder of all releases where it lies in there."""
    folder, releases = folder.resolve(), releases.resolve()
    return str(folder.relative_to(releases) if folder.is_relative_to(releases) else folder)


def place_of(kept: str, releases: Path, manifest_sha256: str) -> Path:
    """Return the folder that `kept_folder` gave, as of now; it may be missing."""
    place = releases.resolve() / kept
    nearer = releases.resolve() / place.name
    # One written elsewhere may have been brought home since; then the old place is not asked, whoever uses it now.
    return nearer if is_release(nearer, manifest_sha256) else place


def is_release(folder: Path, manifest_sha256: str) -> bool:
    """Tell whether a folder is there and has the very manifest by which a release is known."""
    try:
        return manifest.sha256_of(folder / manifest.NAME) == manifest_sha256
    except OSError:
        return False
