"""Leave out of a file what its decoder does not need, which may trip over it."""

from __future__ import annotations

from .containers import Part, is_sound, jpeg_parts, png_parts

# All critical chunks there are. Any other critical chunk, browsers refuse the file for.
PIXELS_OF_PNG = {b"IHDR", b"PLTE", b"IDAT", b"IEND"}
JFIF, EXIF, ADOBE, COMMENT = 0xE0, 0xE1, 0xEE, 0xFE
# How a segment begins that is one, and how much it holds at least.
BEGINNINGS = {JFIF: (b"JFIF\0", 12), EXIF: (b"Exif\0\0", 0), ADOBE: (b"Adobe", 12)}


def for_decoder(data: bytes, form: str) -> bytes:
    """Return a file with nothing but pixels and EXIF, which a decoder reads without tripping over what is said.

    Texts of any size, in whatever state, are no reason to refuse an image; nor may they say how it stands upright,
    which EXIF alone does. A file that is cut short stays so.
    """
    if form == "PNG":
        # The first one of each but pixels, as browsers take them.
        chunks = [part for part in png_parts(data) if _is_for_decoder(part)]
        first = {chunk.name: chunk for chunk in reversed(chunks)}
        kept = (chunk.whole for chunk in chunks if chunk.name == b"IDAT" or chunk is first[chunk.name])
        return b"".join([data[:8], *kept])
    if form == "JPEG":
        kept = (part.whole for part in jpeg_parts(data) if not is_said(part) or is_one_of(part, JFIF, EXIF, ADOBE))
        return b"".join([data[:2], *kept])
    return data


def is_said(part: Part) -> bool:
    """Tell whether a segment of a JPEG is a comment or application data."""
    return 0xE0 <= part.name[0] <= 0xEF or part.name[0] == COMMENT


def is_one_of(part: Part, *markers: int) -> bool:
    """Tell whether a segment is what its marker says, and that one of these."""
    beginning, least = BEGINNINGS.get(part.name[0], (b"", 0))
    return part.name[0] in markers and part.body[: len(beginning)] == beginning and len(part.body) >= least


def _is_for_decoder(chunk: Part) -> bool:
    return chunk.name in PIXELS_OF_PNG or (chunk.name in (b"tRNS", b"eXIf") and is_sound(chunk))
