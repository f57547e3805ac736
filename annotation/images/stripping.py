"""Leave out of a file what is not its pixels and colours, for whoever gets it."""

from __future__ import annotations

import struct

from annotation.errors import ImageRefused
from rendering.containers import START_OF_SCAN, Part, is_sound, jpeg_parts, png_parts, webp_parts
from rendering.declarations import colour_chunks, profile_segments
from rendering.decoding import ADOBE, JFIF, PIXELS_OF_PNG, is_one_of, is_said

SIZES_IN_PNG = {b"tRNS": range(1, 257), b"pHYs": range(9, 10), b"bKGD": range(1, 7)}
KEPT_IN_WEBP = {b"ICCP", b"ALPH", b"VP8 ", b"VP8L"}
# Starts of frames: baseline and progressive, and all the others there are.
FRAMES = frozenset((0xC0, 0xC1, 0xC2))
RARE_FRAMES = frozenset((0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF))
END_OF_JPEG = b"\xff\xd9"


def strip_jpeg(data: bytes) -> bytes:
    """Keep all but comments and application data; of these JFIF, the colour profile and Adobe's transform stay."""
    parts: list[bytes | memoryview] = [data[:2]]
    profile = profile_segments(data)
    for part in jpeg_parts(data):
        if part.name == b"\xd9":
            break
        if part.name[0] == JFIF and is_one_of(part, JFIF):
            parts.append(b"\xff\xe0\x00\x10" + bytes(part.body[:12]) + b"\0\0")  # Without the thumbnail it may hold.
        elif not is_said(part) or is_one_of(part, ADOBE) or part in profile:
            parts.append(part.whole)
    # Ends here whatever follows: cameras append a second image, with metadata of its own.
    return b"".join([*parts, END_OF_JPEG])


def strip_png(data: bytes) -> bytes:
    """Keep the chunks that pixels and colours need, without declarations of colours that browsers pass over."""
    declared = colour_chunks(data)
    kept = (
        part.whole
        for part in png_parts(data)
        if part.name in PIXELS_OF_PNG or _is_kept(part) or part == declared.get(part.name)
    )
    return b"".join([data[:8], *kept])


def strip_webp(data: bytes) -> bytes:
    """Keep the image, its transparency and its profile, and no longer announce EXIF and XMP in the header."""
    parts: list[bytes | memoryview] = []
    for part in webp_parts(data):
        if part.name == b"VP8X":
            whole = bytes(part.whole)
            parts.append(whole[:8] + bytes([whole[8] & ~0x0C]) + whole[9:])
        elif part.name in KEPT_IN_WEBP:
            parts.append(part.whole)
    body = b"WEBP" + b"".join(parts)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def count_scans(data: bytes) -> int:
    """Return in how many scans a JPEG holds its pixels; each is a walk through all of them."""
    return sum(part.name[0] == START_OF_SCAN for part in jpeg_parts(data))


def check_encoding(data: bytes) -> None:
    """Raise ImageRefused for a JPEG that no browser shows."""
    for part in jpeg_parts(data):
        if part.name[0] in RARE_FRAMES or (part.name[0] in FRAMES and bytes(part.body[:1]) != b"\x08"):
            raise ImageRefused(
                "a JPEG encoded in a way that browsers do not read (lossless, arithmetic, hierarchical, or of other "
                "than 8 bits); export it anew"
            )


def is_animated_png(data: bytes) -> bool:
    """Tell whether a PNG declares more than one frame."""
    for part in png_parts(data):
        if part.name == b"acTL":
            return int.from_bytes(part.body[:4], "big") > 1
        if part.name == b"IDAT":
            break
    return False


def _is_kept(part: Part) -> bool:
    return len(part.body) in SIZES_IN_PNG.get(part.name, ()) and is_sound(part)
