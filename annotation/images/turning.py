"""Turn an image that stands upright by its EXIF orientation alone (Pillow; libvips where there are 16 bits)."""

from __future__ import annotations

import io
from typing import Any

import pyvips
from PIL import Image
from PIL.JpegImagePlugin import get_sampling

from rendering.declarations import colour_chunks, declared_profile
from rendering.decoding import for_decoder
from rendering.shown import TURNS, is_deep, orientation_of

TURNED_QUALITY = 95
HEADER_OF_PNG = 8 + 25  # bytes: the signature and IHDR


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
