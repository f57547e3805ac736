"""Read numbers as people, spreadsheets and statistics programs write them."""

from __future__ import annotations

import re

# `float` alone would also read nan, 1_000 and the digits of other scripts.
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)
DECIMAL_COMMA = re.compile(r"[+-]?\d*,\d+", re.ASCII)
# Thousands are parted by commas, points, spaces (also those that do not break) or apostrophes.
ENGLISH = re.compile(r"[+-]?\d{1,3}(,\d{3})+\.\d+|[+-]?\d{1,3}(,\d{3}){2,}", re.ASCII)
CONTINENTAL = re.compile(r"[+-]?\d{1,3}(\.\d{3})+,\d+|[+-]?\d{1,3}(\.\d{3}){2,}", re.ASCII)
SPACED = re.compile(r"[+-]?\d{1,3}([ \u00a0\u2009\u202f'’]\d{3})+([.,]\d+)?", re.ASCII)
SPACES = re.compile("[ \u00a0\u2009\u202f'’]")


def plain_number(text: str) -> str | None:
    """Return a number in digits with a point, None where the text is none.

    A comma is a decimal one, unless thousands are plain to see: "7,5" and "1.234,5" are read, and "1,234.5".
    """
    text = text.strip().replace("\u2212", "-")  # The minus sign that typographers prefer.
    if SPACED.fullmatch(text):
        text = SPACES.sub("", text)
    if ENGLISH.fullmatch(text):
        return text.replace(",", "")
    if CONTINENTAL.fullmatch(text):
        return text.replace(".", "").replace(",", ".")
    if DECIMAL_COMMA.fullmatch(text):
        return text.replace(",", ".")
    return text if NUMBER.fullmatch(text) else None


def is_ambiguous(text: str) -> bool:
    """Tell whether a comma may stand before decimals or after thousands: "1,234"."""
    return bool(re.fullmatch(r"[+-]?[1-9]\d{0,2},\d{3}", text.strip(), re.ASCII))
