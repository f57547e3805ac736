"""Show an image file in sRGB, upright, as browsers do (Pillow; libvips where there are 16 bits)."""

from __future__ import annotations

import struct

import pyvips
from PIL import Image

from .colours import show_in_srgb, vips_in_srgb
from .declarations import profile_of
from .decoding import for_decoder

# How to turn an image so that it stands upright, by EXIF orientation.
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
ORIENTATION, SHORT = 0x0112, 3  # A tag of EXIF, and its type.


def orientation_of(image: Image.Image) -> int:
    """Return the EXIF orientation, 1 (upright) where there is none or it makes no sense.

    Read by ourselves, as browsers do: Pillow looks in XMP too, and takes numbers of any type. Chromium reads none of a
    WebP.
    """
    if image.format == "WEBP":
        return 1
    exif = image.info.get("exif", b"").removeprefix(b"Exif\0\0")
    endian = {b"II*\0": "<", b"MM\0*": ">"}.get(exif[:4])
    if endian is None or len(exif) < 8:
        return 1
    (start,) = struct.unpack_from(f"{endian}I", exif, 4)
    entries = exif[start + 2 :]
    count = int.from_bytes(exif[start : start + 2], "little" if endian == "<" else "big")
    for position in range(0, min(12 * count, len(entries) - 11), 12):
        tag, kind, length, value = struct.unpack_from(f"{endian}HHIH", entries, position)
        if (tag, kind, length) == (ORIENTATION, SHORT, 1):
            return value if value in TURNS else 1
    return 1


def is_deep(data: bytes, form: str) -> bool:
    """Tell whether a file holds 16 bits a channel, which Pillow would cut to eight."""
    return form == "PNG" and data[24] == 16


def in_srgb(image: Image.Image, data: bytes, form: str) -> Image.Image:
    """Return an image in RGB, or RGBA where it has transparency, as stored, not turned; `data` is its whole file."""
    if is_deep(data, form):
        return _deep_in_srgb(data, form)
    profile = profile_of(data, form)
    alpha = image.convert("RGBA").getchannel("A") if image.has_transparency_data else None
    is_grey = image.mode in ("1", "L", "LA", "I;16")
    # Transparency is taken already, and must not turn grey into colours.
    opaque = image.getchannel("L") if image.mode == "LA" else image
    opaque = opaque if opaque.mode == "CMYK" else opaque.convert("L" if is_grey else "RGB")
    shown = show_in_srgb(opaque, profile)
    if alpha is not None:
        shown.putalpha(alpha)
    return shown


def _deep_in_srgb(data: bytes, form: str) -> Image.Image:
    """Return an image of 16 bits a channel in RGB or RGBA; its colours are converted before it is cut to eight."""
    deep = pyvips.Image.new_from_buffer(for_decoder(data, form), "", access="sequential")
    return Image.fromarray(vips_in_srgb(deep, profile_of(data, form)).numpy())
