"""However a file declares its colours, all copies show what a browser shows of the file as it is published.

The colours expected here were read from Chromium 156, an image of one colour at a time.
"""

from __future__ import annotations

import struct
import zlib

import numpy as np
import pytest
import pyvips
from PIL import Image, ImageCms

from annotation.errors import ImageRefused
from annotation.images.files import Limits, display_copy, inspect, strip, thumbnail
from annotation.images.tiles import cut_tiles
from rendering.declarations import MOST_PROFILE_BYTES
from tests.annotation.images.test_files import decode, encode, exif
from tests.annotation.images.test_tiles import tile
from tests.harness.installation import ROOT
from tests.harness.png import png_chunk

BLUE = (50, 100, 200)
CHANNELS = {"L": 1, "RGB": 3, "LA": 2, "RGBA": 4}
TYPES = {"L": 0, "RGB": 2, "LA": 4, "RGBA": 6}
SIZE = 16


def png(*chunks: tuple[bytes, bytes], colour=BLUE, mode: str = "RGB", depth: int = 8, after: bytes = b"") -> bytes:
    """Make a PNG of one colour with these chunks before its pixels, and `after` behind them."""
    pixel = struct.pack(f">{CHANNELS[mode]}{'BH'[depth == 16]}", *colour)
    header = struct.pack(">IIBBBBB", SIZE, SIZE, depth, TYPES[mode], 0, 0, 0)
    rows = zlib.compress((b"\0" + pixel * SIZE) * SIZE)
    parts = [png_chunk(b"IHDR", header), *(png_chunk(*chunk) for chunk in chunks), png_chunk(b"IDAT", rows), after]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts) + png_chunk(b"IEND", b"")


def gamma(value: int) -> tuple[bytes, bytes]:
    return b"gAMA", struct.pack(">I", value)


def primaries(*values: float) -> tuple[bytes, bytes]:
    return b"cHRM", struct.pack(">8I", *(round(value * 100_000) for value in values))


def code_points(*values: int) -> tuple[bytes, bytes]:
    return b"cICP", bytes(values)


def embedded(profile: bytes) -> tuple[bytes, bytes]:
    return b"iCCP", b"any\0\0" + zlib.compress(profile)


SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def linear_rgb() -> bytes:
    """Make a profile of sRGB's primaries whose curves are straight lines."""
    profile = bytearray(SRGB)
    for entry in range(132, 132 + 12 * int.from_bytes(profile[128:132], "big"), 12):
        if bytes(profile[entry : entry + 4]) in (b"rTRC", b"gTRC", b"bTRC"):
            start = int.from_bytes(profile[entry + 4 : entry + 8], "big")
            profile[start : start + 12] = b"curv" + bytes(8)
    return bytes(profile)


def linear_grey() -> bytes:
    """Make a profile of grey whose curve is a straight line."""
    white = b"XYZ " + bytes(4) + struct.pack(">3i", 63190, 65536, 54061)
    text = b"mluc" + bytes(4) + struct.pack(">II", 0, 12)
    tags = {b"wtpt": white, b"kTRC": b"curv" + bytes(8), b"desc": text, b"cprt": text}
    start = 132 + 12 * len(tags)
    table, body = struct.pack(">I", len(tags)), b""
    for name, content in tags.items():
        table += struct.pack(">4sII", name, start + len(body), len(content))
        body += content
    head = struct.pack(">I4xI", start + len(body), 0x04300000) + b"mntrGRAY" + b"XYZ " + bytes(12) + b"acsp"
    return head.ljust(68, b"\0") + white[8:].ljust(60, b"\0") + table + body


def of_a_press() -> bytes:
    """Return the profile for CMYK that libvips brings."""
    plain = pyvips.Image.black(8, 8, bands=3).copy(interpretation="srgb")
    profile: bytes = plain.icc_export(output_profile="cmyk").get("icc-profile-data")
    return profile


def one_colour(mode: str, colour, form: str, **options) -> bytes:
    return encode(Image.new(mode, (SIZE, SIZE), colour), form, **{"quality": 100} | options)


def lossless(**options) -> bytes:
    return one_colour("RGB", BLUE, "WEBP", lossless=True, **options)


def of_a_palette(*chunks: bytes, **options) -> bytes:
    """Make a PNG with a palette; `chunks` stand between palette and pixels."""
    image = Image.new("P", (SIZE, SIZE), 1)
    image.putpalette([0, 0, 0, *BLUE])
    data = encode(image, **options)
    at = data.index(b"IDAT") - 4
    return data[:at] + b"".join(chunks) + data[at:]


