"""Turn an image that stands upright by its EXIF orientation alone (Pillow; libvips where there are 16 bits)."""

from __future__ import annotations

import io
import struct
from typing import Any

import pyvips
from PIL import Image
from PIL.JpegImagePlugin import get_sampling

from .declarations import colour_chunks, declared_profile
from .stripping import for_decoder

TURNED_QUALITY = 95
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
HEADER_OF_PNG = 8 + 25  # bytes: the signature and IHDR


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


def turn_upright(image: Image.Image, data: bytes, form: str) -> bytes:
    """Return the file upright, encoded once more as gently as its format allows, its colours declared as before."""
    if form == "PNG":
        turned = _turn_deep(data, orientation_of(image)) if is_deep(data, form) else _save(image, form)
        chunks = b"".join(part.whole for part in colour_chunks(data).values())
        return turned[:HEADER_OF_PNG] + chunks + turned[HEADER_OF_PNG:]
    options: dict[str, Any] = {"icc_profile": declared_profile(data, form), "quality": TURNED_QUALITY}
    # -1 is Pillow's word for unknown; 0 then keeps all colour.
    return _save(image, form, **options, subsampling=max(get_sampling(image), 0))


def _save(image: Image.Image, form: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    turned = image.transpose(TURNS[orientation_of(image)])
    turned.info.pop("icc_profile", None)
    turned.save(buffer, form, **{name: value for name, value in options.items() if value is not None})
    return buffer.getvalue()


def _turn_deep(data: bytes, orientation: int) -> bytes:
    image = pyvips.Image.new_from_buffer(for_decoder(data, "PNG"), "")
    image.set_type(pyvips.GValue.gint_type, "orientation", orientation)
    turned: bytes = image.autorot().pngsave_buffer(keep="none", bitdepth=16)
    return turned
