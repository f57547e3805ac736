"""Show colours in sRGB by the profile in force, in Pillow and in libvips alike."""

from __future__ import annotations

import io

import pyvips
from PIL import Image, ImageCms

# Of both, as colours must not jump when tiles replace the display copy. It comes nearest to what
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
