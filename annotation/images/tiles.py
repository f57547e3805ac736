"""Cut large images into Deep Zoom tiles, so that a scan opens at once (plain Python: libvips by pyvips).

All tiles of an image lie in one zip, stored as they are: one file is written or none, and it is the same bytes each
time. A tile is named LEVEL/COLUMN_ROW.jpg; level 0 is the whole image in one tile, each further level doubles both
sides, and the last one has the image's own size.
"""

from __future__ import annotations

import io
import zipfile
from typing import IO

import pyvips

from annotation.errors import ImageRefused

from .files import BEHIND_TRANSPARENCY

LEAST_PIXELS = 4_000_000  # An image up to this size is quicker sent whole.
TILE_SIZE = 512
OVERLAP = 1  # Pixels shared with each neighbour, so that no seam shows between tiles.
QUALITY = 90
# The earliest date a zip can hold; the true one would change the bytes.
SAME_DATE = (1980, 1, 1, 0, 0, 0)


def needs_tiles(width: int, height: int) -> bool:
    """Tell whether an image of so many pixels is served in tiles."""
    return width * height > LEAST_PIXELS


def levels(width: int, height: int) -> int:
    """Return how many levels an image has: halving, rounded up, until it fits in one tile."""
    longest, count = max(width, height), 1
    while longest > TILE_SIZE:
        longest, count = -(-longest // 2), count + 1
    return count


def cut_tiles(data: bytes) -> bytes:
    """Return the zip of all tiles of an upright image: JPEG, 8-bit sRGB, opaque, without metadata.

    `data` is what `images.strip` returned. Raise ImageRefused when libvips cannot read it.
    """
    try:
        # Sequential: a scan goes through in strips, and is never whole in memory.
        image = _in_srgb(pyvips.Image.new_from_buffer(data, "", access="sequential"))
        pyramid = image.dzsave_buffer(
            container="zip",
            suffix=f".jpg[Q={QUALITY}]",
            tile_size=TILE_SIZE,
            overlap=OVERLAP,
            depth="onetile",
            imagename="image",
            # No metadata is served, and a profile would be repeated in each tile; all are in sRGB already.
            keep="none",
        )
    except pyvips.Error as error:
        raise ImageRefused(f"broken or cut short, it cannot be cut into tiles: {error.message.strip()}") from error
    return _repack(pyramid)


def read_tile(archive: IO[bytes], level: int, column: int, row: int) -> bytes | None:
    """Return one tile, a JPEG, from the zip that `cut` made; None where the image has no such tile."""
    with zipfile.ZipFile(archive) as tiles:
        try:
            return tiles.read(f"{level}/{column}_{row}.jpg")
        except KeyError:
            return None


def _in_srgb(image: pyvips.Image) -> pyvips.Image:
    """Convert by the embedded profile, as the display copy is; one that does not fit is passed over."""
    srgb = None
    if image.get_typeof("icc-profile-data"):
        try:
            # Pillow's intent too: colours must not jump when tiles replace the display copy.
            srgb = image.icc_transform("srgb", embedded=True, intent="perceptual", depth=8)
        except pyvips.Error:
            srgb = None
    if srgb is None:
        srgb = image.colourspace("srgb")
    if srgb.hasalpha():
        srgb = srgb.flatten(background=list(BEHIND_TRANSPARENCY))
    return srgb.cast("uchar")


def _repack(pyramid: bytes) -> bytes:
    """Keep the tiles alone, in one order: libvips writes them as its threads finish, and adds the time."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(pyramid)) as pyramid_zip, zipfile.ZipFile(buffer, "w") as tiles_zip:
        for name in sorted(name for name in pyramid_zip.namelist() if name.endswith(".jpg")):
            tiles_zip.writestr(zipfile.ZipInfo(name.removeprefix("image_files/"), SAME_DATE), pyramid_zip.read(name))
    return buffer.getvalue()
