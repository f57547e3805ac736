"""Chunks of PNG files, put together byte by byte."""

from __future__ import annotations

import struct
import zlib


def png_chunk(name: bytes, body: bytes) -> bytes:
    """Return a PNG chunk with its length and check sum."""
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
