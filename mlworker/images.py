"""The image behind a request: found, checked and decoded.

First station of a prediction: a reference from the queue is only ever opened below the media root, and only used when
its bytes have the SHA-256 that was asked for.
"""

from __future__ import annotations

import hashlib
import io
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

import numpy as np
import pyvips
from PIL import Image, UnidentifiedImageError
from PIL.ImageFile import ImageFile

from rendering import shown
from rendering.containers import form_of
from rendering.decoding import for_decoder
from rendering.shown import TURNS, orientation_of

from .contract import ImageUnavailable

UNDECODABLE = (
    OSError,
    SyntaxError,  # Pillow's word for a PNG with broken chunks.
    ValueError,
    EOFError,
    struct.error,
    zlib.error,
    pyvips.Error,
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
    """Return the image as experts see it, on white where it is transparent, at most `longest_side` pixels a side.

    It is RGB in sRGB, and upright. Raises ImageUnavailable if the file is no image, is cut short, or has more pixels
    than Pillow accepts.
    """
    image, orientation = _read(path, longest_side)
    turn = TURNS.get(orientation)
    image = _on_white(image if turn is None else image.transpose(turn))
    image.thumbnail((longest_side, longest_side), Image.Resampling.BOX)
    return image


def decode_as_stored(path: Path, side: int) -> Image.Image:
    """Return the image as RGB in sRGB, a square, neither turned upright nor on white; raises ImageUnavailable.

    Some checkpoints were trained on images that were only resized.
    """
    return _read(path)[0].convert("RGB").resize((side, side), Image.Resampling.BICUBIC)


def _read(path: Path, longest_side: int | None = None) -> tuple[Image.Image, int]:
    """Return the image of a file in the colours that experts see, and its EXIF orientation.

    It is RGB, or RGBA where it is transparent. A large JPEG may come at a fraction of its size, not below
    `longest_side`. Raises ImageUnavailable.
    """
    with report_decode_errors(path):
        data = path.read_bytes()
        form = form_of(data)
        with Image.open(io.BytesIO(for_decoder(data, form) if form else data)) as file:
            if longest_side:
                file.draft("RGB", (longest_side, longest_side))
            file.load()
            image = shown.in_srgb(file, data, form) if form else _plain_rgb(file)
            # A predictor that sends the image on would send the profile it no longer has.
            image.info.clear()
            return image, orientation_of(file)


def _plain_rgb(file: ImageFile) -> Image.Image:
    if file.mode.startswith("I;16"):  # Scaled, not cut off.
        return Image.fromarray((np.asarray(file, dtype=np.uint16) >> 8).astype(np.uint8)).convert("RGB")
    return file.convert("RGBA" if file.has_transparency_data else "RGB")


@contextmanager
def report_decode_errors(path: Path) -> Iterator[None]:
    """Say in our own words why a file cannot be decoded; raises ImageUnavailable."""
    try:
        yield
    except UnidentifiedImageError as error:  # Its own words would show where we keep our files.
        raise ImageUnavailable(f"image {path.name!r} is no image in a format that can be read") from error
    except UNDECODABLE as error:
        raise ImageUnavailable(f"image {path.name!r} cannot be decoded: {error}") from error


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode == "RGBA":
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return image.convert("RGB")