def in_pieces(*pieces: tuple[int, int, bytes]) -> bytes:
    """Make a JPEG with pieces of a profile, each with its number and how many there are."""
    data = one_colour("RGB", BLUE, "JPEG")
    bodies = [b"ICC_PROFILE\0" + bytes([number, count]) + piece for number, count, piece in pieces]
    segments = [b"\xff\xe2" + struct.pack(">H", len(body) + 2) + body for body in bodies]
    return data[:2] + b"".join(segments) + data[2:]


def camera_says_adobe_rgb() -> Image.Exif:
    tags = Image.Exif()
    tags.get_ifd(0x8769)[0xA001] = 0xFFFF
    tags.get_ifd(0xA005)[1] = "R03"
    return tags


LINEAR, GREY, PRESS = linear_rgb(), linear_grey(), of_a_press()
OF_SRGB = primaries(0.3127, 0.3290, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06)
OF_ADOBE = primaries(0.3127, 0.3290, 0.64, 0.33, 0.21, 0.71, 0.15, 0.06)
OF_PROPHOTO = primaries(0.3457, 0.3585, 0.7347, 0.2653, 0.1596, 0.8404, 0.0366, 0.0001)
PLAIN, STRAIGHT = gamma(45455), gamma(100_000)
SHOWN_STRAIGHT = (122, 168, 229)
DAMAGED = bytes([*png_chunk(*STRAIGHT)[:-1], 0])
INK_OF_A_PRESS = one_colour("CMYK", (40, 120, 200, 30), "JPEG", icc_profile=PRESS)
INK, OF_INK = (40, 120, 200, 30), (189, 119, 48)

