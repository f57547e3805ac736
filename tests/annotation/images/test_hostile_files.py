"""What is said in a file never refuses its pixels, and no file costs more time than its size is worth."""

from __future__ import annotations

import struct
import time
import zlib

import pytest
import pyvips
from PIL import Image, PngImagePlugin

from annotation.errors import ImageRefused
from annotation.images import files
from annotation.images.files import Limits, display_copy, inspect, strip
from annotation.images.tiles import cut_tiles
from rendering.containers import png_parts
from tests.annotation.images.test_files import PLACE, decode, encode, exif, scene
from tests.harness.installation import ROOT
from tests.harness.png import png_chunk

LIMITS = Limits()
LONG = "a step of the workflow " * 100_000
TURNED_BY_XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    b'<rdf:Description xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Orientation="6"/></rdf:RDF></x:xmpmeta>'
)
CASES = ROOT / "fixtures" / "imports" / "images"


def texts(*add: tuple[str, bool, int]) -> PngImagePlugin.PngInfo:
    info = PngImagePlugin.PngInfo()
    for kind, packed, count in add:
        for number in range(count):
            if kind == "iTXt":
                info.add_itxt(f"note {number}", LONG, zip=packed)
            else:
                info.add_text(f"note {number}", LONG, zip=packed)
    return info


def with_chunk(name: bytes, body: bytes, data: bytes = b"") -> bytes:
    """Put a chunk before the pixels of a PNG."""
    data = data or encode(scene())
    return data[:33] + png_chunk(name, body) + data[33:]


def jpeg_with(segments: bytes) -> bytes:
    data = encode(scene(), "JPEG")
    return data[:2] + segments + data[2:]


def segment(marker: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


SPEAKING = {
    "a packed text of over a megabyte": encode(scene(), pnginfo=texts(("zTXt", True, 1))),
    "a packed international text": encode(scene(), pnginfo=texts(("iTXt", True, 1))),
    "plain text": encode(scene(), pnginfo=texts(("tEXt", False, 1))),
    "many texts that are long together": encode(scene(), pnginfo=texts(("zTXt", True, 30), ("iTXt", True, 10))),
    "a text that is not packed as it says": with_chunk(b"zTXt", b"note\0\0no zlib"),
    "a text packed in an unknown way": with_chunk(b"zTXt", b"note\0\7" + zlib.compress(b"x")),
    "a text without an end of its name": with_chunk(b"iTXt", b"note"),
    "a text that is no UTF-8": with_chunk(b"iTXt", b"note\0\0\0\0\0\xff\xfe"),
    "an empty text": with_chunk(b"tEXt", b""),
    "a text whose check sum is wrong": with_chunk(b"tEXt", b"note\0text").replace(b"note\0text", b"note\0lies"),
    "EXIF that is none": with_chunk(b"eXIf", b"nonsense"),
    "a time that is none": with_chunk(b"tIME", b"\0"),
    "a resolution that is none": with_chunk(b"pHYs", b"\0" * 3),
    "a profile with a name of any length": with_chunk(b"iCCP", b"x" * 200 + b"\0\0junk"),
    "an animation that is cut short": with_chunk(b"acTL", b"\0"),
    "JPEG: captions that are none": jpeg_with(segment(0xED, b"Photoshop 3.0\0" + b"8BIM\4\4\0\0\xff\xff\xff\xff")),
    "JPEG: EXIF that is none": jpeg_with(segment(0xE1, b"Exif\0\0nonsense")),
    "JPEG: an index of images that is none": jpeg_with(segment(0xE2, b"MPF\0nonsense")),
    "JPEG: a profile of which a piece is missing": jpeg_with(segment(0xE2, b"ICC_PROFILE\0\2\3piece")),
    "JPEG: comments of megabytes": jpeg_with(segment(0xFE, b"x" * 60_000) * 100),
    "JPEG: an empty JFIF": jpeg_with(segment(0xE0, b"JFIF\0")),
    "JPEG: an empty Adobe": jpeg_with(segment(0xEE, b"Adobe")),
}


@pytest.mark.parametrize("data", SPEAKING.values(), ids=SPEAKING.keys())
def test_what_is_said_in_a_file_does_not_refuse_its_pixels(data: bytes):
    start = time.process_time()
    image = inspect(data, LIMITS)
    assert (image.width, image.height) == (96, 64)
    stripped = strip(data)
    assert len(stripped) < 30_000
    assert decode(stripped).tobytes() == decode(strip(encode(scene(), image.format))).tobytes()
    assert decode(display_copy(data)).size == (96, 64)
    assert time.process_time() - start < 2


@pytest.mark.parametrize("name", ["i04_ztxt_workflow.png", "i05_itxt_xmp_history.png"])
def test_long_texts_of_other_programs_are_stripped(name: str):
    data = (CASES / name).read_bytes()
    assert inspect(data, LIMITS).width == 320
    assert len(strip(data)) < len(data)


RAW_EXIF = b"Raw profile type exif\0\nexif\n26\n" + exif(6).tobytes().hex().encode()
XMP_ALONE = {
    "JPEG": encode(scene(), "JPEG", xmp=TURNED_BY_XMP),
    "WebP": encode(scene(), "WEBP", xmp=TURNED_BY_XMP),
    "PNG": with_chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + TURNED_BY_XMP),
    "PNG, EXIF in a text": with_chunk(
        b"tEXt", b"Raw profile type exif\0\nexif\n26\n" + exif(6).tobytes().hex().encode()
    ),
}


