"""Whether all of an HTTP request has arrived, told from its bytes."""

from __future__ import annotations

import re

HEAD_ENDS = b"\r\n\r\n"
LENGTH = re.compile(rb"^content-length:[ \t]*(\d{1,18})[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
CHUNKED = re.compile(rb"^transfer-encoding:", re.IGNORECASE | re.MULTILINE)
ASKS_FIRST = re.compile(rb"^expect:[ \t]*100-continue[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)

MOST_HEAD = 64 * 1024
# The largest form and the largest JSON are 2.5 MB, the largest file that may be sent is a rubric.
MOST_BODY = 8 * 1024 * 1024

TOO_LARGE = "413 Content Too Large"
HEAD_TOO_LARGE = "431 Request Header Fields Too Large"
NO_LENGTH = "411 Length Required"


def bytes_expected(arrived: bytes | bytearray) -> int | None:
    """Return how long the request is that begins here, None while that cannot be told."""
    end = arrived.find(HEAD_ENDS)
    if end < 0:
        return None
    lengths = LENGTH.findall(arrived, 0, end)
    return end + len(HEAD_ENDS) + (int(lengths[0]) if len(lengths) == 1 else 0)


def refusal(arrived: bytes | bytearray) -> str:
    """Return the status with which a request is refused before all of it is there, "" where it is not."""
    end = arrived.find(HEAD_ENDS, 0, MOST_HEAD)
    if end < 0:
        return HEAD_TOO_LARGE if len(arrived) >= MOST_HEAD else ""
    # A body without a length ends when its sender says so, and nothing here could be told from a slow one.
    if CHUNKED.search(arrived, 0, end):
        return NO_LENGTH
    length = bytes_expected(arrived) or 0
    return TOO_LARGE if length - end > MOST_BODY + len(HEAD_ENDS) else ""


def waits_for_word(arrived: bytes | bytearray) -> bool:
    """Tell whether the sender holds the body back until it is asked for it."""
    end = arrived.find(HEAD_ENDS)
    return end == len(arrived) - len(HEAD_ENDS) and ASKS_FIRST.search(arrived, 0, max(end, 0)) is not None
