"""Check an image, strip it of metadata, and make the copies that are served (Pillow, libvips, ImageHash).

What an image is gets decided by its bytes, never by its name, and nothing is decoded before the header says that it
is small enough. All work on bytes in memory and give the same bytes each time.
"""

from __future__ import annotations

import hashlib
import io
import struct
import threading
import zlib
from dataclasses import dataclass

import imagehash
import pyvips
from PIL import Image, ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.WebPImagePlugin import WebPImageFile

from annotation.errors import ImageRefused
from rendering.containers import PARTS
from rendering.declarations import ColoursRefused
from rendering.decoding import for_decoder
from rendering.shown import TURNS, in_srgb, orientation_of

from .completeness import check_completeness
from .kinds import sniff
from .likeness import SIDE
from .stripping import check_encoding, count_scans, is_animated_png, strip_jpeg, strip_png, strip_webp
from .turning import turn_upright

# The viewer's `transform.js` knows this size too: enlarged beyond it, it asks for the detail that this copy lacks.
DISPLAY_SIZE = 2048
THUMBNAIL_SIZE = 320
DISPLAY_QUALITY = 88
# Neutral and in the middle, so that neither black nor white drawings vanish on it.
BEHIND_TRANSPARENCY = (0x77, 0x77, 0x77)

UNDECODABLE = (
    OSError,
    SyntaxError,  # Pillow's word for a PNG with broken chunks.
    ValueError,
    EOFError,
    IndexError,
    AssertionError,  # As for a palette that is missing.
    struct.error,
    zlib.error,
    pyvips.Error,
)

PLUGINS: dict[str, type[ImageFile.ImageFile]] = {"JPEG": JpegImageFile, "PNG": PngImageFile, "WEBP": WebPImageFile}

STRIPS = {"JPEG": strip_jpeg, "PNG": strip_png, "WEBP": strip_webp}

# Progressive JPEGs have about ten scans, and those squeezed to the last byte some dozens. Each is a walk through all
# pixels, and a small file may hold thousands.
MOST_SCANS = 100
MOST_SCANNED_PIXELS = 4_000_000_000

# A file of the largest size that is accepted, in the smallest pieces that programs write, has a third of this.
MOST_PARTS = 200_000

# Pillow's limit is one for the process: another thread must not open an image under this one's.
_opening = threading.Lock()


@dataclass(frozen=True)
class Limits:
    """How large an image may be, in bytes of its file and in pixels."""

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
    form = sniff(data)
    try:
        _check_parts(data, form)
        with _open(data, form, limits.pixels) as image:
            _check_header(image, data, limits)
            image.load()
            check_completeness(data, form)
            width, height = image.size
            # EXIF's orientations from 5 on lie on their side.
            if orientation_of(image) >= 5:
                width, height = height, width
            # Hashed as shown and not as stored: two files that look the same are the same to an expert.
            small = _as_shown(image, data, form, THUMBNAIL_SIZE)
    except Image.DecompressionBombError as error:
        raise ImageRefused(f"too large: at most {limits.pixels:,} pixels are accepted") from error
    except ColoursRefused as error:
        raise ImageRefused(str(error)) from error
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
    form = sniff(data)
    with _open(data, form) as image:
        if orientation_of(image) != 1:
            data = turn_upright(image, data, form)
    return STRIPS[form](data)


def display_copy(data: bytes) -> bytes:
    """Return the copy for the screen: upright, WebP, sRGB, at most 2048 pixels on the longer side, no metadata."""
    return _copy(data, DISPLAY_SIZE)


def thumbnail(data: bytes) -> bytes:
    """Return the thumbnail: as the display copy, at most 320 pixels on the longer side."""
    return _copy(data, THUMBNAIL_SIZE)


def _open(data: bytes, form: str, pixels: int | None = None) -> ImageFile.ImageFile:
    """Open an image without decoding it. Raise DecompressionBombError for a WebP with more than `pixels` pixels.

    Pillow's own limit stands aside for ours. Of the three formats only WebP needs one here, as its decoder takes
    memory on opening; Pillow complains at twice the number given to it.
    """
    readable = io.BytesIO(for_decoder(data, form))
    with _opening:
        default_limit = Image.MAX_IMAGE_PIXELS
        Image.MAX_IMAGE_PIXELS = None if pixels is None else -(-pixels // 2)
        try:
            return PLUGINS[form](readable)
        finally:
            Image.MAX_IMAGE_PIXELS = default_limit


def _check_parts(data: bytes, form: str) -> None:
    if any(number > MOST_PARTS for number, _part in enumerate(PARTS[form](data), 1)):
        raise ImageRefused(f"in too many pieces: at most {MOST_PARTS:,} chunks or segments are accepted")
    if form == "JPEG":
        check_encoding(data)
    elif form == "PNG" and data[26:28] != b"\0\0":
        # Pillow does not look; browsers do.
        raise ImageRefused("broken or cut short, it cannot be decoded: there is no such compression in a PNG")


def _check_header(image: ImageFile.ImageFile, data: bytes, limits: Limits) -> None:
    width, height = image.size
    if width * height > limits.pixels:
        raise ImageRefused(f"too large: at most {limits.pixels:,} pixels are accepted, not {width:,} x {height:,}")
    if getattr(image, "is_animated", False) or (image.format == "PNG" and is_animated_png(data)):
        raise ImageRefused("animated; only still images are accepted")
    most_scans = min(MOST_SCANS, max(1, MOST_SCANNED_PIXELS // (width * height)))
    if image.format == "JPEG" and (scans := count_scans(data)) > most_scans:
        raise ImageRefused(f"in {scans:,} scans; at most {most_scans} are accepted for {width:,} x {height:,} pixels")


def _copy(data: bytes, longest: int) -> bytes:
    form = sniff(data)
    with _open(data, form) as image:
        upright = _as_shown(image, data, form, longest)
    buffer = io.BytesIO()
    upright.save(buffer, "WEBP", quality=DISPLAY_QUALITY)
    return buffer.getvalue()


def _as_shown(image: Image.Image, data: bytes, form: str, longest: int) -> Image.Image:
    """Return the image as a screen shows it: RGB in sRGB, upright, opaque, at most `longest` pixels a side."""
    turn = TURNS.get(orientation_of(image))
    # Before it is made small, as browsers do: fine texture would otherwise come out lighter or darker.
    shown = in_srgb(image, data, form)
    shown.thumbnail((longest, longest), Image.Resampling.LANCZOS)
    if turn is not None:
        shown = shown.transpose(turn)
    if shown.mode == "RGBA":
        opaque = Image.new("RGB", shown.size, BEHIND_TRANSPARENCY)
        shown = Image.composite(shown.convert("RGB"), opaque, shown.getchannel("A"))
    # Saving would write what is noted here into the copy, the profile it no longer has among it.
    shown.info.clear()
    return shown
