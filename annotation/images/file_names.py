"""Names of files as other systems write them, made comparable and fit to be shown."""

from __future__ import annotations

import posixpath
import re
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterable
from urllib.parse import unquote

UTF_8 = 0x800  # The flag of a zip entry whose name is in UTF-8.
UNICODE_PATH = 0x7075  # Info-ZIP's extra field with the name in UTF-8.
# What acts on a terminal; in a name also what breaks its line, or turns around the direction in which it is read.
CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f]")
UNSHOWABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


def plain_name(name: str) -> str:
    """Return a path by which the same file goes however it is written: Windows' slashes, macOS' accents, `./`."""
    # macOS takes accents apart, and leaves Hangul in pieces.
    return posixpath.normpath(unicodedata.normalize("NFC", name.replace("\\", "/"))) if name else ""


class NameIndex:
    """Names by which a manifest may call a file: as it is, as another system writes it, in another case, encoded."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = {plain_name(name): name for name in names}
        self.by_folded_name: dict[str, list[str]] = {}
        for plain, name in self.names.items():
            self.by_folded_name.setdefault(plain.casefold(), []).append(name)

    def find(self, name: str) -> str | None:
        """Return the one name that is meant, None where there is none, or more than one in another case."""
        for given in (name, unquote(name)):
            plain = plain_name(given)
            if plain in self.names:
                return self.names[plain]
            # Windows and macOS do not tell them apart, and their tables neither.
            namesakes = self.by_folded_name.get(plain.casefold(), [])
            if len(namesakes) == 1:
                return namesakes[0]
        return None


def showable_name(name: str) -> str:
    """Return a name that can be stored and printed, whatever bytes it was made of."""
    return UNSHOWABLE.sub("?", name.encode("utf-8", "replace").decode())


def is_text(text: str) -> bool:
    """Tell whether a text can be stored and shown: no half characters, no controls but tabs and line ends."""
    return not CONTROLS.search(re.sub(r"[\t\r\n]", " ", text)) and text == text.encode("utf-8", "replace").decode()


def raw_name(entry: zipfile.ZipInfo) -> bytes:
    """Return the bytes of a name that does not say how it is encoded."""
    return entry.orig_filename.encode("cp437")  # By which zipfile has read it, and which loses nothing.


def certain_name(entry: zipfile.ZipInfo) -> str | None:
    """Return a zip entry's name, None where its bytes are beyond ASCII and nothing says what they mean."""
    if entry.flag_bits & UTF_8 or entry.orig_filename.isascii():
        return entry.orig_filename
    raw, extra = raw_name(entry), entry.extra
    while len(extra) >= 4:
        kind, length = struct.unpack_from("<HH", extra)
        field, extra = extra[4 : 4 + length], extra[4 + length :]
        # Of another check sum where a program renamed the entry that did not know this field.
        if kind == UNICODE_PATH and field[1:5] == struct.pack("<I", zlib.crc32(raw)):
            return field[5:].decode("utf-8", "replace")
    return None
