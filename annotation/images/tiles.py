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
from rendering.colours import vips_in_srgb
from rendering.declarations import ColoursRefused, profile_of
from rendering.decoding import for_decoder

from .files import BEHIND_TRANSPARENCY
from .kinds import sniff

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
        image = _as_shown(data)
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
    except (ImageRefused, ColoursRefused) as refusal:
        raise ImageRefused(f"cannot be cut into tiles: {refusal}") from refusal
    return _repack(pyramid)


def read_tile(archive: IO[bytes], level: int, column: int, row: int) -> bytes | None:
    """Return one tile, a JPEG, from the zip that `cut` made; None where the image has no such tile."""
    with zipfile.ZipFile(archive) as tiles:
        try:
            return tiles.read(f"{level}/{column}_{row}.jpg")
        except KeyError:
            return None


def _as_shown(data: bytes) -> pyvips.Image:
    form = sniff(data)
    # Sequential: a scan goes through in strips, and is never whole in memory.
    image = pyvips.Image.new_from_buffer(for_decoder(data, form), "", access="sequential")
    shown = vips_in_srgb(image, profile_of(data, form))
    return shown.flatten(background=list(BEHIND_TRANSPARENCY)).cast("uchar") if shown.hasalpha() else shown


def _repack(pyramid: bytes) -> bytes:
    """Keep the tiles alone, in one order: libvips writes them as its threads finish, and adds the time."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(pyramid)) as pyramid_zip, zipfile.ZipFile(buffer, "w") as tiles_zip:
        for name in sorted(name for name in pyramid_zip.namelist() if name.endswith(".jpg")):
            tiles_zip.writestr(zipfile.ZipInfo(name.removeprefix("image_files/"), SAME_DATE), pyramid_zip.read(name))
    return buffer.getvalue()
