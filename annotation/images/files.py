"""Check an image, strip it of metadata, and make the copies that are served (plain Python: Pillow, ImageHash).

What an image is gets decided by its bytes, never by its name, and nothing is decoded before the header says that it
is small enough. All work on bytes in memory and give the same bytes each time.
"""

from __future__ import annotations

import hashlib
import io
import re
import struct
import threading
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import imagehash
import numpy as np
from PIL import Image, ImageCms, ImageFile
from PIL.ExifTags import Base
from PIL.JpegImagePlugin import JpegImageFile, get_sampling
from PIL.PngImagePlugin import PngImageFile
from PIL.WebPImagePlugin import WebPImageFile

from annotation.errors import ImageRefused

from .likeness import SIDE

ACCEPTED = "JPEG, PNG and WebP are accepted"
# The viewer's `transform.js` knows this size too: enlarged beyond it, it asks for the detail that this copy lacks.
DISPLAY_SIZE = 2048
THUMBNAIL_SIZE = 320
DISPLAY_QUALITY = 88
TURNED_QUALITY = 95
# Neutral and in the middle, so that neither black nor white drawings vanish on it.
BEHIND_TRANSPARENCY = (0x77, 0x77, 0x77)

UNDECODABLE = (
    OSError,
    SyntaxError,  # Pillow's word for a PNG with broken chunks.
    ValueError,
    EOFError,
    IndexError,
    struct.error,
    zlib.error,
)

PLUGINS: dict[str, type[ImageFile.ImageFile]] = {"JPEG": JpegImageFile, "PNG": PngImageFile, "WEBP": WebPImageFile}

# How to turn an image so that it stands upright, by EXIF orientation.
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

# What says how colours are meant and therefore stays: application segments by marker, chunks by name.
KEPT_IN_JPEG = {0xE2: b"ICC_PROFILE\0", 0xEE: b"Adobe"}
KEPT_IN_PNG = {b"tRNS", b"gAMA", b"sRGB", b"iCCP", b"cHRM", b"pHYs", b"bKGD"}
KEPT_IN_WEBP = {b"ICCP", b"ALPH", b"VP8 ", b"VP8L"}

# Pillow's limit is one for the process: another thread must not open an image under this one's.
_opening = threading.Lock()


@dataclass(frozen=True)
class Limits:
    """Say how large an image may be, in bytes of its file and in pixels."""

    bytes: int = 200 * 1024 * 1024
    pixels: int = 200_000_000


@dataclass(frozen=True)
class InspectedImage:
    """What was found out about an image; width and height are as shown, after rotation."""

    sha256: str
    format: str
    width: int
    height: int
    byte_size: int
    perceptual_hash: str
    turned_hashes: str
    miniature: bytes


def sha256_of(data: bytes) -> str:
    """Return the SHA-256 of bytes in hexadecimal: the identity of an image."""
    return hashlib.sha256(data).hexdigest()


def inspect(data: bytes, limits: Limits) -> InspectedImage:
    """Check an image from its first bytes to its last pixel and describe it.

    The perceptual hash is pHash: 64 bits as 16 hexadecimal digits. `turned_hashes` are those of the seven other ways
    to turn and mirror the image, one after the other, in the order of `TURNS`. The miniature is the image in 32 by
    32 grey levels, row by row. Raise ImageRefused with the reason.
    """
    # From the cheapest look to the dearest: a hostile file is refused before it costs memory.
    if len(data) > limits.bytes:
        raise ImageRefused(f"too large: at most {limits.bytes:,} bytes are accepted, not {len(data):,}")
    form = _sniff(data)
    try:
        with _open(data, limits.pixels) as image:
            _check_header(image, limits)
            image.load()
            width, height = image.size
            # EXIF's orientations from 5 on lie on their side.
            if _orientation(image) >= 5:
                width, height = height, width
            # Hashed as shown and not as stored: two files that look the same are the same to an expert.
            small = _as_shown(image, THUMBNAIL_SIZE)
    except Image.DecompressionBombError as error:
        raise ImageRefused(f"too large: at most {limits.pixels:,} pixels are accepted") from error
    except UNDECODABLE as error:
        raise ImageRefused(f"broken or cut short, it cannot be decoded: {error}") from error
    turned_hashes = "".join(str(imagehash.phash(small.transpose(turn))) for turn in TURNS.values())
    image_hash = str(imagehash.phash(small))
    return InspectedImage(sha256_of(data), form, width, height, len(data), image_hash, turned_hashes, miniature(small))


