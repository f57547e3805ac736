"""Break what a program for fine-tuning would take for a tag of its own (plain Python)."""

from __future__ import annotations

import re

# Tags for pictures and sound (<image>, <video>, <audio>, <img>, <IMG_CONTEXT>), marks of turns (<|im_start|>, </s>,
# <start_of_turn>, <<SYS>>, <｜User｜>) and those in brackets ([INST], [IMG], [/INST]). None of them has a space in it.
TAG = re.compile(r"<(?=[^<>\s]+>)|\[(?=/?[a-z]?[A-Z][A-Z_]+\])")


def break_tags(text: str) -> str:
    """Return a text in which no special tag of any format stands: each gets a space after its bracket, "< image>"."""
    return TAG.sub(lambda match: f"{match[0]} ", text)
