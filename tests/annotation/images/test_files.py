"""An image is judged by its bytes; its copies show the same and say nothing of where it came from."""

from __future__ import annotations

import io
import random
import struct
import time
import zlib

import numpy as np
import pytest
from PIL import Image, ImageCms, ImageFile, PngImagePlugin

from annotation.errors import ImageRefused
from annotation.images.files import Limits, display_copy, inspect, sha256_of, strip, thumbnail

LIMITS = Limits()
PLACE = b"N 48 deg 12 min"


def scene(width: int = 96, height: int = 64, mode: str = "RGB", seed: int = 1) -> Image.Image:
    """Draw coarse random blocks: no two seeds look alike, and no turn of one looks like itself."""
    blocks = np.random.default_rng(seed).integers(0, 256, (4, 6, 3), dtype=np.uint8)
    return Image.fromarray(blocks).resize((width, height), Image.Resampling.BICUBIC).convert(mode)


def encode(image: Image.Image, form: str = "PNG", **options) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, form, **options)
    return buffer.getvalue()


def decode(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def exif(orientation: int = 1) -> Image.Exif:
    """Say where, when and with what an image was taken."""
    tags = Image.Exif()
    tags[0x0112] = orientation
    tags[0x010F] = "Camera of " + PLACE.decode()
    tags.get_ifd(0x8825)[29] = PLACE.decode()
    return tags


def png_with_size(width: int, height: int) -> bytes:
    """Make a small PNG that declares any size."""
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [header, b"IDAT" + zlib.compress(b"\0" * 1000), b"IEND"]
    framed = [struct.pack(">I", len(c) - 4) + c + struct.pack(">I", zlib.crc32(c)) for c in chunks]
    return b"\x89PNG\r\n\x1a\n" + b"".join(framed)


def webp_with_size(width: int, height: int) -> bytes:
    """Make the beginning of a WebP that declares any size."""
    sizes = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    body = b"WEBPVP8X" + struct.pack("<I", 10) + bytes(4) + sizes + b"VP8 " + struct.pack("<I", 0)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def animation(form: str) -> bytes:
    return encode(scene(), form, save_all=True, append_images=[scene(seed=2)], duration=50)


JPEG = encode(scene(400, 300), "JPEG", quality=95)
PNG = encode(scene(400, 300))

BAD = {
    "nothing at all": (b"", "not an image"),
    "a renamed text file": (b"Dear diary, this is not an image.", "not an image; JPEG, PNG and WebP are accepted"),
    "a GIF": (encode(scene(), "GIF"), "a GIF file; JPEG, PNG and WebP are accepted"),
    "a TIFF": (encode(scene(), "TIFF"), "a TIFF file; JPEG, PNG and WebP are accepted"),
    "a BMP": (encode(scene(), "BMP"), "a BMP file; JPEG, PNG and WebP are accepted: export it as JPEG or PNG"),
    "a JPEG cut in half": (JPEG[: len(JPEG) // 2], "broken or cut short"),
    "a JPEG cut in its header": (JPEG[:100], "broken or cut short"),
    "three bytes of a JPEG": (JPEG[:3], "broken or cut short"),
    "a PNG cut in half": (PNG[: len(PNG) // 2], "broken or cut short"),
    "a PNG with a damaged chunk": (PNG[:60] + b"\xff\xff\xff\xff" + PNG[64:], "broken or cut short"),
    "a WebP cut in half": (encode(scene(400, 300), "WEBP")[:300], "broken or cut short"),
    "an animated PNG": (animation("PNG"), "animated; only still images are accepted"),
    "an animated WebP": (animation("WEBP"), "animated; only still images are accepted"),
    "a PNG of 30,000 x 30,000 pixels": (
        png_with_size(30_000, 30_000),
        "at most 200,000,000 pixels are accepted, not 30,000 x 30,000",
    ),
    "a WebP of 16,000 x 16,000 pixels": (webp_with_size(16_000, 16_000), "at most 200,000,000 pixels are accepted"),
}


@pytest.mark.parametrize(("data", "reason"), BAD.values(), ids=BAD.keys())
def test_refused_with_the_reason_and_at_once(data: bytes, reason: str):
    start = time.process_time()
    with pytest.raises(ImageRefused, match=reason):
        inspect(data, LIMITS)
    assert time.process_time() - start < 1


def test_a_file_of_too_many_bytes_is_refused_with_the_limit():
    with pytest.raises(ImageRefused, match=f"at most 1,000 bytes are accepted, not {len(JPEG):,}"):
        inspect(JPEG, Limits(bytes=1000))


def test_the_limit_of_pixels_is_the_last_number_accepted():
    assert inspect(PNG, Limits(pixels=400 * 300)).width == 400
    with pytest.raises(ImageRefused, match="at most 119,999 pixels are accepted, not 400 x 300"):
        inspect(PNG, Limits(pixels=400 * 300 - 1))


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_pillows_own_limit_stands_aside_and_comes_back(form: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)
    data = encode(scene(400, 300), form)
    assert inspect(data, LIMITS).height == 300
    assert strip(data)
    assert display_copy(data)
    assert Image.MAX_IMAGE_PIXELS == 1000


def test_truncated_files_are_never_let_through_by_a_switch_of_pillow():
    assert ImageFile.LOAD_TRUNCATED_IMAGES is False


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_a_good_image_is_described(form: str):
    data = encode(scene(400, 300), form)
    image = inspect(data, LIMITS)
    assert (image.format, image.width, image.height, image.byte_size) == (form, 400, 300, len(data))
    assert image.sha256 == sha256_of(data)
    assert len(image.perceptual_hash) == 16
    assert len(image.miniature) == 32 * 32


def distance(one: bytes, other: bytes) -> int:
    """Count the bits by which perceptual hashes differ."""
    hashes = [int(inspect(data, LIMITS).perceptual_hash, 16) for data in (one, other)]
    return (hashes[0] ^ hashes[1]).bit_count()


def test_perceptual_hashes_are_near_for_the_same_scene_and_far_for_another():
    assert distance(PNG, encode(scene(200, 150), "JPEG", quality=60)) <= 6
    assert distance(PNG, encode(scene(400, 300, seed=2))) > 12


def test_perceptual_hashes_compare_what_is_shown():
    turned = scene(400, 300).transpose(Image.Transpose.ROTATE_90)
    assert distance(PNG, encode(turned, "JPEG", exif=exif(6))) <= 6
    assert distance(PNG, encode(turned, "JPEG")) > 12


# Stripped copies

RICH = {
    "JPEG": encode(scene(), "JPEG", exif=exif(), comment=PLACE, xmp=b"<x>" + PLACE + b"</x>"),
    "grey JPEG": encode(scene(mode="L"), "JPEG", exif=exif(), comment=PLACE),
    "CMYK JPEG": encode(scene(mode="CMYK"), "JPEG", exif=exif(), comment=PLACE),
    "progressive JPEG": encode(scene(300, 200), "JPEG", progressive=True, exif=exif(), comment=PLACE),
    "JPEG with restart markers": encode(scene(300, 200), "JPEG", restart_marker_rows=1, exif=exif()),
    "JPEG with something behind its end": encode(scene(), "JPEG", exif=exif()) + JPEG + PLACE,
    "PNG": encode(scene(), exif=exif()),
    "PNG with transparency": encode(scene(mode="RGBA"), exif=exif()),
    "palette PNG": encode(scene(mode="P"), exif=exif(), transparency=3),
    "16-bit PNG": encode(Image.fromarray(np.arange(6000, dtype=np.uint16).reshape(60, 100)), exif=exif()),
    "WebP": encode(scene(), "WEBP", exif=exif(), xmp=b"<x>" + PLACE + b"</x>"),
    "lossless WebP": encode(scene(mode="RGBA"), "WEBP", lossless=True, exif=exif()),
    "WebP with transparency": encode(scene(mode="RGBA"), "WEBP", exif=exif(), xmp=PLACE),
    "multi-image JPEG": encode(scene(), "MPO", save_all=True, append_images=[scene(seed=2)], exif=exif()),
}


@pytest.mark.parametrize("data", RICH.values(), ids=RICH.keys())
def test_stripping_removes_what_is_said_and_keeps_every_pixel(data: bytes):
    assert PLACE in data
    inspect(data, LIMITS)
    stripped = strip(data)
    before, after = decode(data), decode(stripped)
    assert PLACE not in stripped
    assert not after.getexif()
    assert not {"comment", "xmp", "exif", "mp"} & set(after.info)
    assert (after.mode, after.size) == (before.mode, before.size)
    assert after.tobytes() == before.tobytes()
    assert after.info.get("transparency") == before.info.get("transparency")
    assert inspect(stripped, LIMITS).perceptual_hash == inspect(data, LIMITS).perceptual_hash


def test_stripping_removes_captions_provenance_thumbnails_and_unknown_application_data():
    segments = {0xED: b"Photoshop 3.0\0", 0xEB: b"JP\0\0c2pa", 0xE1: b"http://ns.adobe.com/xap/1.0/\0", 0xE5: b"any"}
    extra = [bytes([0xFF, m]) + struct.pack(">H", len(b + PLACE) + 2) + b + PLACE for m, b in segments.items()]
    jfif_with_thumbnail = b"JFIF\0\1\1\0\0\1\0\1" + b"\2\1" + b"thumbs"
    start = b"\xff\xd8\xff\xe0" + struct.pack(">H", len(jfif_with_thumbnail) + 2) + jfif_with_thumbnail
    data = start + b"".join(extra) + JPEG[20:]
    stripped = strip(data)
    assert stripped == strip(JPEG)
    assert PLACE not in stripped
    assert b"thumbs" not in stripped


def test_stripping_removes_text_and_time_from_a_png_and_keeps_its_colours():
    info = PngImagePlugin.PngInfo()
    info.add_text("Author", PLACE.decode())
    info.add_itxt("Comment", PLACE.decode(), zip=True)
    info.add(b"gAMA", struct.pack(">I", 45455))
    info.add(b"tIME", bytes(7))
    stripped = strip(encode(scene(), pnginfo=info, dpi=(72, 72)) + PLACE)
    assert PLACE not in stripped
    assert b"gAMA" in stripped
    assert not any(name in stripped for name in (b"tEXt", b"zTXt", b"iTXt", b"tIME"))


def test_stripped_webp_no_longer_announces_what_is_gone():
    stripped = strip(RICH["WebP with transparency"])
    assert stripped[12:16] == b"VP8X"
    assert stripped[20] & 0b1100 == 0
    assert int.from_bytes(stripped[4:8], "little") + 8 == len(stripped)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_the_colour_profile_stays(form: str):
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert decode(strip(encode(scene(), form, icc_profile=profile, exif=exif()))).info["icc_profile"] == profile


@pytest.mark.parametrize("form", ["JPEG", "PNG"])
@pytest.mark.parametrize("orientation", range(2, 9))
def test_what_is_upright_only_by_exif_is_turned_for_good(form: str, orientation: int):
    lying = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    upright = scene()
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    data = encode(upright.transpose(lying[orientation]), form, exif=exif(orientation), icc_profile=profile, quality=95)
    image = inspect(data, LIMITS)
    assert (image.width, image.height) == upright.size
    stripped = decode(strip(data))
    for copy in (stripped, decode(display_copy(data)), decode(thumbnail(data))):
        assert not copy.getexif()
        assert difference(copy, upright) < 6
    assert stripped.info["icc_profile"] == profile


def difference(one: Image.Image, other: Image.Image) -> float:
    """Return the mean absolute difference of two images, in levels of 0 to 255."""
    assert one.size == other.size
    return float(np.abs(np.asarray(one.convert("RGB"), float) - np.asarray(other.convert("RGB"), float)).mean())


@pytest.mark.parametrize("orientation", [0, 9, 77])
def test_an_orientation_that_makes_no_sense_is_passed_over(orientation: int):
    data = encode(scene(), exif=exif(orientation))
    assert decode(strip(data)).tobytes() == scene().tobytes()


def test_copies_are_the_same_bytes_each_time():
    turned = encode(scene(), "JPEG", exif=exif(6))
    for make in (strip, display_copy, thumbnail):
        assert make(turned) == make(turned)


# Copies for the screen


def test_copies_for_the_screen_have_their_sizes_and_are_never_enlarged():
    wide, small = encode(scene(3000, 1000)), encode(scene(100, 50))
    assert decode(display_copy(wide)).size == (2048, 683)
    assert decode(thumbnail(wide)).size == (320, 107)
    assert decode(display_copy(small)).size == decode(thumbnail(small)).size == (100, 50)
    assert decode(display_copy(wide)).format == "WEBP"


def test_a_line_of_pixels_has_copies_too():
    assert decode(thumbnail(encode(scene(5000, 1)))).size == (320, 1)


def test_copies_for_the_screen_say_nothing():
    for data in RICH.values():
        for copy in (display_copy(data), thumbnail(data)):
            assert PLACE not in copy
            assert not {b"EXIF", b"XMP ", b"ICCP"} & {copy[i : i + 4] for i in range(12, len(copy))}


def swapped_channels() -> bytes:
    """Make a profile in which red and green have changed places, so that ignoring it shows."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    tags = {profile[p : p + 4].decode(): p for p in range(132, 132 + 12 * int.from_bytes(profile[128:132], "big"), 12)}
    red, green = (slice(tags[tag] + 4, tags[tag] + 12) for tag in ("rXYZ", "gXYZ"))
    profile[red], profile[green] = profile[green], profile[red]
    return bytes(profile)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_colours_are_converted_by_the_embedded_profile(form: str):
    data = encode(Image.new("RGB", (32, 32), (220, 30, 30)), form, icc_profile=swapped_channels())
    red, green, blue = np.asarray(decode(display_copy(data)))[16, 16]
    assert green > 200
    assert red < 60
    assert blue < 60


@pytest.mark.parametrize("profile", [b"nonsense", swapped_channels()[:200]])
def test_a_broken_profile_is_passed_over(profile: bytes):
    data = encode(Image.new("RGB", (32, 32), (220, 30, 30)), icc_profile=profile)
    assert difference(decode(display_copy(data)), Image.new("RGB", (32, 32), (220, 30, 30))) < 4


def test_a_profile_for_other_channels_is_passed_over():
    data = encode(Image.new("L", (32, 32), 90), icc_profile=swapped_channels())
    assert difference(decode(display_copy(data)), Image.new("RGB", (32, 32), (90, 90, 90))) < 4


def image_of(mode: str, value) -> bytes:
    return encode(Image.new(mode, (32, 32), value))


def palette_of(**options) -> bytes:
    image = Image.new("P", (32, 32), 1)
    image.putpalette([255, 0, 0, 10, 200, 10])
    return encode(image, **options)


SHOWN = {
    "transparent pixels as neutral grey": (image_of("RGBA", (255, 0, 0, 0)), (0x77, 0x77, 0x77)),
    "half transparent red over grey": (image_of("RGBA", (255, 0, 0, 128)), (187, 59, 59)),
    "grey with transparency": (image_of("LA", (0, 0)), (0x77, 0x77, 0x77)),
    "a transparent entry of a palette": (palette_of(transparency=1), (0x77, 0x77, 0x77)),
    "16-bit grey, scaled": (image_of("I;16", 0x8000), (128, 128, 128)),
    "black and white": (image_of("1", 1), (255, 255, 255)),
    "a CMYK JPEG": (encode(Image.new("CMYK", (32, 32), (0, 255, 255, 0)), "JPEG", quality=95), (255, 0, 0)),
    "a colour of a palette": (palette_of(), (10, 200, 10)),
}


@pytest.mark.parametrize(("data", "colour"), SHOWN.values(), ids=SHOWN.keys())
def test_shown_on_screen(data: bytes, colour: tuple[int, int, int]):
    inspect(data, LIMITS)
    assert difference(decode(display_copy(data)), Image.new("RGB", (32, 32), colour)) < 5


# What nobody thought of


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
def test_damaged_files_are_refused_or_copied_but_never_raise_anything_else():
    chance = random.Random(7)
    outcomes = set()
    for _ in range(300):
        data = bytearray(chance.choice(list(RICH.values())))
        for _ in range(chance.randint(1, 20)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        try:
            inspect(bytes(data), LIMITS)
        except ImageRefused:
            outcomes.add("refused")
            continue
        outcomes.add("copied")
        strip(bytes(data))
        thumbnail(display_copy(bytes(data)))
    assert outcomes == {"refused", "copied"}
