"""A manifest says of each image what there is to say; its mistakes are named by row."""

from __future__ import annotations

import json
import re

import pytest

from annotation.actions.images.import_images import import_images
from annotation.errors import SourceRefused
from annotation.images import sources
from annotation.models import Image
from tests.harness.sources import (
    draw,
    nothing_is_stored,
    put,
    reasons,
    write_csv,
    write_zip,
)

pytestmark = pytest.mark.django_db


LIST_OF_COLUMNS = "accepted: file, subcategory, licence, author, source, title, note"
FULL_ROW = ["a.png", "sketch", "CC0-1.0", "Ada", "her attic", "A title", "A note, with a comma"]


def check_full_row(image: Image) -> None:
    values = [image.subcategory, image.licence, image.author, image.source, image.title, image.note]
    assert values == FULL_ROW[1:]


def test_a_csv_manifest_says_all_there_is_to_say(draft, tmp_path):
    put(tmp_path, "a.png", draw(1))
    write_csv(tmp_path / "list.csv", [list(sources.COLUMNS), FULL_ROW])
    import_images(draft, tmp_path / "list.csv", by=None)
    check_full_row(Image.objects.get())


def test_a_jsonl_manifest_says_the_same(draft, tmp_path):
    put(tmp_path, "a.png", draw(1))
    line = json.dumps(dict(zip(sources.COLUMNS, FULL_ROW, strict=True)))
    (tmp_path / "list.jsonl").write_text(f"\ufeff{line}\n\n", encoding="utf-8")
    import_images(draft, tmp_path / "list.jsonl", by=None)
    check_full_row(Image.objects.get())


@pytest.mark.parametrize("kind", ["folder", "zip"])
def test_a_manifest_at_the_root_is_found_and_only_what_it_lists_is_imported(draft, tmp_path, kind):
    rows = "file,subcategory\r\nimages/x.png,sketch\r\n"
    entries = {"manifest.csv": rows.encode(), "images/x.png": draw(1), "images/y.png": draw(2)}
    if kind == "zip":
        source = write_zip(tmp_path / "in.zip", entries)
    else:
        source = tmp_path / "in"
        for name, data in entries.items():
            put(source, name, data)
    report = import_images(draft, source, by=None)
    assert [(item.file, item.row) for item in report.imported] == [("images/x.png", 2)]


def test_a_manifest_kept_elsewhere_names_files_of_the_source(draft, folder, tmp_path):
    manifest = write_csv(tmp_path / "elsewhere.csv", [["file", "subcategory"], ["portrait/a.jpg", "sketch"]])
    import_images(draft, folder, by=None, manifest=manifest)
    assert Image.objects.get().subcategory == "sketch"


def test_a_row_without_subcategory_takes_it_from_the_directory(draft, folder):
    write_csv(folder / "manifest.csv", [["file", "licence"], ["portrait/a.jpg", "CC0-1.0"]])
    import_images(draft, folder, by=None)
    assert Image.objects.get().subcategory == "portrait"


BAD_ROWS = {
    "an unknown subcategory": (["good.png", "cubism"], r"^row 2: subcategory 'cubism' is unknown; accepted: .*sketch"),
    "a file that is not there": (["none.png", "sketch"], "^row 2: there is no such file"),
    "a folder": (["images", "sketch"], "^row 2: there is no such file"),
    "an empty name": (["", "sketch"], "^row 2: there is no such file"),
    "a way out": (["../secret.png", "sketch"], "^row 2: lies outside the source folder"),
    "a way out and in again": (["images/../../in/good.png", "sketch"], "^row 2: lies outside the source folder"),
    "an absolute path": (["/etc/passwd", "sketch"], "^row 2: lies outside the source folder"),
    "a drive": (["C:\\good.png", "sketch"], "^row 2: lies outside the source folder"),
    "a link that leads out": (["link.png", "sketch"], "^row 2: lies outside the source folder"),
    "links in a circle": (["circle.png", "sketch"], "^row 2: cannot be read"),
    "a name too long for a file": (["x" * 300 + ".png", "sketch"], "^row 2: cannot be read"),
    "a licence too long": (["good.png", "sketch", "x" * 101], "^row 2: licence: at most 100 characters .* not 101"),
    "a zero byte": (["good.png", "sketch", "CC\0"], "^row 2: licence: holds characters that are no text"),
}


@pytest.mark.parametrize(("cells", "reason"), BAD_ROWS.values(), ids=BAD_ROWS.keys())
def test_a_bad_row_is_refused_by_its_number_and_the_others_are_kept(draft, tmp_path, cells, reason):
    root = tmp_path / "in"
    put(root, "good.png", draw(1))
    put(root, "images/other.png", draw(2))
    (root / "link.png").symlink_to(put(tmp_path, "secret.png", draw(3)))
    (root / "circle.png").symlink_to(root / "circle.png")
    full = [*cells, *[""] * (3 - len(cells))]
    header = ["file", "subcategory", "licence"]
    write_csv(root / "manifest.csv", [header, full, ["images/other.png", "sketch", ""]])
    report = import_images(draft, root, by=None)
    assert [(item.file, item.row) for item in report.imported] == [("images/other.png", 3)]
    (refusal,) = report.refused
    assert (refusal.file, refusal.row) == (cells[0], 2)
    assert re.search(reason, refusal.reason)


