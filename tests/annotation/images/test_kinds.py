"""A file that is no JPEG, PNG or WebP is named for what it is, with what to do."""

from __future__ import annotations

import struct

import pytest
from PIL import Image

from annotation.errors import ImageRefused
from annotation.images.files import Limits, inspect
from tests.annotation.images.test_files import encode, scene


def iso(brand: bytes, *compatible: bytes) -> bytes:
    """Make the beginning of a file of the family of HEIF, AVIF and MP4."""
    body = b"ftyp" + brand + bytes(4) + b"".join(compatible)
    return struct.pack(">I", len(body) + 4) + body + bytes(100)


EXPORT, STILL, DOWNLOAD = "export it as JPEG or PNG", "save the one frame", "download the image again"
KINDS = {
    "a HEIC": (iso(b"heic", b"mif1"), "a HEIC file", EXPORT),
    "a HEIC of many images": (iso(b"mif1", b"heic"), "a HEIC file", EXPORT),
    "an AVIF": (encode(scene(), "AVIF"), "an AVIF file", EXPORT),
    "an AVIF by its second brand": (iso(b"miaf", b"avif"), "an AVIF file", EXPORT),
    "a CR3": (iso(b"crx "), "a camera raw (CR3) file", EXPORT),
    "a BMP": (encode(scene(), "BMP"), "a BMP file", EXPORT),
    "a JPEG XL": (b"\xff\x0a" + bytes(50), "a JPEG XL file", EXPORT),
    "a JPEG XL in a box": (b"\0\0\0\x0cJXL \r\n\x87\n" + bytes(50), "a JPEG XL file", EXPORT),
    "a JPEG 2000": (encode(scene(), "JPEG2000"), "a JPEG 2000 file", EXPORT),
    "a Photoshop file": (b"8BPS\0\x01" + bytes(50), "a Photoshop (PSD) file", EXPORT),
    "a GIMP file": (b"gimp xcf v011\0", "a GIMP (XCF) file", EXPORT),
    "a TIFF": (encode(scene(), "TIFF"), "a TIFF file", EXPORT),
    "a big TIFF": (b"II+\0" + bytes(50), "a TIFF file", EXPORT),
    "a CR2": (b"II*\0\x10\0\0\0CR\x02\0", "a camera raw (CR2) file", EXPORT),
    "a NEF": (b"MM\0*\0\0\0\x08" + bytes(60) + b"NIKON CORPORATION", "a TIFF or camera raw file", EXPORT),
    "a RAF": (b"FUJIFILMCCD-RAW 0201", "a camera raw file", EXPORT),
    "an icon": (encode(scene(32, 32), "ICO"), "an icon (ICO) file", EXPORT),
    "a PNM": (encode(scene(), "PPM"), "a PNM file", EXPORT),
    "a PCX": (encode(scene(), "PCX"), "a PCX file", EXPORT),
    "a DDS": (encode(scene(), "DDS"), "a DDS file", EXPORT),
    "an OpenEXR": (b"v/1\x01\x02\0\0\0", "an OpenEXR file", EXPORT),
    "a GIF": (encode(scene(), "GIF"), "a GIF file", STILL),
    "an MP4": (iso(b"isom", b"mp42"), "a video file", STILL),
    "a MOV": (iso(b"qt  "), "a video file", STILL),
    "a WebM": (b"\x1a\x45\xdf\xa3" + bytes(50), "a video file", STILL),
    "an AVI": (b"RIFF" + bytes(4) + b"AVI LIST", "a video file", STILL),
    "a PDF": (encode(scene(), "PDF"), "a PDF file", "save that as PNG"),
    "a PostScript": (b"%!PS-Adobe-3.0 EPSF-3.0\n", "a PostScript file", "save that as PNG"),
    "an SVG": (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "an SVG file", "save that as PNG"),
    "an SVG after a preamble": (b'\xef\xbb\xbf<?xml version="1.0"?>\n<!-- by hand --><svg/>', "an SVG file", "as PNG"),
    "an SVG in UTF-16": ('<?xml version="1.0"?><svg/>'.encode("utf-16"), "an SVG file", "save that as PNG"),
    "a page of HTML": (b"\n<!DOCTYPE html><html><title>Sign in</title>", "an HTML file", DOWNLOAD),
    "a page without a head": (b"<html><body>403 Forbidden</body></html>", "an HTML file", DOWNLOAD),
    "an error of a bucket": (b'<?xml version="1.0"?><Error><Code>AccessDenied</Code>', "an XML file", DOWNLOAD),
    "an answer of an API": (b'{"error": "rate limit"}', "a JSON text file", DOWNLOAD),
    "a pointer of Git LFS": (b"version https://git-lfs.github.com/spec/v1\noid sha256:0", "a Git LFS", "git lfs pull"),
    "a pointer of DVC": (b"outs:\n- md5: 0123\n  path: a.jpg\n", "a DVC pointer file", "dvc pull"),
    "a pointer of git-annex": (b"/annex/objects/SHA256E-s1--0.jpg\n", "a git-annex pointer file", "git annex get"),
    "a shortcut of Windows": (b"L\0\0\0\x01\x14\x02\0" + bytes(50), "a shortcut file", "the file it leads to"),
    "a sidecar": (b'<?xpacket begin=""?><x:xmpmeta xmlns:x="adobe:ns:meta/">', "an XMP file", "is not needed"),
    "a zip": (b"PK\x03\x04" + bytes(50), "a zip or Office file", "import the zip by itself"),
    "a 7z": (b"7z\xbc\xaf\x27\x1c", "a compressed file", "unpack it first"),
    "a PNG for iPhones": (b"\x89PNG\r\n\x1a\n\0\0\0\4CgBI", "a PNG that Xcode changed", "the one it was made from"),
    "nothing": (b"", "not an image", "the file is empty; get it again"),
    "a download that broke off": (bytes(5000), "not an image", "nothing but zeros"),
}


@pytest.mark.parametrize(("data", "kind", "advice"), KINDS.values(), ids=KINDS.keys())
def test_a_file_of_another_kind_is_named_with_what_to_do(data: bytes, kind: str, advice: str):
    with pytest.raises(ImageRefused) as refusal:
        inspect(data, Limits())
    said = str(refusal.value)
    assert said.startswith(kind)
    assert "JPEG, PNG and WebP are accepted" in said
    assert advice in said


@pytest.mark.parametrize("frame", [0xC3, 0xC9, 0xCB], ids=["lossless", "arithmetic", "both"])
def test_a_jpeg_that_no_browser_shows_is_named_so(frame: int):
    data = encode(scene(), "JPEG").replace(b"\xff\xc0", bytes([0xFF, frame]))
    with pytest.raises(ImageRefused, match=r"encoded in a way that browsers do not read .*; export it anew"):
        inspect(data, Limits())


def test_a_jpeg_of_twelve_bits_is_named_so():
    data = bytearray(encode(scene(), "JPEG"))
    data[data.index(b"\xff\xc0") + 4] = 12
    with pytest.raises(ImageRefused, match="of other than 8 bits"):
        inspect(bytes(data), Limits())


@pytest.mark.parametrize("form", ["BMP", "GIF", "TIFF", "PPM", "ICO", "TGA", "SGI", "DIB", "XBM", "PCX"])
def test_no_other_file_of_pillows_is_read_whatever_it_is_called(form: str):
    image = Image.new("1", (16, 16)) if form == "XBM" else scene(16, 16)
    with pytest.raises(ImageRefused, match="JPEG, PNG and WebP are accepted"):
        inspect(encode(image, form), Limits())