def miniature(small: Image.Image) -> bytes:
    """Return an image in 32 by 32 grey levels, row by row: what pHash starts from."""
    return small.convert("L").resize((SIDE, SIDE), Image.Resampling.LANCZOS).tobytes()


def strip(data: bytes) -> bytes:
    """Return the full-size image without metadata, its pixels untouched.

    Place, camera, time, comments, thumbnails and provenance go; the colour profile stays. An image that is upright
    only by its metadata is turned for good, which encodes it once more. `data` must have passed `inspect`.
    """
    form = _sniff(data)
    with _open(data) as image:
        if _orientation(image) != 1:
            # Pillow does not say; a lossless image must not lose anything by being turned.
            lossless = form == "WEBP" and b"VP8L" in dict(_webp_chunks(data))
            data = _turn_upright(image, form, lossless=lossless)
    return {"JPEG": _strip_jpeg, "PNG": _strip_png, "WEBP": _strip_webp}[form](data)


def display_copy(data: bytes) -> bytes:
    """Return the copy for the screen: upright, WebP, sRGB, at most 2048 pixels on the longer side, no metadata."""
    return _copy(data, DISPLAY_SIZE)


def thumbnail(data: bytes) -> bytes:
    """Return the thumbnail: as the display copy, at most 320 pixels on the longer side."""
    return _copy(data, THUMBNAIL_SIZE)


def _sniff(data: bytes) -> str:
    """Return the format the bytes themselves declare."""
    if data.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    formats = {b"GIF8": "a GIF", b"II*\0": "a TIFF", b"MM\0*": "a TIFF"}
    if data[:4] in formats:
        raise ImageRefused(f"{formats[data[:4]]} file; {ACCEPTED}")
    raise ImageRefused(f"not an image; {ACCEPTED}")


