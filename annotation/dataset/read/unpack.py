"""Write the images of a release out of its Parquet files, as the training formats and views name them."""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from annotation.dataset.contents.splits import SPLITS
from annotation.dataset.contents.views import image_path
from annotation.dataset.format import manifest, parquet
from annotation.errors import ReleaseUnreadable

from .record import UNLIKE, not_files

# Whoever made the release chose the names, and none may lead elsewhere.
FILE_NAME = re.compile(r"[0-9a-f]{64}\.(jpg|png|webp)")


@dataclass
class UnpackCounts:
    """How many images were written, and those that were there already."""

    written: int = 0
    there: int = 0


def unpack(folder: Path, target: Path) -> UnpackCounts:
    """Write each image of the release in `folder` to `out/images/..` and hold its bytes against its hash.

    An image that is there with the right bytes is left alone, so a run that was cut off goes on where it stopped.
    Raise ReleaseUnreadable naming the shard and row when something is not as a release has it, OSError when a file
    cannot be written.
    """
    if not (folder / manifest.NAME).is_file():
        raise ReleaseUnreadable(f"{folder} holds no {manifest.NAME}, so it is not a release")
    for name in not_files(folder):
        raise ReleaseUnreadable(f"{folder} is not a release: {name}: is not a file")
    counts = UnpackCounts()
    for split in SPLITS:
        for shard in parquet.shards_of(folder / "data", split):
            try:
                for number, row in enumerate(parquet.read(shard, ["image", "image_sha256"]), 1):
                    _unpack(row, f"data/{shard.name}, row {number}", target, counts)
            except (*UNLIKE, pa.ArrowException) as error:
                raise ReleaseUnreadable(f"data/{shard.name}: cannot be read: {error}") from error
    return counts


def _unpack(row: parquet.Row, place: str, target: Path, counts: UnpackCounts) -> None:
    data, name = row["image"]["bytes"], row["image"]["path"]
    if not FILE_NAME.fullmatch(name):
        raise ReleaseUnreadable(f"{place}: {name!r} is no name of an image: its hash with .jpg, .png or .webp is")
    if hashlib.sha256(data).hexdigest() != row["image_sha256"]:
        raise ReleaseUnreadable(f"{place}: the image is not the one whose hash is image_sha256")
    path = target / image_path(name)
    if path.is_file() and not path.is_symlink() and path.read_bytes() == data:
        counts.there += 1
        return
    # A link that lies in `out` already could lead elsewhere, where not even a folder may be made.
    if not path.parent.resolve().is_relative_to(target.resolve()):
        raise ReleaseUnreadable(f"{path.parent} leads out of {target}")
    path.parent.mkdir(parents=True, exist_ok=True)
    # Under another name first: what is cut off never looks like an image.
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    unfinished.write_bytes(data)
    unfinished.replace(path)
    counts.written += 1
