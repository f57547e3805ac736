"""Folders, zips and manifests are opened as other systems leave them; no licence is lost in silence."""

from __future__ import annotations

import struct
import unicodedata
import uuid
import zipfile
import zlib
from pathlib import Path

import pytest

from annotation.errors import ImageRefused, SourceRefused
from annotation.imports.image_sources import OpenedSource, open_source
from annotation.imports.zip_names import find_encoding

MANIFEST = b"file,licence\nportrait/a.jpg,CC0-1.0\n"
MOST = 10_000


class RawName(zipfile.ZipInfo):
    """An entry whose name goes into the zip as bytes, without a word on their encoding."""

    def __init__(self, raw: bytes) -> None:
        super().__init__(uuid.uuid4().hex)  # zipfile warns of a name that stands twice.
        self.raw = raw

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:
        return self.raw, self.flag_bits & ~0x800


def make_zip(path: Path, entries: dict[bytes, bytes] | list[tuple[bytes, bytes]]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in entries.items() if isinstance(entries, dict) else entries:
            archive.writestr(RawName(name), data)
    return path


def make_folder(root: Path, entries: dict[str, bytes]) -> Path:
    for name, data in entries.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(data)
    return root


def contents(opened: OpenedSource) -> dict[str, bytes]:
    try:
        return {row.file: opened.source.read(row.file, MOST) for row in opened.rows}
    finally:
        opened.source.close()


# Zips of Windows


def test_backslashes_in_a_zip_are_read_as_separators(tmp_path):
    entries = {b"portrait\\": b"", b"portrait\\a.jpg": b"A", b"sketch\\ink\\b.jpg": b"B"}
    assert contents(open_source(make_zip(tmp_path / "in.zip", entries))) == {
        "portrait/a.jpg": b"A",
        "sketch/ink/b.jpg": b"B",
    }


@pytest.mark.parametrize("listed", [b"portrait/a.jpg", b"portrait\\a.jpg", b".\\portrait\\a.jpg"])
@pytest.mark.parametrize("entry", [b"portrait/a.jpg", b"portrait\\a.jpg"])
def test_a_manifest_and_a_zip_may_differ_in_their_separators(tmp_path, listed, entry):
    path = make_zip(tmp_path / "in.zip", {b"manifest.csv": b"file\n" + listed + b"\n", entry: b"A"})
    assert list(contents(open_source(path)).values()) == [b"A"]


def test_a_manifest_of_windows_names_files_of_a_folder(tmp_path):
    root = make_folder(tmp_path, {"manifest.csv": b"file\nportrait\\a.jpg\n", "portrait/a.jpg": b"A"})
    assert list(contents(open_source(root)).values()) == [b"A"]


NAMES = {
    "gbk": ["书法/兰亭.jpg", "书法/草书.jpg"],
    "utf-8": ["書道/山水.jpg", "пейзаж.jpg"],
    "cp1252": ["portrait/Zoë Müller.jpg", "portrait/Café à Nîmes.jpg"],
    "cp437": ["portrait/Zoë Müller.jpg", "portrait/Café.jpg"],
}


@pytest.mark.parametrize(("encoding", "names"), NAMES.items(), ids=NAMES.keys())
def test_names_that_do_not_say_their_encoding_are_read_where_it_is_certain(tmp_path, encoding, names):
    path = make_zip(tmp_path / "in.zip", {name.encode(encoding): name.encode() for name in names})
    assert contents(open_source(path)) == {name: name.encode() for name in sorted(names)}


UNCERTAIN = {
    "shift_jis": "肖像/富士山.jpg",
    "cp949": "초상/풍경.jpg",
    "big5": "肖像/台灣風景.jpg",
    "cp1251": "портрет/пейзаж.jpg",
}


@pytest.mark.parametrize(("encoding", "name"), UNCERTAIN.items(), ids=UNCERTAIN.keys())
def test_names_in_an_encoding_that_is_not_certain_are_refused_unless_something_tells(tmp_path, encoding, name):
    path = make_zip(tmp_path / "in.zip", {name.encode(encoding): b"A"})
    with pytest.raises(SourceRefused, match=r"how names are encoded.* is not said and not certain; .*--names-encoding"):
        open_source(path)
    assert contents(open_source(path, names_encoding=encoding)) == {name: b"A"}
    listed = {b"manifest.csv": f"file\n{name}\n".encode(), name.encode(encoding): b"A"}
    assert contents(open_source(make_zip(tmp_path / "listed.zip", listed))) == {name: b"A"}


def test_a_stated_encoding_that_does_not_fit_or_is_none_is_refused(tmp_path):
    path = make_zip(tmp_path / "in.zip", {"书法/兰亭.jpg".encode("gbk"): b"A"})
    for stated in ("klingon", "ascii"):
        with pytest.raises(SourceRefused, match=f"names cannot be read as '{stated}'"):
            open_source(path, names_encoding=stated)


def test_names_that_a_manifest_does_not_list_may_be_in_any_encoding(tmp_path):
    entries = {b"manifest.csv": b"file\na.jpg\n", b"a.jpg": b"A", "富士山.txt".encode("shift_jis"): b""}
    assert contents(open_source(make_zip(tmp_path / "in.zip", entries))) == {"a.jpg": b"A"}


def test_a_name_kept_beside_in_unicode_is_believed_where_it_belongs_to_this_name(tmp_path):
    raw, name = "富士山.jpg".encode("shift_jis"), "富士山.jpg"
    for checksum, is_right in ((zlib.crc32(raw), True), (0, False)):
        info = RawName(raw)
        field = b"\x01" + struct.pack("<I", checksum) + name.encode()
        info.extra = struct.pack("<HH", 0x7075, len(field)) + field
        with zipfile.ZipFile(tmp_path / "in.zip", "w") as archive:
            archive.writestr(info, b"A")
        if is_right:
            assert contents(open_source(tmp_path / "in.zip")) == {name: b"A"}
        else:
            with pytest.raises(SourceRefused, match="not certain"):
                open_source(tmp_path / "in.zip")


def test_a_name_that_leads_out_only_once_it_is_decoded_is_refused(tmp_path):
    raw = "../书法.jpg".encode("gbk")
    with pytest.raises(SourceRefused, match="leads out of the zip"):
        open_source(make_zip(tmp_path / "in.zip", {raw: b"A"}), names_encoding="gbk")
    field = b"\x01" + struct.pack("<I", zlib.crc32(b"\x80.jpg")) + b"../evil.jpg"
    info = RawName(b"\x80.jpg")
    info.extra = struct.pack("<HH", 0x7075, len(field)) + field
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as archive:
        archive.writestr(info, b"A")
    with pytest.raises(SourceRefused, match="leads out of the zip"):
        open_source(tmp_path / "other.zip")


@pytest.mark.parametrize(
    ("names", "encoding"),
    [
        (["摄影.jpg"], "gb18030"),
        (["花.jpg"], None),  # Hangul too.
        (["牛.jpg"], None),  # A letter of UTF-8 too.
        (["牛.jpg", "草书.jpg"], "gb18030"),
        (["人像摄影/王小明.jpg", "花.jpg"], "gb18030"),
        (["a.jpg", "草书.jpg"], "gb18030"),
    ],
)
def test_names_are_looked_at_as_a_whole(names, encoding):
    assert find_encoding([name.encode("gbk") for name in names], []) == encoding


# Of macOS


def test_accents_taken_apart_are_the_same_name(tmp_path):
    apart = unicodedata.normalize("NFD", "portrait/Zoë.jpg")
    manifest = b"file\n" + "portrait/Zoë.jpg".encode() + b"\n"
    path = make_zip(tmp_path / "in.zip", {b"manifest.csv": manifest, apart.encode(): b"A"})
    assert contents(open_source(path)) == {"portrait/Zoë.jpg": b"A"}
    root = make_folder(tmp_path / "in", {"manifest.csv": manifest, apart: b"A"})
    assert contents(open_source(root)) == {"portrait/Zoë.jpg": b"A"}


@pytest.mark.parametrize("kind", ["folder", "zip"])
@pytest.mark.parametrize(
    ("listed", "is_found"), [("PORTRAIT/A.JPG", True), ("portrait/b%20c.jpg", True), ("D.jpg", False)]
)
def test_another_case_and_encoded_names_are_found_where_only_one_file_can_be_meant(tmp_path, kind, listed, is_found):
    entries = {"manifest.csv": f"file\n{listed}\n".encode()}
    entries |= dict.fromkeys(("portrait/a.jpg", "portrait/b c.jpg", "d.jpg", "d.JPG"), b"A")
    if kind == "zip":
        source = make_zip(tmp_path / "in.zip", {key.encode(): data for key, data in entries.items()})
    else:
        source = make_folder(tmp_path / "in", entries)
    opened = open_source(source)
    assert (reasons(opened) == {}) is is_found
    opened.source.close()


# Where the manifest lies


@pytest.mark.parametrize("kind", ["folder", "zip"])
@pytest.mark.parametrize("name", ["manifest.csv", "Manifest.CSV", "MANIFEST.tsv", "metadata.csv", "Metadata.csv"])
@pytest.mark.parametrize("place", ["", "spring set/", "a/b/"])
def test_a_manifest_is_found_in_any_case_and_in_the_one_folder_that_holds_everything(tmp_path, kind, name, place):
    entries = {f"{place}{name}": MANIFEST, f"{place}portrait/a.jpg": b"A", f"__MACOSX/{place}._{name}": b"junk"}
    if kind == "zip":
        source = make_zip(tmp_path / "in.zip", {key.encode(): data for key, data in entries.items()})
    else:
        source = make_folder(tmp_path / "in", entries)
    opened = open_source(source)
    assert [row.facts for row in opened.rows] == [{"licence": "CC0-1.0"}]
    assert contents(opened) == {"portrait/a.jpg": b"A"}


@pytest.mark.parametrize(("encoding", "folder"), [("gbk", "春季图片"), ("shift_jis", "春の写真")])
def test_the_one_folder_may_have_a_name_that_does_not_say_its_encoding(tmp_path, encoding, folder):
    names = ["manifest.csv", "富士山.jpg"]
    manifest, image = (f"{folder}/{name}".encode(encoding) for name in names)
    path = make_zip(tmp_path / "in.zip", {manifest: "file,licence\n富士山.jpg,CC0-1.0\n".encode(), image: b"A"})
    assert contents(open_source(path)) == {"富士山.jpg": b"A"}


def test_paths_of_a_manifest_further_down_may_begin_at_the_root_too(tmp_path):
    root = make_folder(tmp_path, {"set/manifest.csv": b"file\nset/a.jpg\n", "set/a.jpg": b"A"})
    assert contents(open_source(root)) == {"set/a.jpg": b"A"}


@pytest.mark.parametrize(
    "entries",
    [
        {"spring/manifest.csv": MANIFEST, "autumn/b.jpg": b"B"},
        {"spring/manifest.csv": MANIFEST, "autumn/manifest.csv": MANIFEST},
        {"train/metadata.csv": MANIFEST, "test/metadata.csv": MANIFEST},
    ],
    ids=["beside another folder", "two", "two of ImageFolder"],
)
def test_a_manifest_that_would_be_passed_over_refuses_the_source(tmp_path, entries):
    with pytest.raises(SourceRefused, match=r"below its root.* import each folder by itself, or name the manifest"):
        open_source(make_folder(tmp_path, entries))


@pytest.mark.parametrize("name", ["manifest.xlsx", "Manifest.xls", "metadata.parquet", "manifest.ods"])
def test_a_manifest_that_is_no_text_refuses_the_source(tmp_path, name):
    data = {"xls": b"\xd0\xcf\x11\xe0", "parquet": b"PAR1"}.get(name.split(".")[1], b"PK\x03\x04")
    with pytest.raises(SourceRefused, match=f"^{name}: is .*CSV"):
        open_source(make_folder(tmp_path, {name: data, "portrait/a.jpg": b"A"}))


@pytest.mark.parametrize("name", ["list.tsv", "list.json", "LIST.CSV", "list.ndjson"])
def test_a_manifest_may_be_the_source(tmp_path, name):
    data = b'[{"file": "portrait/a.jpg"}]' if "json" in name and "nd" not in name else b'{"file": "portrait/a.jpg"}'
    data = MANIFEST if name.lower().endswith("sv") else data
    make_folder(tmp_path, {name: data, "portrait/a.jpg": b"A"})
    assert contents(open_source(tmp_path / name)) == {"portrait/a.jpg": b"A"}


OTHER_SOURCES = {
    "list.xlsx": (b"PK\x03\x04" + bytes(50), "list.xlsx: is a workbook .* save it as CSV"),
    "list.xls": (b"\xd0\xcf\x11\xe0" + bytes(50), "list.xls: is a workbook of an old Excel"),
    "images.rar": (b"Rar!\x1a\x07\x01\0", "is a RAR archive; unpack it, or make a zip of it"),
    "images.7z": (b"7z\xbc\xaf\x27\x1c", "is a 7z archive; unpack it"),
    "images.tar.gz": (b"\x1f\x8b\x08\0", "is a gzip or tar.gz archive; unpack it"),
    "images.tar": (bytes(257) + b"ustar" + bytes(250), "is a tar archive; unpack it"),
    "one.jpg": (b"\xff\xd8\xff\xe0", "is a single file, not a zip; a folder, a zip or a manifest"),
}


@pytest.mark.parametrize(("name", "data", "reason"), [(name, *case) for name, case in OTHER_SOURCES.items()])
def test_a_source_of_another_kind_is_named_for_what_it_is(tmp_path, name, data, reason):
    with pytest.raises(SourceRefused, match=reason):
        open_source(make_folder(tmp_path, {name: data}) / name)


def test_a_workbook_called_zip_is_no_zip_of_images(tmp_path):
    path = make_zip(tmp_path / "list.zip", {b"[Content_Types].xml": b"", b"xl/workbook.xml": b""})
    with pytest.raises(SourceRefused, match="is a workbook or document, not a zip of images"):
        open_source(path)


# One name for two files


def test_two_different_files_of_one_name_in_a_zip_are_refused_and_equal_ones_are_one(tmp_path):
    entries = [(b"a.jpg", b"A"), (b"b.jpg", b"B"), (b"a.jpg", b"other"), (b".\\b.jpg", b"B")]
    opened = open_source(make_zip(tmp_path / "in.zip", entries))
    assert [row.file for row in opened.rows] == ["a.jpg", "b.jpg"]
    assert opened.source.read("b.jpg", MOST) == b"B"
    with pytest.raises(ImageRefused, match="2 different files of the zip have this name; a name for each is accepted"):
        opened.source.read("a.jpg", MOST)
    opened.source.close()


# Links


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """A snapshot as the Hub's cache lays it out: relative links into a folder of blobs, one of a whole folder."""
    blobs = make_folder(tmp_path / "blobs", {"0a": b"A", "0b": b"B", "dir/c.jpg": b"C"})
    snapshot = tmp_path / "snapshots" / "f00"
    (snapshot / "portrait").mkdir(parents=True)
    (snapshot / "portrait" / "a.jpg").symlink_to(Path("../../../blobs/0a"))
    (snapshot / "portrait" / "b.jpg").symlink_to(blobs / "0b")
    (snapshot / "sketch").symlink_to(blobs / "dir")
    (snapshot / "round").symlink_to(snapshot)
    return snapshot


def reasons(opened: OpenedSource) -> dict[str, str]:
    found = {}
    for row in opened.rows:
        try:
            opened.source.read(row.file, MOST)
        except ImageRefused as refusal:
            found[row.file] = str(refusal)
    return found


def test_links_that_lead_out_are_refused_with_what_to_do(cache):
    refused = reasons(open_source(cache))
    assert set(refused) == {"portrait/a.jpg", "portrait/b.jpg", "sketch", "round"}
    assert all("--follow-links" in reason for reason in refused.values())


def test_links_are_followed_where_that_is_asked_for(cache):
    assert contents(open_source(cache, follow_links=True)) == {
        "portrait/a.jpg": b"A",
        "portrait/b.jpg": b"B",
        "sketch/c.jpg": b"C",
    }


def test_links_within_the_folder_are_followed_anyway(tmp_path):
    make_folder(tmp_path, {"blobs/0a": b"A", "portrait/x": b""})
    (tmp_path / "portrait" / "a.jpg").symlink_to("../blobs/0a")
    assert open_source(tmp_path).source.read("portrait/a.jpg", MOST) == b"A"


@pytest.mark.parametrize("follow_links", [False, True])
def test_a_link_to_what_was_not_fetched_says_how_to_get_it(tmp_path, follow_links):
    (tmp_path / "a.jpg").symlink_to("annex/objects/0a")
    refused = reasons(open_source(tmp_path, follow_links=follow_links))
    assert "get the files first, as by `dvc pull`" in refused["a.jpg"]


@pytest.mark.parametrize("name", ["../secret.jpg", "/etc/passwd", "a/../../secret.jpg"])
def test_a_name_that_leads_out_is_refused_even_where_links_are_followed(tmp_path, name):
    root = make_folder(tmp_path / "in", {"manifest.csv": f"file\n{name}\n".encode()})
    (tmp_path / "secret.jpg").write_bytes(b"secret")
    assert "lies outside the source folder" in reasons(open_source(root, follow_links=True))[name]