SHOWN = {
    "PNG: nothing": (png(), BLUE),
    "PNG: gamma of 1": (png(STRAIGHT), SHOWN_STRAIGHT),
    "PNG: gamma of 1 / 2.2": (png(PLAIN, colour=(5, 20, 100)), (5, 20, 100)),
    "PNG: nearly that gamma": (png(gamma(47_700), colour=(5, 20, 100)), (5, 20, 100)),
    "PNG: no longer that gamma": (png(gamma(50_000), colour=(5, 20, 100)), (1, 18, 109)),
    "PNG: gamma of 0.55": (png(gamma(55_000)), (64, 118, 210)),
    "PNG: gamma of 0": (png(gamma(0)), BLUE),
    "PNG: gamma and primaries of sRGB": (png(PLAIN, OF_SRGB, colour=(5, 10, 20)), (1, 3, 12)),
    "PNG: gamma and primaries of Adobe RGB": (png(PLAIN, OF_ADOBE), (0, 100, 204)),
    "PNG: gamma and primaries of ProPhoto": (png(gamma(55_556), OF_PROPHOTO), (0, 128, 221)),
    "PNG: primaries alone": (png(OF_ADOBE), BLUE),
    "PNG: primaries of no colour": (png(STRAIGHT, primaries(*[0] * 8)), BLUE),
    "PNG: sRGB before gamma": (png((b"sRGB", b"\0"), STRAIGHT), BLUE),
    "PNG: an sRGB of no meaning": (png((b"sRGB", b"\7"), STRAIGHT), SHOWN_STRAIGHT),
    "PNG: two gammas": (png(PLAIN, STRAIGHT), BLUE),
    "PNG: a gamma behind the pixels": (png(after=png_chunk(*STRAIGHT)), BLUE),
    "PNG: a damaged gamma": (png()[:33] + DAMAGED + png()[33:], BLUE),
    "PNG: a profile": (png(embedded(LINEAR)), SHOWN_STRAIGHT),
    "PNG: a profile before sRGB": (png((b"sRGB", b"\0"), embedded(LINEAR)), SHOWN_STRAIGHT),
    "PNG: a profile that is none, then gamma": (png(embedded(b"junk" * 50), STRAIGHT), SHOWN_STRAIGHT),
    "PNG: a profile cut short, then gamma": (png(embedded(LINEAR[:200]), STRAIGHT), SHOWN_STRAIGHT),
    "PNG: a profile for other channels, then gamma": (png(embedded(GREY), STRAIGHT), BLUE),
    "PNG: a profile of a press": (png(embedded(PRESS), STRAIGHT), BLUE),
    "PNG: grey with gamma": (png(STRAIGHT, colour=(55,), mode="L"), (128, 128, 128)),
    "PNG: grey and alpha with gamma": (png(STRAIGHT, colour=(55, 255), mode="LA"), (128, 128, 128)),
    "PNG: alpha with gamma": (png(STRAIGHT, colour=(55, 55, 55, 255), mode="RGBA"), (128, 128, 128)),
    "PNG: grey with a profile of grey": (png(embedded(GREY), colour=(55,), mode="L"), (128, 128, 128)),
    "PNG: grey and alpha with one": (png(embedded(GREY), colour=(55, 255), mode="LA"), (128, 128, 128)),
    "PNG: grey with a profile of colours": (png(embedded(LINEAR), colour=(55,), mode="L"), (128, 128, 128)),
    "PNG: a palette with a profile": (of_a_palette(icc_profile=LINEAR), SHOWN_STRAIGHT),
    "PNG: a palette with alpha and a profile": (of_a_palette(icc_profile=LINEAR, transparency=0), SHOWN_STRAIGHT),
    "PNG: a palette, gamma behind it": (of_a_palette(png_chunk(*STRAIGHT)), SHOWN_STRAIGHT),
    "PNG: 16 bits": (png(colour=(0x80FF,) * 3, depth=16), (128, 128, 128)),
    "PNG: 16 bits with gamma, dark": (png(STRAIGHT, colour=(300,) * 3, depth=16), (13, 13, 13)),
    "PNG: 16 bits of grey with gamma, dark": (png(STRAIGHT, colour=(300,), mode="L", depth=16), (13, 13, 13)),
    "PNG: 16 bits with alpha": (png(colour=(0x3232, 0x6464, 0xC8C8, 0xFFFF), mode="RGBA", depth=16), BLUE),
    "PNG: code points of Display P3": (png(code_points(12, 13, 0, 1)), (26, 101, 207)),
    "PNG: code points of BT.709": (png(code_points(1, 1, 0, 1)), (39, 91, 197)),
    "PNG: code points of BT.2020": (png(code_points(9, 14, 0, 1)), (0, 94, 205)),
    "PNG: code points of PAL": (png(code_points(5, 6, 0, 1)), (34, 91, 196)),
    "PNG: code points of straight light": (png(code_points(1, 8, 0, 1)), SHOWN_STRAIGHT),
    "PNG: code points of SMPTE 240M": (png(code_points(1, 7, 0, 1)), (68, 115, 206)),
    "PNG: code points of a cinema": (png(code_points(1, 17, 0, 1)), (34, 87, 200)),
    "PNG: code points before a profile": (png(code_points(12, 13, 0, 1), embedded(LINEAR)), (26, 101, 207)),
    "PNG: code points not specified, then a profile": (png(code_points(2, 13, 0, 1), embedded(LINEAR)), SHOWN_STRAIGHT),
    "PNG: code points of a narrow range, then gamma": (png(code_points(12, 13, 0, 0), STRAIGHT), SHOWN_STRAIGHT),
    "JPEG: a profile": (one_colour("RGB", BLUE, "JPEG", icc_profile=LINEAR), SHOWN_STRAIGHT),
    "JPEG: a profile for other channels": (one_colour("RGB", BLUE, "JPEG", icc_profile=GREY), BLUE),
    "JPEG: grey with a profile of grey": (one_colour("L", 55, "JPEG", icc_profile=GREY), (128, 128, 128)),
    "JPEG: grey with a profile of colours": (one_colour("L", 55, "JPEG", icc_profile=LINEAR), (128, 128, 128)),
    "JPEG: CMYK": (one_colour("CMYK", INK, "JPEG"), OF_INK),
    "JPEG: CMYK with a profile": (INK_OF_A_PRESS, (183, 120, 74)),
    "JPEG: CMYK with a profile for other channels": (one_colour("CMYK", INK, "JPEG", icc_profile=LINEAR), OF_INK),
    "JPEG: Adobe RGB in EXIF alone": (one_colour("RGB", BLUE, "JPEG", exif=camera_says_adobe_rgb()), BLUE),
    "JPEG: a profile in pieces, out of order": (in_pieces((2, 2, LINEAR[99:]), (1, 2, LINEAR[:99])), SHOWN_STRAIGHT),
    "JPEG: a profile of which a piece is missing": (in_pieces((1, 2, LINEAR)), BLUE),
    "JPEG: a profile twice": (in_pieces((1, 1, LINEAR), (1, 1, SRGB)), SHOWN_STRAIGHT),
    "JPEG: a piece counted from 0": (in_pieces((0, 1, LINEAR)), BLUE),
    "WebP: a profile": (lossless(icc_profile=LINEAR), SHOWN_STRAIGHT),
    "WebP: a profile for other channels": (lossless(icc_profile=GREY), BLUE),
}


