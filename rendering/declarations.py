"""Find how a file declares its colours, as browsers do.

The same profile is in force for the copy on the screen, the tiles and the hash; the published copy keeps what the file
itself declares. Where a file declares them several times, precedence is that of Chromium: for a PNG cICP, iCCP, sRGB,
then gAMA with cHRM. EXIF's colour space is no declaration to a browser, nor to us.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable

from PIL import ImageCms

from .code_points import CURVES, PRIMARIES
from .containers import PARTS, Part, is_sound
from .profiles import DeclaredColours, write_profile

MOST_PROFILE_BYTES = 4 * 1024 * 1024  # Those of printing presses, the largest there are, have under three.
MOST_PROFILE_BYTES_IN_PNG = 1024 * 1024  # Pillow opens no PNG with more, wherever the release is read.
ICC_IN_JPEG = b"ICC_PROFILE\0"
PIECE_STARTS = len(ICC_IN_JPEG) + 2
COLOUR_CHUNKS = (b"cICP", b"iCCP", b"sRGB", b"gAMA", b"cHRM")
PLAIN_GAMMA = 45455  # What a file says whose writer means sRGB,
TOLERANCE = 0.05  # or nearly says.

HIGH_DYNAMIC_RANGE = (16, 18)


class ColoursRefused(ValueError):
    """Colours that are not read, or that not all screens show alike."""


def profile_of(data: bytes, form: str) -> bytes | None:
    """Return the ICC profile by which a file's values become colours, None where they are sRGB already.

    What a PNG declares by numbers is written as a profile. Raise ColoursRefused for a profile above the limit, and for
    colours of a high dynamic range, which each screen shows otherwise.
    """
    if form == "PNG":
        return _png_profile(data)
    profile = declared_profile(data, form)
    return profile if profile and _is_readable(profile) else None


def declared_profile(data: bytes, form: str) -> bytes | None:
    """Return the ICC profile that a JPEG or WebP holds, None where it is not whole."""
    if form == "WEBP":
        return next((_bounded(bytes(part.body)) for part in PARTS[form](data) if part.name == b"ICCP"), None)
    pieces = b"".join(bytes(part.body[PIECE_STARTS:]) for part in profile_segments(data))
    return _bounded(pieces) if pieces else None


def profile_segments(data: bytes) -> list[Part]:
    """Return the segments of a JPEG that make up its profile, none where one is missing.

    Each says which it is, and of how many; of two that say the same the first counts.
    """
    numbers: dict[int, Part] = {}
    for part in PARTS["JPEG"](data):
        if part.name == b"\xe2" and part.body[: len(ICC_IN_JPEG)] == ICC_IN_JPEG and len(part.body) > PIECE_STARTS:
            numbers.setdefault(part.body[PIECE_STARTS - 2], part)
    segments = [numbers[number] for number in sorted(numbers)]
    counts = {segment.body[PIECE_STARTS - 1] for segment in segments}
    is_whole = counts == {len(segments)} and sorted(numbers) == list(range(1, len(segments) + 1))
    return segments if is_whole else []


def colour_chunks(data: bytes) -> dict[bytes, Part]:
    """Return the chunks by which a PNG declares its colours, by name, each where browsers look and as they take it."""
    chunks: dict[bytes, Part] = {}
    for part in PARTS["PNG"](data):
        if part.name == b"IDAT":
            break
        if part.name in COLOUR_CHUNKS and makes_sense(part):
            chunks.setdefault(part.name, part)
    return chunks


def makes_sense(part: Part) -> bool:
    """Tell whether a chunk declares colours as browsers take it; others they pass over, or refuse the file for."""
    return is_sound(part) and CHECKS[part.name](bytes(part.body))


def _png_profile(data: bytes) -> bytes | None:
    chunks = {name: bytes(part.body) for name, part in colour_chunks(data).items()}
    if b"cICP" in chunks:
        primaries, curve = chunks[b"cICP"][:2]
        if curve in HIGH_DYNAMIC_RANGE:
            refuse_high_dynamic_range()
        if primaries in PRIMARIES and curve in CURVES:
            return _written(DeclaredColours(PRIMARIES[primaries], CURVES[curve]))
    if b"iCCP" in chunks:
        profile = _unpack_profile(chunks[b"iCCP"])
        if profile and _is_readable(profile):
            return profile
    if b"sRGB" in chunks or b"gAMA" not in chunks:
        return None
    gamma = int.from_bytes(chunks[b"gAMA"], "big")
    if b"cHRM" not in chunks:
        is_plain = abs(gamma / PLAIN_GAMMA - 1) <= TOLERANCE
        return None if is_plain else _written(DeclaredColours(curve=(100_000 / gamma,)))
    primaries_of_file = tuple(value / 100_000 for value in struct.unpack(">8I", chunks[b"cHRM"]))
    return write_profile(DeclaredColours(primaries_of_file, (100_000 / gamma,)))


def _written(colours: DeclaredColours) -> bytes | None:
    return None if colours == DeclaredColours() else write_profile(colours)


# What a chunk must hold to be one; a cICP of anything but full-range RGB makes no sense in a PNG.
CHECKS: dict[bytes, Callable[[bytes], bool]] = {
    b"cICP": lambda body: len(body) == 4 and body[2:] == b"\0\1",
    b"iCCP": lambda body: 1 <= body.find(b"\0") <= 79,
    b"sRGB": lambda body: len(body) == 1 and body[0] <= 3,
    b"gAMA": lambda body: len(body) == 4 and 0 < int.from_bytes(body, "big") < 2**31,
    b"cHRM": lambda body: len(body) == 32 and max(struct.unpack(">8I", body)) < 2**31,
}


def _unpack_profile(body: bytes) -> bytes | None:
    start = body.index(b"\0") + 2
    try:
        return _bounded(
            zlib.decompressobj().decompress(body[start:], MOST_PROFILE_BYTES_IN_PNG + 1), MOST_PROFILE_BYTES_IN_PNG
        )
    except zlib.error:
        return None


def _bounded(profile: bytes, most: int = MOST_PROFILE_BYTES) -> bytes:
    if len(profile) > most:
        raise ColoursRefused(f"colour profile too large: at most {most:,} bytes are accepted; convert it to sRGB")
    return profile


def refuse_high_dynamic_range() -> None:
    """Raise ColoursRefused."""
    raise ColoursRefused(
        "colours of a high dynamic range (PQ or HLG), which every screen shows otherwise; "
        "export it in sRGB, Display P3 or Adobe RGB"
    )


def _is_readable(profile: bytes) -> bool:
    if profile[36:40] != b"acsp" or int.from_bytes(profile[:4], "big") > len(profile):
        return False
    for position in range(132, 132 + 12 * min(int.from_bytes(profile[128:132], "big"), 100), 12):
        name, start = struct.unpack_from(">4sI", profile.ljust(position + 12, b"\0"), position)
        if name == b"cicp" and profile[start + 9 : start + 10] in (b"\x10", b"\x12"):
            refuse_high_dynamic_range()
    try:
        ImageCms.ImageCmsProfile(io.BytesIO(profile))
    except (ImageCms.PyCMSError, OSError):
        return False
    return True