@pytest.mark.parametrize("data", XMP_ALONE.values(), ids=XMP_ALONE.keys())
def test_only_exif_says_how_an_image_stands_upright(data: bytes):
    image = inspect(data, LIMITS)
    assert (image.width, image.height) == (96, 64)
    assert decode(strip(data)).tobytes() == decode(data).tobytes(), "not encoded once more"
    assert decode(display_copy(data)).size == (96, 64)


@pytest.mark.parametrize("name", ["i08_xmp_only_orient6.jpg", "i08b_xmp_only_orient6.png"])
def test_files_turned_by_xmp_alone_stay_as_browsers_show_them(name: str):
    data = (CASES / name).read_bytes()
    stored = Image.open(CASES / name)
    assert (inspect(data, LIMITS).width, inspect(data, LIMITS).height) == stored.size
    assert decode(strip(data)).tobytes() == stored.tobytes()


def test_exif_goes_before_xmp():
    image = inspect(encode(scene(), "JPEG", xmp=TURNED_BY_XMP, exif=exif(1)), LIMITS)
    assert (image.width, image.height) == (96, 64)


def tiff(value: int, kind: int = 3, count: int = 1, endian: str = "<") -> bytes:
    """Make the EXIF that says nothing but an orientation."""
    start = {"<": b"II*\0", ">": b"MM\0*"}[endian] + struct.pack(f"{endian}IH", 8, 1)
    packed = {3: struct.pack(f"{endian}Hxx", value), 4: struct.pack(f"{endian}I", value), 1: bytes([value, 0, 0, 0])}
    return start + struct.pack(f"{endian}HHI", 0x0112, kind, count) + packed[kind] + bytes(4)


def exif_segment(content: bytes) -> bytes:
    return segment(0xE1, b"Exif\0\0" + content)


UPRIGHT, LYING = (96, 64), (64, 96)
# As Chromium takes each of them.
WAYS_OF_EXIF = {
    "JPEG: either order of bytes": (jpeg_with(exif_segment(tiff(6, endian=">"))), LYING),
    "JPEG: a long number": (jpeg_with(exif_segment(tiff(6, 4))), UPRIGHT),
    "JPEG: a byte": (jpeg_with(exif_segment(tiff(6, 1))), UPRIGHT),
    "JPEG: two numbers": (jpeg_with(exif_segment(tiff(6, count=2))), UPRIGHT),
    "JPEG: cut short behind it": (jpeg_with(exif_segment(tiff(6)[:22])), LYING),
    "JPEG: cut short in it": (jpeg_with(exif_segment(tiff(6)[:20])), UPRIGHT),
    "JPEG: twice, the first counts": (jpeg_with(exif_segment(tiff(6)) + exif_segment(tiff(1))), LYING),
    "JPEG: in an image behind it": (jpeg_with(b"") + jpeg_with(exif_segment(tiff(6))), UPRIGHT),
    "PNG": (with_chunk(b"eXIf", tiff(6)), LYING),
    "PNG: twice, the first counts": (with_chunk(b"eXIf", tiff(6), with_chunk(b"eXIf", tiff(1))), LYING),
    "PNG: with the header of a JPEG's": (with_chunk(b"eXIf", b"Exif\0\0" + tiff(6)), UPRIGHT),
    "PNG: a damaged chunk": (with_chunk(b"eXIf", tiff(6)).replace(tiff(6), tiff(8)), UPRIGHT),
    "WebP": (encode(scene(), "WEBP", exif=exif(6)), UPRIGHT),
    "WebP: lossless": (encode(scene(), "WEBP", exif=exif(6), lossless=True), UPRIGHT),
}