def _open(data: bytes, pixels: int | None = None) -> ImageFile.ImageFile:
    """Open an image without decoding it. Raise DecompressionBombError for a WebP with more than `pixels` pixels.

    Pillow's own limit stands aside for ours. Of the three formats only WebP needs one here, as its decoder takes
    memory on opening; Pillow complains at twice the number given to it.
    """
    plugin = PLUGINS[_sniff(data)]
    with _opening:
        default_limit = Image.MAX_IMAGE_PIXELS
        Image.MAX_IMAGE_PIXELS = None if pixels is None else -(-pixels // 2)
        try:
            return plugin(io.BytesIO(data))
        finally:
            Image.MAX_IMAGE_PIXELS = default_limit


def _check_header(image: ImageFile.ImageFile, limits: Limits) -> None:
    width, height = image.size
    if width * height > limits.pixels:
        raise ImageRefused(f"too large: at most {limits.pixels:,} pixels are accepted, not {width:,} x {height:,}")
    if getattr(image, "is_animated", False):
        raise ImageRefused("animated; only still images are accepted")


def _orientation(image: Image.Image) -> int:
    """Return the EXIF orientation, 1 (upright) where there is none or it makes no sense."""
    try:
        value = image.getexif().get(Base.Orientation, 1)
    except UNDECODABLE:
        return 1
    return value if value in TURNS else 1


def _turn_upright(image: Image.Image, form: str, *, lossless: bool) -> bytes:
    """Return the image upright, encoded once more as gently as its format allows."""
    options: dict[str, Any] = {"icc_profile": image.info.get("icc_profile")}
    if form == "JPEG":
        # -1 is Pillow's word for unknown; 0 then keeps all colour.
        options |= {"quality": TURNED_QUALITY, "subsampling": max(get_sampling(image), 0)}
    elif form == "WEBP":
        # Without `exact` the colours below transparent pixels would be dropped.
        options |= {"quality": TURNED_QUALITY, "lossless": lossless, "exact": True}
    buffer = io.BytesIO()
    image.transpose(TURNS[_orientation(image)]).save(buffer, form, **options)
    return buffer.getvalue()


def _copy(data: bytes, longest: int) -> bytes:
    with _open(data) as image:
        upright = _as_shown(image, longest)
    buffer = io.BytesIO()
    upright.save(buffer, "WEBP", quality=DISPLAY_QUALITY)
    return buffer.getvalue()


def _as_shown(image: Image.Image, longest: int) -> Image.Image:
    """Return the image as a screen shows it: RGB in sRGB, upright, opaque, at most `longest` pixels a side."""
    # Read first, as the steps below may make an image that no longer says so.
    profile, turn = image.info.get("icc_profile"), TURNS.get(_orientation(image))
    small = _eight_bit(image)
    # Made small before it is turned and converted, which at full size would take far longer.
    small.thumbnail((longest, longest), Image.Resampling.LANCZOS)
    if turn is not None:
        small = small.transpose(turn)
    alpha = small.getchannel("A") if small.mode == "RGBA" else None
    small = _in_srgb(small.convert("RGB") if alpha else small, profile)
    if alpha:
        small = Image.composite(small, Image.new("RGB", small.size, BEHIND_TRANSPARENCY), alpha)
    # Saving would write what is noted here into the copy, the profile it no longer has among it.
    small.info.clear()
    return small


def _eight_bit(image: Image.Image) -> Image.Image:
    """Return the image in L, RGB, RGBA or CMYK, all of which can be made smaller smoothly."""
    if image.mode.startswith("I"):  # A 16-bit grey PNG; Pillow's own conversion would cut off, not scale.
        return Image.fromarray((np.asarray(image, dtype=np.uint32) >> 8).astype(np.uint8))
    if image.has_transparency_data:
        return image.convert("RGBA")
    if image.mode in ("L", "RGB", "CMYK"):
        return image
    return image.convert("L" if image.mode == "1" else "RGB")


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Convert by the embedded profile; one that is broken or for other channels is passed over, as browsers do."""
    if profile:
        try:
            embedded_profile = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            srgb = ImageCms.profileToProfile(image, embedded_profile, ImageCms.createProfile("sRGB"), outputMode="RGB")
        except (ImageCms.PyCMSError, OSError):
            srgb = None
        if srgb:
            return srgb
    return image.convert("RGB")


def _strip_jpeg(data: bytes) -> bytes:
    """Keep all but comments and application data; of these JFIF, the colour profile and Adobe's transform stay."""
    parts = [data[:2]]
    for marker, segment in _jpeg_segments(data):
        body = segment[4:]
        is_application_or_comment = 0xE0 <= marker <= 0xEF or marker == 0xFE
        if marker == 0xE0 and body.startswith(b"JFIF\0"):
            parts.append(b"\xff\xe0\x00\x10" + body[:12] + b"\0\0")  # Without the thumbnail it may hold.
        elif not is_application_or_comment or (marker in KEPT_IN_JPEG and body.startswith(KEPT_IN_JPEG[marker])):
            parts.append(segment)
    # Ends here whatever follows: cameras append a second image, with metadata of its own.
    return b"".join([*parts, b"\xff\xd9"])


def _jpeg_segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield each segment with its marker, scans with their compressed data, up to the end of the first image."""
    next_marker = re.compile(rb"\xff[^\x00\xff]").search
    after_scan = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]").search  # Restart markers are part of a scan.
    marker_at = next_marker(data, 2)
    while marker_at and data[marker_at.start() + 1] != 0xD9:
        start = marker_at.start()
        marker, end = data[start + 1], start + 2
        if not (0xD0 <= marker <= 0xD8 or marker == 0x01):  # All others tell their length.
            end += int.from_bytes(data[start + 2 : start + 4], "big")
        marker_at = (after_scan if marker == 0xDA else next_marker)(data, end)
        if marker == 0xDA:
            end = marker_at.start() if marker_at else len(data)
        yield marker, data[start:end]


def _strip_png(data: bytes) -> bytes:
    """Keep the chunks that pixels and colours need; the names of the former begin with a capital."""
    parts, position, name = [data[:8]], 8, b""
    while name != b"IEND" and position + 12 <= len(data):
        length, name = struct.unpack_from(">I4s", data, position)
        end = position + 12 + length
        if name[:1].isupper() or name in KEPT_IN_PNG:
            parts.append(data[position:end])
        position = end
    return b"".join(parts)


def _strip_webp(data: bytes) -> bytes:
    """Keep the image, its transparency and its profile, and no longer announce EXIF and XMP in the header."""
    parts = []
    for name, chunk in _webp_chunks(data):
        if name == b"VP8X":
            parts.append(chunk[:8] + bytes([chunk[8] & ~0x0C]) + chunk[9:])
        elif name in KEPT_IN_WEBP:
            parts.append(chunk)
    body = b"WEBP" + b"".join(parts)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _webp_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield each chunk with its name; chunks are padded to even length."""
    position, end_of_file = 12, min(8 + int.from_bytes(data[4:8], "little"), len(data))
    while position + 8 <= end_of_file:
        name, length = struct.unpack_from("<4sI", data, position)
        end = position + 8 + length + length % 2
        yield name, data[position:end]
        position = end
