"""The files of the release before, against which the next one states what changed."""

from __future__ import annotations

from pathlib import Path

from annotation.dataset.format import manifest
from annotation.dataset.format.frozen import PreviousFolder
from annotation.errors import ReleaseRefused
from annotation.phrases import phrase as _


def published_folder(previous: PreviousFolder | None) -> Path | None:
    """Return the folder of the release before, if any. Raise ReleaseRefused when it is not as it was published.

    What changed can only be stated against the very files that were published.
    """
    if previous is None:
        return None
    folder = Path(previous.folder)
    try:
        is_unchanged = manifest.sha256_of(folder / manifest.NAME) == previous.manifest_sha256
    except OSError:
        is_unchanged = False
    if not is_unchanged:
        raise ReleaseRefused(
            _(
                "release %(version)s is no longer in %(folder)s as it was published; put it back, so that what changed "
                "since can be told",
                version=previous.version,
                folder=folder,
            )
        )
    return folder
