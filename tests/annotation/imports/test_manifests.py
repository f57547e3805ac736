"""A manifest is read as people's programs write it; what cannot be read is named for what it is."""

from __future__ import annotations

import json

import pytest

from annotation.errors import SourceRefused
from annotation.imports.manifests import read_manifest

COMMAS = "file,subcategory,licence,author\r\nportrait/heron.jpg,portrait,CC-BY-4.0,Zoë\r\n"
EXPECTED = {"subcategory": "portrait", "licence": "CC-BY-4.0", "author": "Zoë"}
CHINESE = COMMAS.replace("Zoë", "王小明")
RECORD = {"file": "portrait/heron.jpg", **EXPECTED}

WRITTEN = {
    "commas": COMMAS.encode(),
    "semicolons": COMMAS.replace(",", ";").encode(),
    "tabs": COMMAS.replace(",", "\t").encode(),
    "bars": COMMAS.replace(",", "|").encode(),
    "quotes": '"file";"subcategory";"licence";"author"\n"portrait/heron.jpg";"portrait";"CC-BY-4.0";"Zoë"'.encode(),
    "sep=": ("sep=;\r\n" + COMMAS.replace(",", ";")).encode(),
    "sep= for a tab": ("sep=\t\r\n" + COMMAS.replace(",", "\t")).encode(),
    "sep= in quotes": ('"sep=|"\n' + COMMAS.replace(",", "|")).encode(),
    "a byte order mark": COMMAS.encode("utf-8-sig"),
    "a mark before sep=": ("sep=;\n" + COMMAS.replace(",", ";")).encode("utf-8-sig"),
    "Excel's Unicode text": COMMAS.replace(",", "\t").encode("utf-16"),
    "UTF-16 without a mark": COMMAS.encode("utf-16-le"),
    "Windows-1252": COMMAS.encode("cp1252"),
    "lines of an old Macintosh": COMMAS.replace("\r\n", "\r").encode(),
    "capitals and spaces in the header": COMMAS.replace("file,subcategory", " File ,Subcategory").encode(),
    "American spelling": COMMAS.replace("licence", "license").encode(),
    "ImageFolder's names": COMMAS.replace("file,", "file_name,").replace("licence", "license").encode(),
    "empty columns at the right": "\n".join(line + ",,," for line in COMMAS.split("\r\n")[:2]).encode(),
    "empty rows at the end": (COMMAS + ",,,\r\n\r\n").encode(),
    "a JSON list": json.dumps([RECORD]).encode(),
    "a JSON list by hand": json.dumps([RECORD], indent=2, ensure_ascii=False).encode("utf-8-sig"),
    "JSON lines": (json.dumps(RECORD) + "\n").encode(),
}


@pytest.mark.parametrize("data", WRITTEN.values(), ids=WRITTEN.keys())
@pytest.mark.parametrize("name", ["manifest.csv", "list.TSV"])
def test_a_manifest_is_read_by_what_it_holds_whatever_its_ending(data: bytes, name: str):
    (row,) = read_manifest(name, data).rows
    assert (row.file, row.facts) == ("portrait/heron.jpg", EXPECTED)


def test_a_table_of_a_chinese_excel_is_read():
    manifest = read_manifest("list.csv", CHINESE.encode("gbk"))
    assert manifest.rows[0].facts["author"] == "王小明"
    [remark] = manifest.remarks
    assert remark.startswith("list.csv: was read as gbk; save it as UTF-8 if that is wrong, as '")


@pytest.mark.parametrize(
    ("author", "encoding", "seen"),
    [("臺灣", "big5", "»OÆW"), ("J. Doe\u00a0", "cp1252", "Doe\xa0")],
)
def test_a_reading_that_may_be_wrong_is_shown_by_a_word(author: str, encoding: str, seen: str):
    text = f"file,author\na.png,{author}\n"
    manifest = read_manifest("list.csv", text.encode(encoding))
    assert manifest.remarks == [
        f"list.csv: was read as windows-1252; save it as UTF-8 if that is wrong, as {seen!r} would show"
    ]
    assert read_manifest("list.csv", text.encode()).remarks == []


def test_rows_are_counted_as_a_spreadsheet_shows_them():
    text = "sep=;\nfile;title\na.png;one\n;\nb.png;two\n"
    assert [row.number for row in read_manifest("list.csv", text.encode()).rows] == [2, 4]


def test_what_programs_write_for_nothing_is_nothing():
    text = "file,licence,author,title\na.png,NA,NaN,NULL\n"
    (row,) = read_manifest("list.csv", text.encode()).rows
    assert set(row.facts.values()) == {""}


NO_MANIFESTS = {
    "a workbook": (b"PK\x03\x04" + bytes(50), "is a workbook (Excel, Numbers, OpenDocument) or a zip"),
    "a workbook of an old Excel": (b"\xd0\xcf\x11\xe0" + bytes(50), "is a workbook of an old Excel"),
    "Parquet": (b"PAR1" + bytes(50), "is Parquet; write it as CSV or JSON lines"),
    "a page": (b"<!DOCTYPE html><table>", "is a page of HTML or XML, not a table"),
    "a text in an unknown encoding": (b"file,title\na.png," + bytes([0x81, 0x8D, 0x20]), "UTF-8 is accepted"),
    "one JSON object": (json.dumps({"images": [RECORD]}).encode(), "column 'images' is unknown; accepted: file,"),
    "a list of names": (b'["a.png"]', "row 1: an object whose values are text is accepted"),
    "broken JSON": (b'[{"file": "a.png"', "is not JSON"),
    "both spellings": (b"file,licence,license\na.png,x,y\n", "header: column 'licence' stands twice"),
}


@pytest.mark.parametrize(("data", "reason"), NO_MANIFESTS.values(), ids=NO_MANIFESTS.keys())
def test_what_is_no_manifest_is_named_for_what_it_is(data: bytes, reason: str):
    with pytest.raises(SourceRefused) as refusal:
        read_manifest("list.csv", data)
    assert str(refusal.value).startswith("list.csv")
    assert reason in str(refusal.value)


def test_further_columns_of_imagefolder_are_passed_over_with_a_remark():
    manifest = read_manifest("metadata.csv", b"file_name,text,label,license\na.png,a heron,3,CC0-1.0\n")
    assert manifest.rows[0].facts == {"licence": "CC0-1.0"}
    assert manifest.remarks == ["metadata.csv: columns passed over: text, label"]
    lines = b'{"file_name": "a.png", "objects": {"bbox": [1, 2]}}\n{"file_name": "b.png", "width": 5}\n'
    assert read_manifest("metadata.jsonl", lines).remarks == ["metadata.jsonl: columns passed over: objects, width"]


@pytest.mark.parametrize("other", ["a.png", "./a.png", ".\\a.png"])
def test_rows_of_a_file_that_contradict_each_other_are_marked(other: str):
    text = f"file,subcategory,licence\na.png,portrait,CC0-1.0\nb.png,portrait,\n{other},sketch,CC0-1.0\n"
    one, innocent, another = read_manifest("manifest.csv", text.encode()).rows
    problem = "rows 2, 4 list this file with different subcategory; one is accepted"
    assert (one.problem, innocent.problem, another.problem) == (problem, "", problem)


def test_rows_that_say_the_same_twice_do_not_contradict_each_other():
    rows = read_manifest("manifest.csv", b"file,title\na.png,x\na.png,x\n").rows
    assert [row.problem for row in rows] == ["", ""]
