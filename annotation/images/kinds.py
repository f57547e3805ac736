"""Tell what kind of file bytes are, by the bytes alone: the three kinds we read, and many others by name."""

from __future__ import annotations

import re

from annotation.errors import ImageRefused
from rendering.containers import form_of

ACCEPTED = "JPEG, PNG and WebP are accepted"
LOOKED_AT = 4096  # bytes of the beginning

EXPORT = "export it as JPEG or PNG"
RENDER = "draw it at the size at which it is to be judged and save that as PNG"
STILL = "save the one frame that is to be judged as PNG"
DOWNLOAD = "it was saved in the image's stead; download the image again, signed in where the site asks for it"

# Brands of the container that HEIF, AVIF and films share (ISO/IEC 14496-12).
BRANDS = {
    **dict.fromkeys((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"), ("a HEIC", EXPORT)),
    **dict.fromkeys((b"avif", b"avis"), ("an AVIF", EXPORT)),
    b"crx ": ("a camera raw (CR3)", EXPORT),
    b"jxl ": ("a JPEG XL", EXPORT),
}
KINDS: tuple[tuple[bytes, str, str], ...] = (
    (rb"GIF8[79]a", "a GIF", STILL),
    (rb"BM.{4}\0\0\0\0.{4}[\x0c\x28\x34\x38\x40\x6c\x7c]\0\0\0", "a BMP", EXPORT),
    (rb"\xff\x0a|\0\0\0\x0cJXL \r\n\x87\n", "a JPEG XL", EXPORT),
    (rb"\0\0\0\x0cjP  \r\n\x87\n|\xff\x4f\xff\x51", "a JPEG 2000", EXPORT),
    (rb"\xff\xd8\xff\xf7|\xff\xf7\xff", "a JPEG-LS", EXPORT),
    (rb"II\xbc\x01", "a JPEG XR", EXPORT),
    (rb"8BPS", "a Photoshop (PSD)", EXPORT),
    (rb"gimp xcf ", "a GIMP (XCF)", EXPORT),
    (rb"(?:II\*\0|MM\0\*).{4}CR", "a camera raw (CR2)", EXPORT),
    (rb"IIRO|IIRS|IIU\0|MMOR|FUJIFILMCCD-RAW|FOVb|\0MRM", "a camera raw", EXPORT),
    (rb"(?:II\*\0|MM\0\*).*?(?:NIKON|SONY|PENTAX|Hasselblad|Phase One|DNG|Adobe DNG)", "a TIFF or camera raw", EXPORT),
    (rb"II[*+]\0|MM\0[*+]", "a TIFF", EXPORT),
    (rb"DDS ", "a DDS", EXPORT),
    (rb"qoif", "a QOI", EXPORT),
    (rb"v/1\x01", "an OpenEXR", EXPORT),
    (rb"#\?(?:RADIANCE|RGBE)", "a Radiance HDR", EXPORT),
    (rb"\0\0\x01\0.\0", "an icon (ICO)", EXPORT),
    (rb"\x0a[\x00-\x05]\x01[\x01\x02\x04\x08]", "a PCX", EXPORT),
    (rb"AT&TFORM", "a DjVu", EXPORT),
    (rb"P[1-7]\s", "a PNM", EXPORT),
    (rb"%PDF-|\s+%PDF-", "a PDF", RENDER),
    (rb"%!PS|\xc5\xd0\xd3\xc6", "a PostScript", RENDER),
    (rb"\xd7\xcd\xc6\x9a|\x01\0\0\0.{36} EMF", "a Windows metafile", RENDER),
    (rb"\x8aMNG", "an MNG animation", STILL),
    (rb"\x1a\x45\xdf\xa3|RIFF.{4}AVI |OggS|FLV\x01|\0\0\x01[\xba\xb3]|0&\xb2u\x8ef\xcf\x11", "a video", STILL),
    (rb"ID3|RIFF.{4}WAVE|fLaC", "a sound", "an image of it cannot be judged"),
    (rb"outs:\s+- ?(?:md5|etag|hash|path)", "a DVC pointer", "get the files themselves by `dvc pull`"),
    (rb"/annex/objects/", "a git-annex pointer", "get the files themselves by `git annex get`"),
    (rb"# xet version", "a Xet pointer", "get the files themselves by `git xet` or `hf download`"),
    (rb"L\0\0\0\x01\x14\x02\0|book\0\0\0\0mark\0|\[InternetShortcut\]", "a shortcut", "take the file it leads to"),
    (rb"(?:\xef\xbb\xbf)?<(?:\?xpacket|x:xmpmeta)", "an XMP", "it says something of an image and is not needed"),
    (rb"version https://git-lfs", "a Git LFS pointer", "get the files themselves by `git lfs pull`"),
    (rb"PK\x03\x04|PK\x05\x06", "a zip or Office", "unpack it beside the images, or import the zip by itself"),
    (rb"\x1f\x8b|7z\xbc\xaf|Rar!|BZh|\xfd7zXZ|\x28\xb5\x2f\xfd", "a compressed", "unpack it first"),
    (rb"(?:\xef\xbb\xbf)?\s*[\[{]\s*(?:[\"{\[\]}])", "a JSON text", DOWNLOAD),
)


def sniff(data: bytes) -> str:
    """Return the format the bytes themselves declare. Raise ImageRefused naming any other kind, and what to do."""
    if form := form_of(data):
        if form == "PNG" and data[12:16] == b"CgBI":
            raise ImageRefused(f"a PNG that Xcode changed for iPhones; take the one it was made from; {ACCEPTED}")
        return form
    kind, advice = _other_kind(data[:LOOKED_AT])
    raise ImageRefused(f"{kind} file; {ACCEPTED}: {advice}" if kind else f"not an image; {ACCEPTED}{advice}")


def _other_kind(start: bytes) -> tuple[str, str]:
    """Return what a file is called that we do not read, and what to do with it."""
    if not start:
        return "", ": the file is empty; get it again"
    if not any(start):
        return "", ": the file holds nothing but zeros, as after a download that broke off; get it again"
    if start[4:8] == b"ftyp":
        return next((BRANDS[brand] for brand in _brands(start) if brand in BRANDS), ("a video", STILL))
    if start[4:8] in (b"moov", b"mdat", b"wide"):
        return "a video", STILL
    for pattern, kind, advice in KINDS:
        if re.match(pattern, start, re.DOTALL):
            return kind, advice
    return _kind_of_text(start)


def _brands(start: bytes) -> list[bytes]:
    """Return the brands of an ISO file: its own first, then those it is compatible with."""
    end = min(int.from_bytes(start[:4], "big"), len(start))
    return [start[8:12], *(start[position : position + 4] for position in range(16, end, 4))]


def _kind_of_text(start: bytes) -> tuple[str, str]:
    encoding = "utf-16" if start[:2] in (b"\xff\xfe", b"\xfe\xff") else "latin-1"
    text = start.decode(encoding, "replace").lower()
    if re.match(r"[^<]{0,9}<", text):
        if "<svg" in text:
            return "an SVG", RENDER
        if re.search("<!doctype html|<html|<head|<body|<title", text):
            return "an HTML", DOWNLOAD
        return "an XML", DOWNLOAD
    return "", ""
