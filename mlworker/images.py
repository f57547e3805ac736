"""The image behind a request: found, checked and decoded.

First station of a prediction: a reference from the queue is only ever opened below the media root, and only used when
its bytes have the SHA-256 that was asked for.
"""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from .contract import ImageUnavailable

UNDECODABLE = (
    OSError,
    SyntaxError,  # Pillow's word for a PNG with broken chunks.
    ValueError,
    EOFError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
)


def locate(reference: str, root: Path) -> Path:
    """Return the path of the file that `reference` names below `root`.

    Raises ImageUnavailable for a reference that is absolute, climbs with `..`, leaves `root` through a link, or
    names no file.
    """
    parts = PurePosixPath(reference)
    if not reference or "\0" in reference or parts.is_absolute() or ".." in parts.parts:
        raise ImageUnavailable(
            f"image {reference!r} is refused; a relative path below the media root without '..' is accepted"
        )
    path = (root / parts).resolve()
    if not path.is_relative_to(root.resolve()):
        raise ImageUnavailable(f"image {reference!r} is refused; it leads out of the media root")
    if not path.is_file():
        raise ImageUnavailable(f"image {reference!r} is not below the media root")
    return path


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of the file's bytes in hexadecimal; raises ImageUnavailable if it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ImageUnavailable(f"image {path.name!r} cannot be read: {error.strerror or error}") from error


def check_sha256(path: Path, expected_sha256: str) -> None:
    """Raise ImageUnavailable unless the file's bytes have this SHA-256, in hexadecimal of either case."""
    sha256 = sha256_of(path)
    if sha256 != expected_sha256.lower():
        raise ImageUnavailable(
            f"image {path.name!r} has SHA-256 {sha256[:12]}…, but {expected_sha256[:12]}… was asked for"
        )


def decode(path: Path, longest_side: int) -> Image.Image:
    """Return the image as RGB, upright, on white where it is transparent, at most `longest` pixels a side.

    Raises ImageUnavailable if the file is no image, is cut short, or has more pixels than Pillow accepts.
    """
    with report_decode_errors(path), Image.open(path) as file:
        file.draft("RGB", (longest_side, longest_side))  # Lets a large JPEG decode at a fraction of its size.
        image = _as_rgb(ImageOps.exif_transpose(file))
        image.thumbnail((longest_side, longest_side), Image.Resampling.BOX)
        return image


@contextmanager
def report_decode_errors(path: Path) -> Iterator[None]:
    """Say in our own words why a file cannot be decoded; raises ImageUnavailable."""
    try:
        yield
    except UnidentifiedImageError as error:  # Its own words would show where we keep our files.
        raise ImageUnavailable(f"image {path.name!r} is no image in a format that can be read") from error
    except UNDECODABLE as error:
        raise ImageUnavailable(f"image {path.name!r} cannot be decoded: {error}") from error


def _as_rgb(image: Image.Image) -> Image.Image:
    """Return an RGB copy; 16-bit grey is scaled, not cut off, and transparency lies on white."""
    if image.mode.startswith("I;16") or (image.mode == "I" and image.format == "PNG"):
        grey = np.asarray(image, dtype=np.uint32) >> 8
        return Image.fromarray(grey.astype(np.uint8)).convert("RGB")
    if image.has_transparency_data:
        rgba = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", rgba.size, "white"), rgba).convert("RGB")
    return image.convert("RGB")