def colour_of(copy: Image.Image) -> tuple[int, ...]:
    return tuple(int(value) for value in np.asarray(copy.convert("RGB"))[SIZE // 2, SIZE // 2])


@pytest.mark.parametrize(("data", "colour"), SHOWN.values(), ids=SHOWN.keys())
def test_every_copy_shows_what_a_browser_shows(data: bytes, colour: tuple[int, int, int]):
    inspect(data, Limits())
    stripped = strip(data)
    copies = {
        "display copy": decode(display_copy(data)),
        "of the published copy": decode(display_copy(stripped)),
        "thumbnail": decode(thumbnail(data)),
        "tile": tile(cut_tiles(stripped), 0),
    }
    # WebP and JPEG have their own roundings; between the values of a table, browsers guess in their own way.
    for name, copy in copies.items():
        assert colour_of(copy) == pytest.approx(colour, abs=6 if data is INK_OF_A_PRESS else 4), name


@pytest.mark.parametrize("name", ["gamma of 1", "a profile", "code points of Display P3", "16 bits with gamma, dark"])
def test_what_is_turned_for_good_declares_its_colours_as_before(name: str):
    data, colour = SHOWN[f"PNG: {name}"]
    lying = data[:33] + png_chunk(b"eXIf", exif(6).tobytes()[6:]) + data[33:]
    stripped = strip(lying)
    assert b"eXIf" not in stripped
    assert stripped[24] == data[24], "as many bits a channel"
    assert colour_of(decode(display_copy(stripped))) == pytest.approx(colour, abs=4)


def test_a_dark_render_of_16_bits_keeps_its_steps():
    ramp = np.repeat(np.arange(0, 640, 10, dtype=">u2")[None, :, None], 3, axis=2)
    rows = zlib.compress(b"\0" + ramp.tobytes())
    header = struct.pack(">IIBBBBB", 64, 1, 16, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), STRAIGHT, (b"IDAT", rows), (b"IEND", b"")]
    data = b"\x89PNG\r\n\x1a\n" + b"".join(png_chunk(*chunk) for chunk in chunks)
    steps = np.unique(np.asarray(decode(display_copy(data)).convert("L")))
    assert len(steps) > 12, "cut to eight bits first, three would be left"


@pytest.mark.parametrize("curve", [16, 18])
def test_colours_that_every_screen_shows_otherwise_are_refused(curve: int):
    with pytest.raises(ImageRefused, match=r"high dynamic range .* export it in sRGB"):
        inspect(png(code_points(9, curve, 0, 1)), Limits())


@pytest.mark.parametrize(
    "data",
    [
        png(embedded(SRGB + bytes(MOST_PROFILE_BYTES))),
        lossless(icc_profile=SRGB + bytes(MOST_PROFILE_BYTES)),
        one_colour("RGB", BLUE, "JPEG", icc_profile=SRGB + bytes(MOST_PROFILE_BYTES)),
    ],
    ids=["PNG", "WebP", "JPEG"],
)
def test_a_profile_that_is_no_profile_by_its_size_is_refused(data: bytes):
    with pytest.raises(ImageRefused, match=r"colour profile too large: at most [14],\d+,\d+ bytes"):
        inspect(data, Limits())


def test_a_large_profile_of_a_press_is_read():
    profile = bytearray(PRESS + bytes(2_000_000))
    data = one_colour("CMYK", INK, "JPEG", icc_profile=bytes(profile))
    assert colour_of(decode(display_copy(data))) == pytest.approx((183, 120, 74), abs=6)


@pytest.mark.parametrize(
    "data",
    [in_pieces((1, 1, LINEAR), (1, 1, SRGB)), png(embedded(LINEAR), embedded(SRGB))],
    ids=["JPEG", "PNG"],
)
def test_of_two_profiles_the_published_copy_keeps_the_one_that_counts_to_browsers(data: bytes):
    assert decode(strip(data)).info["icc_profile"] == LINEAR


def test_the_published_copy_has_no_declaration_for_which_browsers_refuse_it():
    assert b"cICP" not in strip(png(code_points(12, 13, 1, 1)))
    assert b"cICP" in strip(png(code_points(12, 13, 0, 1)))


def test_a_render_in_straight_light_is_judged_as_it_is_published():
    data = (ROOT / "fixtures/imports/images/i06_gama_linear.png").read_bytes()
    stored, shown = (np.asarray(image, float) for image in (decode(data), decode(display_copy(data))))
    assert shown[stored == 55] == pytest.approx(128, abs=3)
    assert shown[stored == 120] == pytest.approx(182, abs=3)
