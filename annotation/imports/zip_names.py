"""Find out how the names in a zip are encoded that do not say it, where that is certain."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from annotation.images.file_names import plain_name

from .encoding import is_chinese, is_western

# Of Windows in the countries whose names are not in ASCII, and of programs that write UTF-8 without saying so.
ENCODINGS = ("utf-8", "gb18030", "big5", "cp932", "cp949", "cp1251", "cp1252", "cp437")
# What the encodings of DOS for western languages share: letters with accents.
SHARED_BY_DOS = frozenset([*range(0x80, 0x9B), *range(0xA0, 0xA6)])

# In western names letters with accents stand beside plain ones, and hardly ever three together.
FOREIGN = re.compile("[^\x00-\x7f]{3}|(?<![A-Za-z ])[^\x00-\x7f]{1,2}(?![A-Za-z ])")


def find_encoding(names: Iterable[bytes], listed_files: Iterable[str]) -> str | None:
    """Return the encoding of a zip's names, None where it is not certain.

    A manifest that lists the files decides; else what the names as a whole can be and nothing else.
    """
    names = list(names)
    text = b"\n".join(names)
    readings = {encoding: reading for encoding in ENCODINGS if (reading := _read(text, encoding)) is not None}
    if "utf-8" in readings and not _may_be_chinese(readings):
        return "utf-8"
    listed = {plain_name(file).rsplit("/", 1)[-1] for file in listed_files if not file.isascii()}
    # Without the folders, which may be said otherwise in the manifest.
    hits = {
        encoding: frozenset(plain_name(name).rsplit("/", 1)[-1] for name in reading.split("\n")) & listed
        for encoding, reading in readings.items()
    }
    most = max(hits.values(), key=len, default=frozenset())
    if most:
        return next((encoding for encoding, found in hits.items() if found == most), None)
    return _encoding_by_letters(text, readings)


def _may_be_chinese(readings: dict[str, str]) -> bool:
    """Tell whether UTF-8 may be chance: short names of GBK read as letters that no language writes side by side."""
    letters = [character for character in readings["utf-8"] if character > "\x7f"]
    scripts = {unicodedata.name(letter, "no letter").split()[0] for letter in letters}
    is_odd = len(scripts) > 1 or (scripts == {"LATIN"} and FOREIGN.search(readings["utf-8"]) is not None)
    return is_odd and max(letters) < "\u0800" and is_chinese(readings.get("gb18030", "\x80"))


def _encoding_by_letters(text: bytes, readings: dict[str, str]) -> str | None:
    if "utf-8" in readings:
        return None
    # Hangul has the bytes of every second common character of Chinese.
    is_korean = all(character.isascii() or "가" <= character <= "힣" for character in readings.get("cp949", "\x80"))
    if "gb18030" in readings and is_chinese(readings["gb18030"]) and not is_korean:
        return "gb18030"
    if _is_japanese(readings.get("cp932", "\x80")):
        return None
    if all(byte < 0x80 or byte in SHARED_BY_DOS for byte in text) and not FOREIGN.search(readings["cp437"]):
        return "cp437"
    western = readings.get("cp1252")
    return "cp1252" if western and is_western(western) and not FOREIGN.search(western) else None


def _is_japanese(text: str) -> bool:
    """Tell whether all beyond ASCII is kana or common kanji, as letters with accents can be that come before others."""
    codes = [int.from_bytes(character.encode("cp932", "replace"), "big") for character in text if character > "\x7f"]
    return all(0x829F <= code <= 0x8396 or 0x889F <= code <= 0x9872 for code in codes)


def _read(text: bytes, encoding: str) -> str | None:
    try:
        return text.decode(encoding)
    except UnicodeDecodeError:
        return None
