"""A release as one zip file that has the same bytes whoever makes it, and whenever."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path
from zipfile import ZIP_STORED, ZipFile, ZipInfo

EPOCH = (1980, 1, 1, 0, 0, 0)  # The earliest date a zip file can hold.
UNIX, PLAIN_FILE = 3, 0o100644 << 16


def archive(folder: Path, names: Iterable[str], target: Path) -> None:
    """Write the files of these names, below a folder called as the release is; images do not shrink, so none do."""
    with ZipFile(target, "w", ZIP_STORED) as zip_file:
        for name in sorted(names):
            info = ZipInfo(f"{folder.name}/{name}", EPOCH)
            # Set, as zipfile would note the system it runs on.
            info.create_system, info.external_attr = UNIX, PLAIN_FILE
            # zip64 for all, as an entry that is streamed cannot say beforehand whether it passes 2 GiB.
            with (folder / name).open("rb") as source, zip_file.open(info, "w", force_zip64=True) as entry:
                shutil.copyfileobj(source, entry, 1024 * 1024)
