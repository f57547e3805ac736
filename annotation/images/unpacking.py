"""Entries of a zip unpacked in bounded pieces, whatever they were packed by.

`zipfile` unpacks what it reads of bzip2 and LZMA as a whole: 4 KiB can become gigabytes before it returns.
"""

from __future__ import annotations

import bz2
import copy
import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

PACKED_PIECE = 64 * 1024
# What xz itself needs at its strongest setting, and what an entry may make us take.
MOST_LZMA_MEMORY = 128 * 1024 * 1024
LZMA_HEAD = 4  # Version, and the length of the properties, before these themselves.


class UnpackedEntry:
    """The bytes of an entry packed by bzip2 or LZMA, read like a file."""

    def __init__(self, packed: IO[bytes], entry: zipfile.ZipInfo) -> None:
        self.packed = packed
        self.checksum, self.expected = 0, entry.CRC
        self.unpacker: Any = (
            bz2.BZ2Decompressor() if entry.compress_type == zipfile.ZIP_BZIP2 else lzma_unpacker(packed)
        )

    def read(self, most: int) -> bytes:
        """Return up to so many bytes more, none at the end. Raise OSError, LZMAError or BadZipFile for broken ones."""
        while not self.unpacker.eof:
            piece = self.packed.read(PACKED_PIECE) if self.unpacker.needs_input else b""
            unpacked: bytes = self.unpacker.decompress(piece, most)
            if unpacked:
                self.checksum = zlib.crc32(unpacked, self.checksum)
                return unpacked
            if not piece and self.unpacker.needs_input:
                break  # LZMA may end without saying so; the checksum tells whether it did.
        if self.checksum != self.expected:
            raise zipfile.BadZipFile("its checksum differs")
        return b""


def lzma_unpacker(packed: IO[bytes]) -> lzma.LZMADecompressor:
    """Return what unpacks LZMA, after the head that zips put before it."""
    head = packed.read(LZMA_HEAD)
    if len(head) < LZMA_HEAD:
        raise EOFError("it is cut short")
    properties = packed.read(struct.unpack("<H", head[2:])[0])
    unpacker = lzma.LZMADecompressor(lzma.FORMAT_ALONE, memlimit=MOST_LZMA_MEMORY)
    # Files of LZMA state their length where zips do not; all ones mean that it is not known.
    unpacker.decompress(properties + b"\xff" * 8)
    return unpacker


@contextmanager
def open_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[Any]:
    """Open an entry, to be read in pieces that are as long as asked for at most."""
    if entry.compress_type not in (zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        with archive.open(entry) as file:
            yield file
        return
    # As if it were not packed: then zipfile hands out the packed bytes, and unpacks nothing.
    as_it_lies: Any = copy.copy(entry)
    as_it_lies.compress_type, as_it_lies.file_size, as_it_lies.CRC = zipfile.ZIP_STORED, entry.compress_size, None
    with archive.open(as_it_lies) as packed:
        yield UnpackedEntry(packed, entry)
