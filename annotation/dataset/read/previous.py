"""The files of the release before, against which the next one states what changed."""

from __future__ import annotations

from pathlib import Path

from annotation.dataset.format.frozen import PreviousFolder
from annotation.errors import ReleaseRefused
from annotation.phrases import phrase as _

from .place import is_release, place_of


def published_folder(previous: PreviousFolder | None, releases: Path) -> Path | None:
    """Return the folder of the release before, if any, as `place_of` finds it.

    Raise ReleaseRefused when it is not as it was published: what changed can only be stated against those very files.
    """
    if previous is None:
        return None
    folder = place_of(previous.folder, releases, previous.manifest_sha256)
    if not is_release(folder, previous.manifest_sha256):
        raise ReleaseRefused(
            _(
                "release %(version)s is no longer in %(folder)s as it was published; put it back, so that what changed "
                "since can be told",
                version=previous.version,
                folder=folder,
            )
        )
    return folder