@pytest.mark.engine
@pytest.mark.parametrize("text", ["\x1b[2J", "a\x07", "\x9b31m", "\x00"])
def test_what_acts_on_a_terminal_is_no_text_of_a_manifest(draft, tmp_path, text):
    put(tmp_path, "a.png", draw(1))
    (tmp_path / "list.jsonl").write_text(json.dumps({"file": "a.png", "subcategory": "sketch", "title": text}))
    report = import_images(draft, tmp_path / "list.jsonl", by=None)
    assert reasons(report)["a.png"] == "row 1: title: holds characters that are no text"


def test_a_file_listed_twice_with_two_subcategories_is_refused_with_both_rows(draft, folder):
    rows = [
        ["file", "subcategory"],
        ["portrait/a.jpg", "portrait"],
        ["portrait/a.jpg", "sketch"],
        ["portrait/b.png", ""],
    ]
    write_csv(folder / "manifest.csv", rows)
    report = import_images(draft, folder, by=None)
    assert [item.reason for item in report.refused] == [
        f"row {row}: rows 2, 3 list this file with different subcategory; one is accepted" for row in (2, 3)
    ]
    assert [item.file for item in report.imported] == ["portrait/b.png"]


def test_what_a_manifest_says_of_an_image_that_is_there_already_is_not_lost_in_silence(draft, folder):
    import_images(draft, folder, by=None)
    rows = [["file", "subcategory", "licence"], ["portrait/a.jpg", "sketch", "CC-BY-4.0"]]
    report = import_images(draft, folder, by=None, manifest=write_csv(folder.parent / "m.csv", rows))
    assert report.duplicates[0].reason == (
        "row 2: the same file is there already as a.jpg; its subcategory stays 'portrait', not 'sketch'; "
        "its licence stays '', not 'CC-BY-4.0'"
    )


BAD_MANIFESTS = {
    "a column of its own": ("file,mood\na.png,sad\n", f"header: column 'mood' is unknown; {LIST_OF_COLUMNS}"),
    "no column for the file": ("subcategory\nsketch\n", f"header: column 'file' is missing; {LIST_OF_COLUMNS}"),
    "a column twice": ("file,title,title\na,b,c\n", "header: column 'title' stands twice"),
    "nothing": ("", "column 'file' is missing"),
    "no rows": ("file\n", "lists no images"),
    "a row with too many cells": ("file\nb.png\na.png,sketch\n", "row 3: 1 fields are accepted"),
    "a quote left open": ('file\n"a.png\n', "is not CSV"),
}
BAD_LINES = {
    "a key of its own": ('{"file": "a.png"}\n{"file": "a.png", "mood": ""}', "row 2: column 'mood' is unknown"),
    "no key for the file": ('{"subcategory": "sketch"}', f"row 1: column 'file' is missing; {LIST_OF_COLUMNS}"),
    "no JSON": ("\n{file: a.png}", "row 2: is not JSON"),
    "a list": ('["a.png"]', "row 1: an object whose values are text is accepted"),
    "a number": ('{"file": "a.png", "title": 5}', "row 1: an object whose values are text is accepted"),
}
WHOLE = [("csv", *case) for case in BAD_MANIFESTS.values()] + [("jsonl", *case) for case in BAD_LINES.values()]


@pytest.mark.parametrize(("kind", "text", "reason"), WHOLE, ids=[*BAD_MANIFESTS, *BAD_LINES])
def test_a_manifest_with_a_mistake_in_its_form_is_refused_as_a_whole(draft, tmp_path, media, kind, text, reason):
    put(tmp_path, "a.png", draw(1))
    put(tmp_path, f"list.{kind}", text.encode())
    with pytest.raises(SourceRefused) as refusal:
        import_images(draft, tmp_path / f"list.{kind}", by=None)
    assert reason in str(refusal.value)
    assert f"list.{kind}" in str(refusal.value)
    assert nothing_is_stored(draft, media)


def test_a_manifest_that_is_no_text_is_refused(draft, tmp_path):
    with pytest.raises(SourceRefused, match="UTF-8 text is accepted; byte 4"):
        import_images(draft, put(tmp_path, "list.csv", b"file\xff"), by=None)


def test_two_manifests_are_one_too_many(draft, folder):
    put(folder, "manifest.csv", b"file\n")
    put(folder, "manifest.jsonl", b"{}")
    with pytest.raises(SourceRefused, match=r"holds manifest.csv and manifest.jsonl; one of them is accepted"):
        import_images(draft, folder, by=None)
