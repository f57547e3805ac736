"""Find how a file declares its colours, and show them in sRGB, as browsers do (Pillow, libvips).

The same profile is in force for the copy on the screen, the tiles and the hash; the published copy keeps what the file
itself declares. Where a file declares them several times, precedence is that of Chromium: for a PNG cICP, iCCP, sRGB,
then gAMA with cHRM. EXIF's colour space is no declaration to a browser, nor to us.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable

import pyvips
from PIL import Image, ImageCms

from annotation.errors import ImageRefused

from .containers import PARTS, Part, is_sound
from .profiles import D65, SRGB_CURVE, SRGB_PRIMARIES, DeclaredColours, write_profile

MOST_PROFILE_BYTES = 4 * 1024 * 1024  # Those of printing presses, the largest there are, have under three.
MOST_PROFILE_BYTES_IN_PNG = 1024 * 1024  # Pillow opens no PNG with more, wherever the release is read.
ICC_IN_JPEG = b"ICC_PROFILE\0"
PIECE_STARTS = len(ICC_IN_JPEG) + 2
COLOUR_CHUNKS = (b"cICP", b"iCCP", b"sRGB", b"gAMA", b"cHRM")
PLAIN_GAMMA = 45455  # What a file says whose writer means sRGB,
TOLERANCE = 0.05  # or nearly says.

# ITU-T H.273, by code; what is not listed declares nothing.
ILLUMINANT_C = (0.310, 0.316)
PRIMARIES = {
    1: SRGB_PRIMARIES,
    4: (*ILLUMINANT_C, 0.67, 0.33, 0.21, 0.71, 0.14, 0.08),
    5: (*D65, 0.64, 0.33, 0.29, 0.60, 0.15, 0.06),
    6: (*D65, 0.630, 0.340, 0.310, 0.595, 0.155, 0.070),
    7: (*D65, 0.630, 0.340, 0.310, 0.595, 0.155, 0.070),
    8: (*ILLUMINANT_C, 0.681, 0.319, 0.243, 0.692, 0.145, 0.049),
    9: (*D65, 0.708, 0.292, 0.170, 0.797, 0.131, 0.046),
    11: (0.314, 0.351, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060),
    12: (*D65, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060),
    22: (*D65, 0.630, 0.340, 0.295, 0.605, 0.155, 0.077),
}
# Screens show what cameras encoded by 1, 6, 11, 14 and 15 with an exponent of 2.4 (ITU-R BT.1886).
CURVES: dict[int, tuple[float, ...]] = {
    **dict.fromkeys((1, 6, 11, 14, 15), (2.4,)),
    4: (2.2,),
    5: (2.8,),
    7: (1 / 0.45, 1 / 1.1115, 0.1115 / 1.1115, 1 / 4, 0.0912),
    8: (1.0,),
    13: SRGB_CURVE,
    17: (2.6, (52.37 / 48) ** (1 / 2.6), 0.0, 0.0, 0.0),
}
HIGH_DYNAMIC_RANGE = (16, 18)


def profile_of(data: bytes, form: str) -> bytes | None:
    """Return the ICC profile by which a file's values become colours, None where they are sRGB already.

    What a PNG declares by numbers is written as a profile. Raise ImageRefused for a profile above the limit, and for
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
        raise ImageRefused(f"colour profile too large: at most {most:,} bytes are accepted; convert it to sRGB")
    return profile


def refuse_high_dynamic_range() -> None:
    """Raise ImageRefused."""
    raise ImageRefused(
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


# Of Pillow and libvips alike, as colours must not jump when tiles replace the display copy. It comes nearest to what
# browsers do, who do not make the black of paper that of a screen.
RELATIVE = ImageCms.Intent.RELATIVE_COLORIMETRIC
SPACES = {b"RGB ": "RGB", b"GRAY": "L", b"CMYK": "CMYK"}
BANDS = {b"RGB ": 3, b"GRAY": 1, b"CMYK": 4}


def show_in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Return an image in L, RGB or CMYK as RGB; a profile that is for other channels is passed over."""
    space = profile[16:20] if profile else b""
    if space == b"RGB " and image.mode == "L":
        image = image.convert("RGB")
    if profile and SPACES.get(space) == image.mode:
        try:
            source, srgb = ImageCms.ImageCmsProfile(io.BytesIO(profile)), ImageCms.createProfile("sRGB")
            converted = ImageCms.profileToProfile(image, source, srgb, RELATIVE, "RGB")
        except (ImageCms.PyCMSError, OSError):
            converted = None
        if converted:
            return converted
    return image.convert("RGB")


def vips_in_srgb(image: pyvips.Image, profile: bytes | None) -> pyvips.Image:
    """Return an image as 8-bit RGB, with alpha where it has some; as `show_in_srgb`, of 16 bits a channel too."""
    alpha = None
    if image.hasalpha():
        alpha = _eight_bit(image[image.bands - 1])
        image = image[: image.bands - 1]
    space = profile[16:20] if profile else b""
    if space == b"RGB " and image.bands == 1:
        is_deep = image.format == "ushort"
        image = image.bandjoin([image, image]).copy(interpretation="rgb16" if is_deep else "srgb")
    srgb = _converted(image, profile) if profile and BANDS.get(space) == image.bands else None
    if srgb is None:
        srgb = _plain_rgb(image)
    return srgb if alpha is None else srgb.bandjoin(alpha)


def _converted(image: pyvips.Image, profile: bytes) -> pyvips.Image | None:
    tagged = image.copy()
    tagged.set_type(pyvips.GValue.blob_type, "icc-profile-data", profile)
    try:
        return tagged.icc_transform("srgb", embedded=True, intent="relative", depth=8)
    except pyvips.Error:
        return None


def _plain_rgb(image: pyvips.Image) -> pyvips.Image:
    if image.interpretation == "cmyk":
        # As browsers do; libvips has a press of its own in mind.
        inverse = image.invert()
        return (inverse[:3] * inverse[3] / 255).rint().cast("uchar").copy(interpretation="srgb")
    return image.colourspace("srgb").cast("uchar")


def _eight_bit(band: pyvips.Image) -> pyvips.Image:
    return (band >> 8).cast("uchar") if band.format == "ushort" else band.cast("uchar")