@pytest.mark.parametrize(("data", "size"), WAYS_OF_EXIF.values(), ids=WAYS_OF_EXIF.keys())
def test_exif_counts_where_browsers_take_it(data: bytes, size: tuple[int, int]):
    image = inspect(data, LIMITS)
    assert (image.width, image.height) == decode(strip(data)).size == decode(display_copy(data)).size == size


@pytest.mark.parametrize("name", [b"JUNK", b"PRIV", b"prVt", b"caBX", b"IDOT", b"iDOT", b"vpAg", b"sPLT", b"hIST"])
def test_chunks_that_pixels_and_colours_do_not_need_are_stripped(name: bytes):
    data = with_chunk(name, PLACE)
    inspect(data, LIMITS)
    assert PLACE not in strip(data)


def test_chunks_that_a_decoder_trips_over_do_not_keep_an_image_from_its_tiles():
    data = with_chunk(b"gAMA", struct.pack(">I", 2**31 + 1), with_chunk(b"cHRM", b"\xff" * 32))
    inspect(data, LIMITS)
    assert cut_tiles(strip(data))


@pytest.mark.parametrize(
    "data",
    [
        with_chunk(b"tEXt", b"")[:25] + b"\3" + with_chunk(b"tEXt", b"")[26:],
        encode(scene())[:26] + b"\1" + encode(scene())[27:],
        encode(scene())[:25],
    ],
    ids=["a palette that is missing", "another compression", "nothing behind the sizes"],
)
def test_a_png_that_browsers_do_not_decode_is_refused(data: bytes):
    header = png_chunk(b"IHDR", data[16:29])
    with pytest.raises(ImageRefused, match="broken or cut short"):
        inspect(data[:8] + header + data[33:] if len(data) > 33 else data, LIMITS)


def png_with_rows(count: int, more: bytes = b"", *, end: int | None = None) -> bytes:
    """Make a PNG of 96 x 64 pixels that holds so many rows, and `more` behind them."""
    pixels = scene().tobytes()
    rows = b"".join(b"\0" + pixels[row * 288 : (row + 1) * 288] for row in range(count))
    body = png_chunk(b"IDAT", zlib.compress(rows + more)[:end])
    return encode(scene())[:33] + body + png_chunk(b"IEND", b"")


def interlaced_png(mode: str, *, lacking: int) -> bytes:
    """Make an interlaced PNG with so many bytes too few at its end."""
    image = pyvips.Image.new_from_buffer(encode(scene(mode=mode)), "")
    data: bytes = image.pngsave_buffer(interlace=True)
    rows = zlib.decompress(b"".join(bytes(part.body) for part in png_parts(data) if part.name == b"IDAT"))
    packed = png_chunk(b"IDAT", zlib.compress(rows[: len(rows) - lacking]))
    return data[:33] + packed + png_chunk(b"IEND", b"")


