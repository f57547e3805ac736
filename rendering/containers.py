"""Walk through the parts of a JPEG, PNG or WebP without decoding anything.

Each part is given with its place, so that a file can be put together again from some of them. A part is found in time
that grows with the file alone, whatever stands between.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator
from typing import NamedTuple

START_OF_SCAN = 0xDA
# Those that tell no length (TEM, RST, SOI) are passed over; as fill bytes are, of which there may be millions.
NEXT_MARKER = re.compile(rb"\xff[^\x00\x01\xd0-\xd8\xff]")
AFTER_SCAN = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")  # Restart markers are part of a scan.


class Part(NamedTuple):
    """A chunk or segment: its name, what it holds, and all of its bytes."""

    name: bytes
    body: memoryview
    whole: memoryview


def jpeg_parts(data: bytes) -> Iterator[Part]:
    """Yield each segment, named by its marker, scans with their compressed data, and `EOI` of the first image."""
    view = memoryview(data)
    marker_at = NEXT_MARKER.search(data, 2)
    while marker_at:
        start = marker_at.start()
        marker = data[start + 1]
        if marker == 0xD9:
            yield Part(b"\xd9", view[:0], view[start : start + 2])
            return
        end = head_end = start + 2 + int.from_bytes(data[start + 2 : start + 4], "big")
        marker_at = (AFTER_SCAN if marker == START_OF_SCAN else NEXT_MARKER).search(data, end)
        if marker == START_OF_SCAN:
            end = marker_at.start() if marker_at else len(data)
        yield Part(bytes([marker]), view[start + 4 : head_end], view[start:end])


def png_parts(data: bytes) -> Iterator[Part]:
    """Yield each whole chunk up to IEND."""
    view, position, name = memoryview(data), 8, b""
    while name != b"IEND" and position + 12 <= len(data):
        length, name = struct.unpack_from(">I4s", data, position)
        end = position + 12 + length
        yield Part(name, view[position + 8 : end - 4], view[position:end])
        position = end


def is_sound(chunk: Part) -> bool:
    """Tell whether the check sum of a PNG chunk is right; browsers pass over a chunk of no pixels where it is not."""
    return zlib.crc32(chunk.whole[4:-4]) == int.from_bytes(chunk.whole[-4:], "big")


def webp_parts(data: bytes) -> Iterator[Part]:
    """Yield each chunk; chunks are padded to even length."""
    view, position, end_of_file = memoryview(data), 12, min(8 + int.from_bytes(data[4:8], "little"), len(data))
    while position + 8 <= end_of_file:
        name, length = struct.unpack_from("<4sI", data, position)
        end = position + 8 + length + length % 2
        yield Part(name, view[position + 8 : position + 8 + length], view[position:end])
        position = end


PARTS = {"JPEG": jpeg_parts, "PNG": png_parts, "WEBP": webp_parts}
SIGNATURES = {
    "JPEG": re.compile(rb"\xff\xd8\xff(?!\xf7)"),  # Not JPEG-LS.
    "PNG": re.compile(rb"\x89PNG\r\n\x1a\n"),
    "WEBP": re.compile(rb"(?s)RIFF....WEBP"),
}


def form_of(data: bytes) -> str:
    """Return which of these formats a file has, an empty string where it has another."""
    return next((form for form, signature in SIGNATURES.items() if signature.match(data)), "")
