"""Find out how a text file is encoded, where that is certain; nothing is guessed that could be something else."""

from __future__ import annotations

import codecs
import re

ACCEPTED = "UTF-8 is accepted, so are UTF-16, GBK and Windows-1252 where they are certain; save the file as UTF-8"
# Longer marks first: that of UTF-32 begins with that of UTF-16.
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# What western texts hold beyond ASCII. Other encodings of one byte give symbols, or long runs of accented letters.
WESTERN = frozenset("ŒœŠšŽž‘’“”–—…•€£°§«»¿¡ßµ·²³½©®™´\u00a0") | {chr(code) for code in range(0xC0, 0x100)} - set("×÷")
# So do Cyrillic and Greek texts; in those of old Macs capitals and signs seem to stand amid words.
NOT_WESTERN = re.compile("[\u00c0-\u00ff]{4}|[a-z][ŠŽŒ§À-Þ]")
LONGEST_SAMPLE = 40  # Characters.
KANA = re.compile("[\u3041-\u30ff]")
CHINESE_SIGNS = re.compile("[，。、；：！？]")
# The rows of GB 2312 in which the syllables of Korean lie; Chinese texts of this length go beyond them.
KOREAN_ROWS, SOME_CHARACTERS = range(0xB0, 0xC9), 8


def decode_text(data: bytes) -> tuple[str, str]:
    """Return a file's text and the name of its encoding. Raise ValueError saying what is accepted."""
    for mark, encoding in MARKS:
        if data.startswith(mark):
            return _decoded(data, encoding)
    # Tables and JSON begin in ASCII, of which UTF-16 makes every second byte a NUL.
    head = data[:64]
    for offset, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        if len(head) >= 4 and head[offset::2].count(0) * 5 >= len(head[offset::2]) * 4:
            return _decoded(data, encoding)
    try:
        text = data.decode("utf-8")
        return _older(data, "") if _is_phonetic(text) and _is_gbk(data) else (text, "utf-8")
    except UnicodeDecodeError as error:
        return _older(data, f"byte {error.start + 1} is not UTF-8")


def remark_on_reading(name: str, text: str, encoding: str) -> str:
    """Return what whoever knows the words should look at where an encoding had to be found out, empty elsewhere."""
    if encoding.startswith("utf"):
        return ""
    # Not at all white space: a no-break space may be all there is beyond ASCII.
    first_word = next(word for word in re.split('[ \t\r\n,;|"]+', text) if not word.isascii())
    shown = first_word[:LONGEST_SAMPLE]
    return f"{name}: was read as {encoding}; save it as UTF-8 if that is wrong, as {shown!r} would show"


def _decoded(data: bytes, encoding: str) -> tuple[str, str]:
    try:
        return data.decode(encoding), encoding.removesuffix("-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"byte {error.start + 1} is not {encoding}; {ACCEPTED}") from error


def _older(data: bytes, why: str) -> tuple[str, str]:
    """Return a text in an encoding older than Unicode."""
    for encoding, fits in (("gb18030", is_chinese), ("cp1252", is_western)):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if fits(text):
            return text, "gbk" if encoding == "gb18030" else "windows-1252"
    raise ValueError(f"{why}; {ACCEPTED}")


def _is_phonetic(text: str) -> bool:
    """Tell whether all beyond ASCII are phonetic letters: as such, words of GBK can be read."""
    beyond = [character for character in text if character > "\x7f"]
    return bool(beyond) and all("\u0250" <= character <= "\u02ff" for character in beyond)


def _is_gbk(data: bytes) -> bool:
    try:
        return is_chinese(data.decode("gb18030"))
    except UnicodeDecodeError:
        return False


def is_chinese(text: str) -> bool:
    """Tell whether nearly all beyond ASCII is of the common characters, which wrong readings seldom hit."""
    beyond = [character for character in text if character > "\x7f"]
    common = "".join(beyond).encode("gb2312", "ignore")
    korean = len(beyond) >= SOME_CHARACTERS and all(row in KOREAN_ROWS for row in common[::2])
    if KANA.search(text) or (korean and not CHINESE_SIGNS.search(text)):
        return False
    return len(common) / 2 >= 0.8 * len(beyond)


def is_western(text: str) -> bool:
    beyond = {character for character in text if character > "\x7f"}
    return beyond <= WESTERN and not NOT_WESTERN.search(text)