def ending_early(**options: object) -> bytes:
    """Make a JPEG of which half the pixels are missing, though it ends as it should."""
    data = encode(scene(300, 200), "JPEG", **options)
    return data[: (data.index(b"\xff\xda") + len(data)) // 2] + b"\xff\xd9"


ENDING_EARLY = {
    "PNG: all rows but the last": png_with_rows(63),
    "PNG: half the rows": png_with_rows(32),
    "PNG: no rows, and an end": png_with_rows(0),
    "PNG: a part of the last row": png_with_rows(63, b"\0" * 100),
    "PNG: packed rows that are cut": png_with_rows(64, end=-200),
    "PNG: interlaced": interlaced_png("RGB", lacking=1),
    "JPEG": ending_early(),
    "JPEG: progressive": ending_early(progressive=True),
    "JPEG: with restarts": ending_early(restart_marker_blocks=4),
}
WHOLE = {
    "PNG: bytes behind the last row": png_with_rows(64, b"\0" * 100),
    "PNG: no check sum behind the rows": png_with_rows(64, end=-4),
    "PNG: interlaced": interlaced_png("RGB", lacking=0),
    "PNG: interlaced grey": interlaced_png("L", lacking=0),
    "JPEG: bytes behind the last pixel": encode(scene(), "JPEG")[:-2] + b"\0\0\0\xff\xd9",
}


@pytest.mark.parametrize("data", ENDING_EARLY.values(), ids=ENDING_EARLY.keys())
def test_a_file_whose_pixels_end_before_the_image_is_refused(data: bytes):
    with pytest.raises(ImageRefused, match="broken or cut short"):
        inspect(data, LIMITS)


@pytest.mark.parametrize("data", WHOLE.values(), ids=WHOLE.keys())
def test_a_file_with_all_its_pixels_is_accepted_whatever_follows_them(data: bytes):
    assert (inspect(data, LIMITS).width, inspect(data, LIMITS).height) == UPRIGHT


@pytest.mark.parametrize("mode", ["1", "P", "L", "LA", "RGB", "RGBA", "I;16"])
@pytest.mark.parametrize("size", [(1, 1), (2, 9), (7, 3), (97, 65)])
@pytest.mark.parametrize("is_interlaced", [False, True])
def test_every_whole_png_is_accepted(mode: str, size: tuple[int, int], is_interlaced: bool):
    data = encode(Image.new("L" if mode == "I;16" else mode, size).convert(mode))
    if is_interlaced:
        data = pyvips.Image.new_from_buffer(data, "").pngsave_buffer(interlace=True, palette=mode == "P")
    assert (inspect(data, LIMITS).width, inspect(data, LIMITS).height) == size


def bomb_of_scans(count: int) -> bytes:
    """Make a progressive JPEG that goes through its pixels many times, saying nothing new."""
    data = encode(scene(), "JPEG", progressive=True)
    last = data.rindex(b"\xff\xda")
    end = data.rindex(b"\xff\xd9")
    return data[:end] + data[last:end] * count + b"\xff\xd9"


def test_a_jpeg_of_too_many_scans_is_refused_at_once():
    start = time.process_time()
    with pytest.raises(ImageRefused, match=r"in [\d,]+ scans; at most 100 are accepted for 96 x 64 pixels"):
        inspect(bomb_of_scans(5000), LIMITS)
    assert time.process_time() - start < 1


def test_the_more_pixels_the_fewer_scans_are_accepted():
    data = bytearray(bomb_of_scans(60))
    frame = data.index(b"\xff\xc2")
    data[frame + 5 : frame + 9] = struct.pack(">HH", 12_000, 12_000)
    with pytest.raises(ImageRefused, match="at most 27 are accepted for 12,000 x 12,000 pixels"):
        inspect(bytes(data), LIMITS)


def test_the_scans_of_an_honest_progressive_jpeg_are_accepted():
    assert inspect(encode(scene(300, 200), "JPEG", progressive=True), LIMITS).width == 300


@pytest.mark.parametrize(
    "filling",
    [b"\xff" * 10_000_000, b"\xff\x01" * 2_000_000, b"\xff\xd8" * 1_000_000],
    ids=["fill bytes", "markers of no length", "starts"],
)
def test_megabytes_between_segments_cost_no_time(filling: bytes):
    start = time.process_time()
    assert inspect(jpeg_with(filling), LIMITS).width == 96
    assert len(strip(jpeg_with(filling))) < 30_000
    assert time.process_time() - start < 2


@pytest.mark.parametrize("data", [jpeg_with(segment(0xFE, b"") * 300), with_chunk(b"tEXt", b"")], ids=["JPEG", "PNG"])
def test_a_file_in_more_pieces_than_any_program_writes_is_refused(data: bytes, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(files, "MOST_PARTS", 3)
    with pytest.raises(ImageRefused, match="in too many pieces: at most 3 chunks or segments are accepted"):
        inspect(data, LIMITS)
