"""Refuse a file whose pixels end before the image does: decoders fill up the rest with one colour, and say nothing."""

from __future__ import annotations

import struct
import zlib

import pyvips

from annotation.errors import ImageRefused
from rendering.containers import png_parts
from rendering.decoding import for_decoder

PIECE = 16 * 1024  # A piece of zlib grows to a thousandfold at most.
# By the colour type of a PNG.
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
# Where the seven passes of an interlaced PNG begin, and how far its pixels lie apart (x, y, x step, y step).
PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
WHOLE = ((0, 0, 1, 1),)
# libjpeg's own word for a scan that ends early; it warns of much else that every decoder reads alike.
ENDS_EARLY = "premature end"


def check_completeness(data: bytes, form: str) -> None:
    """Raise ImageRefused for a JPEG or PNG that holds too few pixels; the decoder of WebP refuses these itself."""
    if (form == "PNG" and not _has_all_rows(data)) or (form == "JPEG" and _ends_early(data)):
        raise ImageRefused("broken or cut short: its pixels end early, and a screen would show the rest grey or black")


def _has_all_rows(data: bytes) -> bool:
    missing, unpacker = _unpacked_size(data), zlib.decompressobj()
    for part in png_parts(data):
        if part.name != b"IDAT":
            continue
        for start in range(0, len(part.body), PIECE):
            missing -= len(unpacker.decompress(part.body[start : start + PIECE]))
            if missing <= 0 or unpacker.eof:
                return missing <= 0
    return False


def _unpacked_size(data: bytes) -> int:
    """Return how many bytes the rows of a PNG take, each with the one that tells its filter."""
    width, height, depth, colour_type, _compression, _filter, is_interlaced = struct.unpack_from(">IIBBBBB", data, 16)
    size = 0
    for left, top, x_step, y_step in PASSES if is_interlaced else WHOLE:
        columns, rows = -(-(width - left) // x_step), -(-(height - top) // y_step)
        if columns > 0:
            size += max(rows, 0) * (1 + -(-columns * depth * CHANNELS[colour_type] // 8))
    return size


def _ends_early(data: bytes) -> bool:
    """Ask libjpeg by way of libvips, at an eighth of the size: Pillow passes over its warnings."""
    try:
        small = pyvips.Image.jpegload_buffer(
            for_decoder(data, "JPEG"), shrink=8, access="sequential", fail_on=pyvips.enums.FailOn.WARNING
        )
        small.avg()
    except pyvips.Error as error:
        return ENDS_EARLY in str(error)
    return False
