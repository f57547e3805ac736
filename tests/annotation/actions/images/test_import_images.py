"""Import keeps the good images and lists the others with the reason; nothing is ever half done."""

from __future__ import annotations

import csv
import io
import json
import re
import stat
import struct
import unicodedata
import zipfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import IntegrityError
from django.db.models.fields.files import FieldFile
from PIL import Image as Pillow

from annotation.actions.assignments import assign
from annotation.actions.events.record import hash_content
from annotation.actions.images.import_images import ImportReport, import_images
from annotation.errors import SourceRefused
from annotation.images import sources
from annotation.images.files import Limits, inspect, sha256_of
from annotation.models import Campaign, Event, Image, NearDuplicateGroup, NearDuplicatePair
from tests.annotation.images.test_files import BAD, encode, exif, scene
from tests.annotation.imports.test_image_sources import make_zip
from tests.harness.factories import make_campaign, make_image
from tests.harness.installation import installation
from webapp.accounts.models import User

pytestmark = pytest.mark.django_db

LIST_OF_COLUMNS = "accepted: file, subcategory, licence, author, source, title, note"


@pytest.fixture
def campaign(db: None) -> Campaign:
    """A draft campaign without images."""
    return make_campaign(images=0, opened=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of three good images, one of each format."""
    root = tmp_path / "images"
    put(root, "portrait/a.jpg", draw(1, "JPEG"))
    put(root, "portrait/b.png", draw(2, "PNG"))
    put(root, "daily_photo/c.webp", draw(3, "WEBP"))
    return root


def draw(seed: int, form: str = "PNG", **options: Any) -> bytes:
    return encode(scene(seed=seed), form, **options)


def put(root: Path, name: str, data: bytes) -> Path:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def write_csv(path: Path, rows: Iterable[Iterable[str]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    return path


def write_zip(path: Path, entries: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries.items():
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return path


def content(file: FieldFile) -> bytes:
    with file.open("rb") as archive:
        return bytes(archive.read())


def shown(file: FieldFile) -> Pillow.Image:
    return Pillow.open(io.BytesIO(content(file)))


def stored_files(media: Path) -> list[str]:
    return sorted(str(path.relative_to(media)) for path in media.rglob("*") if path.is_file())


def nothing_is_stored(campaign: Campaign, media: Path) -> bool:
    events = Event.objects.filter(verb__startswith="images.").exists()
    rows = Image.objects.exists() or campaign.entries.exists() or NearDuplicateGroup.objects.exists()
    return not (rows or events or stored_files(media))


def reasons(report: ImportReport) -> dict[str, str]:
    return {item.file: item.reason for item in report.refused}


# What is good


@pytest.mark.engine
def test_a_folder_becomes_images_of_the_campaign_with_the_folders_as_subcategories(campaign, folder, olga, media):
    report = import_images(campaign, folder, by=olga)
    assert report.counts == {"imported": 3, "added": 0, "duplicates": 0, "near_duplicates": 0, "refused": 0}
    entries = {entry.image.original_name: entry for entry in campaign.entries.select_related("image")}
    assert {name: entry.subcategory for name, entry in entries.items()} == {
        "a.jpg": "portrait",
        "b.png": "portrait",
        "c.webp": "daily_photo",
    }
    assert all(entry.places == entry.wanted == campaign.annotations_per_image for entry in entries.values())
    image = entries["a.jpg"].image
    data = (folder / "portrait/a.jpg").read_bytes()
    assert (image.sha256, image.byte_size, image.format) == (sha256_of(data), len(data), "JPEG")
    assert (image.width, image.height) == (96, 64)
    assert content(image.original) == data
    assert sha256_of(content(image.stripped)) == image.stripped_sha256
    assert shown(image.display).format == shown(image.thumbnail).format == "WEBP"
    assert len(stored_files(media)) == 3 * 4


def test_served_copies_say_nothing_and_stand_upright_while_the_original_stays_as_it_came(campaign, tmp_path):
    data = draw(1, "JPEG", exif=exif(6), comment=b"N 48 deg 12 min")
    put(tmp_path / "in", "portrait/a.jpg", data)
    import_images(campaign, tmp_path / "in", by=None)
    image = Image.objects.get()
    assert (image.width, image.height) == (64, 96)
    assert content(image.original) == data
    for copy in (image.stripped, image.display, image.thumbnail):
        assert b"N 48 deg" not in content(copy)
        assert shown(copy).size == (64, 96)


def test_a_zip_is_read_like_a_folder(campaign, folder, tmp_path):
    names = ["portrait/a.jpg", "portrait/b.png", "daily_photo/c.webp"]
    junk = {"__MACOSX/portrait/._a.jpg": b"x", ".DS_Store": b"x", "portrait/Thumbs.db": b"x", "portrait/": b""}
    path = write_zip(tmp_path / "in.zip", {name: (folder / name).read_bytes() for name in names} | junk)
    report = import_images(campaign, path, by=None)
    assert [item.file for item in report.imported] == sorted(names)
    assert not report.refused


FULL_ROW = ["a.png", "sketch", "CC0-1.0", "Ada", "her attic", "A title", "A note, with a comma"]


def check_full_row(image: Image) -> None:
    values = [image.subcategory, image.licence, image.author, image.source, image.title, image.note]
    assert values == FULL_ROW[1:]


def test_a_csv_manifest_says_all_there_is_to_say(campaign, tmp_path):
    put(tmp_path, "a.png", draw(1))
    write_csv(tmp_path / "list.csv", [list(sources.COLUMNS), FULL_ROW])
    import_images(campaign, tmp_path / "list.csv", by=None)
    check_full_row(Image.objects.get())


def test_a_jsonl_manifest_says_the_same(campaign, tmp_path):
    put(tmp_path, "a.png", draw(1))
    line = json.dumps(dict(zip(sources.COLUMNS, FULL_ROW, strict=True)))
    (tmp_path / "list.jsonl").write_text(f"\ufeff{line}\n\n", encoding="utf-8")
    import_images(campaign, tmp_path / "list.jsonl", by=None)
    check_full_row(Image.objects.get())


@pytest.mark.parametrize("kind", ["folder", "zip"])
def test_a_manifest_at_the_root_is_found_and_only_what_it_lists_is_imported(campaign, tmp_path, kind):
    rows = "file,subcategory\r\nimages/x.png,sketch\r\n"
    entries = {"manifest.csv": rows.encode(), "images/x.png": draw(1), "images/y.png": draw(2)}
    if kind == "zip":
        source = write_zip(tmp_path / "in.zip", entries)
    else:
        source = tmp_path / "in"
        for name, data in entries.items():
            put(source, name, data)
    report = import_images(campaign, source, by=None)
    assert [(item.file, item.row) for item in report.imported] == [("images/x.png", 2)]


def test_a_manifest_kept_elsewhere_names_files_of_the_source(campaign, folder, tmp_path):
    manifest = write_csv(tmp_path / "elsewhere.csv", [["file", "subcategory"], ["portrait/a.jpg", "sketch"]])
    import_images(campaign, folder, by=None, manifest=manifest)
    assert Image.objects.get().subcategory == "sketch"


def test_a_row_without_subcategory_takes_it_from_the_directory(campaign, folder):
    write_csv(folder / "manifest.csv", [["file", "licence"], ["portrait/a.jpg", "CC0-1.0"]])
    import_images(campaign, folder, by=None)
    assert Image.objects.get().subcategory == "portrait"


def test_progress_is_told_file_by_file(campaign, folder):
    calls = []
    import_images(campaign, folder, by=None, progress=lambda count, total: calls.append((count, total)))
    assert calls == [(1, 3), (2, 3), (3, 3)]


def test_one_event_covers_the_whole_import(campaign, folder, olga):
    import_images(campaign, folder, by=olga)
    event = Event.objects.get(verb="images.imported")
    hashes = sorted(Image.objects.values_list("sha256", flat=True))
    assert event.content_hash == hash_content(hashes)
    assert event.details == {"images": 3}
    assert event.actor == olga


# What is bad, one by one


@pytest.mark.engine
@pytest.mark.parametrize(("data", "reason"), BAD.values(), ids=BAD.keys())
def test_a_bad_image_is_refused_and_leaves_no_trace_while_the_others_are_kept(campaign, folder, media, data, reason):
    put(folder, "portrait/bad.jpg", data)
    report = import_images(campaign, folder, by=None)
    assert list(reasons(report)) == ["portrait/bad.jpg"]
    assert reason in reasons(report)["portrait/bad.jpg"]
    assert Image.objects.count() == campaign.entries.count() == 3
    assert len(stored_files(media)) == 3 * 4
    assert NearDuplicateGroup.objects.count() == 3


def test_limits_come_from_the_settings(campaign, folder, settings):
    settings.MAX_IMAGE_BYTES = 100
    report = import_images(campaign, folder, by=None)
    assert "at most 100 bytes are accepted" in reasons(report)["portrait/a.jpg"]
    settings.MAX_IMAGE_BYTES, settings.MAX_IMAGE_PIXELS = 10**6, 96 * 64 - 1
    report = import_images(campaign, folder, by=None)
    assert "at most 6,143 pixels are accepted, not 96 x 64" in reasons(report)["portrait/a.jpg"]


def test_a_folder_that_is_no_subcategory_is_refused_with_the_accepted_ones(campaign, tmp_path, media):
    put(tmp_path / "in", "holiday/a.png", draw(1))
    put(tmp_path / "in", "b.png", draw(2))
    report = import_images(campaign, tmp_path / "in", by=None)
    assert "'holiday' is unknown; accepted: " in reasons(report)["holiday/a.png"]
    for key in campaign.rubric.subcategories:
        assert key in reasons(report)["b.png"]
    assert nothing_is_stored(campaign, media)


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
def test_a_bad_row_is_refused_by_its_number_and_the_others_are_kept(campaign, tmp_path, cells, reason):
    root = tmp_path / "in"
    put(root, "good.png", draw(1))
    put(root, "images/other.png", draw(2))
    (root / "link.png").symlink_to(put(tmp_path, "secret.png", draw(3)))
    (root / "circle.png").symlink_to(root / "circle.png")
    full = [*cells, *[""] * (3 - len(cells))]
    header = ["file", "subcategory", "licence"]
    write_csv(root / "manifest.csv", [header, full, ["images/other.png", "sketch", ""]])
    report = import_images(campaign, root, by=None)
    assert [(item.file, item.row) for item in report.imported] == [("images/other.png", 3)]
    (refusal,) = report.refused
    assert (refusal.file, refusal.row) == (cells[0], 2)
    assert re.search(reason, refusal.reason)


def test_a_file_that_may_not_be_opened_is_refused(campaign, folder):
    (folder / "portrait" / "loop.png").symlink_to("loop.png")
    report = import_images(campaign, folder, by=None)
    assert "cannot be read" in reasons(report)["portrait/loop.png"]
    assert len(report.imported) == 3


def test_a_file_name_that_is_no_text_is_reported_readably(campaign, tmp_path):
    put(tmp_path / "in", "portrait/\udcff.png", draw(1))
    report = import_images(campaign, tmp_path / "in", by=None)
    assert [item.file for item in report.imported] == ["portrait/?.png"]
    json.dumps(report.to_json(), ensure_ascii=False).encode()


@pytest.mark.engine
def test_what_acts_on_a_terminal_stands_in_no_stored_or_printed_name(campaign, tmp_path):
    name = "a\x1b]0;owned\x07\x1b[2J\u202egpj.png"
    put(tmp_path / "in", f"portrait/{name}", draw(1))
    put(tmp_path / "in", "portrait/\x1b[31mbad.png", b"no image")
    out, errors = run(tmp_path / "in", "--campaign", campaign.slug, "--json")
    assert Image.objects.get().original_name == "a?]0;owned??[2J?gpj.png"
    assert "\x1b" not in errors + json.loads(out)["refused"][0]["file"]
    assert "portrait/?[31mbad.png: not an image" in errors


@pytest.mark.engine
@pytest.mark.parametrize("text", ["\x1b[2J", "a\x07", "\x9b31m", "\x00"])
def test_what_acts_on_a_terminal_is_no_text_of_a_manifest(campaign, tmp_path, text):
    put(tmp_path, "a.png", draw(1))
    (tmp_path / "list.jsonl").write_text(json.dumps({"file": "a.png", "subcategory": "sketch", "title": text}))
    report = import_images(campaign, tmp_path / "list.jsonl", by=None)
    assert reasons(report)["a.png"] == "row 1: title: holds characters that are no text"


IN_WORDS = ["Photo Art", "photo-art", "PHOTO_ART", "艺术摄影", "photo_art"]


@pytest.mark.parametrize("name", IN_WORDS)
def test_a_subcategory_goes_by_its_name_in_any_language_as_in_answers_from_elsewhere(campaign, tmp_path, name):
    put(tmp_path / "in", f"{name}/a.png", draw(1))
    put(tmp_path / "in", "other/b.png", draw(2))
    write_csv(tmp_path / "m.csv", [["file", "subcategory"], [f"{name}/a.png", ""], ["other/b.png", name]])
    import_images(campaign, tmp_path / "in", by=None, manifest=tmp_path / "m.csv")
    assert [entry.subcategory for entry in campaign.entries.all()] == ["photo_art"] * 2


def test_a_name_of_macos_with_its_accents_apart_is_a_subcategory_too(campaign, tmp_path):
    put(tmp_path / "in", unicodedata.normalize("NFD", "Children’s Painting") + "/a.png", draw(1))
    import_images(campaign, tmp_path / "in", by=None)
    assert campaign.entries.get().subcategory == "childrens_painting"


def test_a_file_listed_twice_with_two_subcategories_is_refused_with_both_rows(campaign, folder):
    rows = [
        ["file", "subcategory"],
        ["portrait/a.jpg", "portrait"],
        ["portrait/a.jpg", "sketch"],
        ["portrait/b.png", ""],
    ]
    write_csv(folder / "manifest.csv", rows)
    report = import_images(campaign, folder, by=None)
    assert [item.reason for item in report.refused] == [
        f"row {row}: rows 2, 3 list this file with different subcategory; one is accepted" for row in (2, 3)
    ]
    assert [item.file for item in report.imported] == ["portrait/b.png"]


def test_a_table_beside_the_images_is_refused_with_how_to_name_it(campaign, folder):
    put(folder, "licences.xlsx", b"PK\x03\x04")
    put(folder, "list.csv", b"file,licence\n")
    report = import_images(campaign, folder, by=None)
    assert set(reasons(report)) == {"licences.xlsx", "list.csv"}
    assert all("name it by --manifest, or call it manifest.csv" in reason for reason in reasons(report).values())


def test_what_a_manifest_says_of_an_image_that_is_there_already_is_not_lost_in_silence(campaign, folder):
    import_images(campaign, folder, by=None)
    rows = [["file", "subcategory", "licence"], ["portrait/a.jpg", "sketch", "CC-BY-4.0"]]
    report = import_images(campaign, folder, by=None, manifest=write_csv(folder.parent / "m.csv", rows))
    assert report.duplicates[0].reason == (
        "row 2: the same file is there already as a.jpg; its subcategory stays 'portrait', not 'sketch'; "
        "its licence stays '', not 'CC-BY-4.0'"
    )


def test_columns_of_imagefolder_that_were_passed_over_are_said(campaign, folder):
    put(folder, "metadata.csv", b"file_name,license,text\nportrait/a.jpg,CC-BY-4.0,a heron\n")
    out, errors = run(folder, "--campaign", campaign.slug, "--json")
    assert Image.objects.get().licence == "CC-BY-4.0"
    assert json.loads(out)["remarks"] == ["metadata.csv: columns passed over: text"]
    assert "columns passed over: text" in errors


# What is bad as a whole

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
def test_a_manifest_with_a_mistake_in_its_form_is_refused_as_a_whole(campaign, tmp_path, media, kind, text, reason):
    put(tmp_path, "a.png", draw(1))
    put(tmp_path, f"list.{kind}", text.encode())
    with pytest.raises(SourceRefused) as refusal:
        import_images(campaign, tmp_path / f"list.{kind}", by=None)
    assert reason in str(refusal.value)
    assert f"list.{kind}" in str(refusal.value)
    assert nothing_is_stored(campaign, media)


def test_a_manifest_that_is_no_text_is_refused(campaign, tmp_path):
    with pytest.raises(SourceRefused, match="UTF-8 text is accepted; byte 4"):
        import_images(campaign, put(tmp_path, "list.csv", b"file\xff"), by=None)


def test_two_manifests_are_one_too_many(campaign, folder):
    put(folder, "manifest.csv", b"file\n")
    put(folder, "manifest.jsonl", b"{}")
    with pytest.raises(SourceRefused, match=r"holds manifest.csv and manifest.jsonl; one of them is accepted"):
        import_images(campaign, folder, by=None)


def test_a_source_that_is_not_there_or_empty_or_of_another_kind_is_refused(campaign, tmp_path):
    (tmp_path / "empty").mkdir()
    cases = {
        tmp_path / "nowhere": "is not there; a folder, a zip or a manifest",
        tmp_path / "empty": "holds no files",
        put(tmp_path, "notes.txt", b"hello"): "is not a readable zip file",
    }
    for source, reason in cases.items():
        with pytest.raises(SourceRefused, match=reason):
            import_images(campaign, source, by=None)


GOOD = {"portrait/good.png": draw(1)}


def link() -> zipfile.ZipInfo:
    info = zipfile.ZipInfo("portrait/link.png")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info


def device() -> zipfile.ZipInfo:
    info = zipfile.ZipInfo("portrait/device.png")
    info.external_attr = (stat.S_IFCHR | 0o600) << 16
    return info


HOSTILE = {
    "a way out": ("../evil.png", "leads out of the zip"),
    "a way out further in": ("portrait/../../evil.png", "leads out of the zip"),
    "a way out by backslashes": ("portrait\\..\\..\\evil.png", "leads out of the zip"),
    "an absolute path": ("/etc/evil.png", "leads out of the zip"),
    "a share": ("\\\\host\\evil.png", "leads out of the zip"),
    "a drive letter": ("C:/evil.png", "leads out of the zip"),
    "a link": (link(), "is a link or device"),
    "a device": (device(), "is a link or device"),
}


@pytest.mark.parametrize(("name", "reason"), HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_zip_is_refused_as_a_whole(campaign, tmp_path, media, name, reason):
    path = write_zip(tmp_path / "in.zip", GOOD)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(name, b"/etc/passwd")
    with pytest.raises(SourceRefused, match=reason):
        import_images(campaign, path, by=None)
    assert nothing_is_stored(campaign, media)


def test_an_encrypted_zip_is_refused_as_a_whole(campaign, tmp_path, media):
    path = write_zip(tmp_path / "in.zip", GOOD)
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    with pytest.raises(SourceRefused, match="is encrypted"):
        import_images(campaign, path, by=None)
    assert nothing_is_stored(campaign, media)


@pytest.mark.parametrize("size", [0, 3, 60])
def test_a_broken_zip_is_refused_as_a_whole(campaign, tmp_path, media, size):
    path = write_zip(tmp_path / "in.zip", GOOD)
    path.write_bytes(path.read_bytes()[:size])
    with pytest.raises(SourceRefused, match="is not a readable zip file"):
        import_images(campaign, path, by=None)
    assert nothing_is_stored(campaign, media)


def test_a_zip_of_too_many_entries_is_refused_as_a_whole(campaign, tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "MOST_ENTRIES", 2)
    path = write_zip(tmp_path / "in.zip", {f"portrait/{n}.png": b"" for n in range(3)})
    with pytest.raises(SourceRefused, match="at most 2 entries are accepted, not 3"):
        import_images(campaign, path, by=None)


def test_a_bomb_in_a_zip_is_refused_and_the_rest_kept(campaign, tmp_path):
    path = write_zip(tmp_path / "in.zip", {"portrait/bomb.png": bytes(20_000_000), **GOOD})
    report = import_images(campaign, path, by=None)
    assert "a zip bomb: it unpacks to more than 200 times" in reasons(report)["portrait/bomb.png"]
    assert len(report.imported) == 1


def test_the_size_a_zip_declares_is_not_trusted(campaign, tmp_path, settings):
    settings.MAX_IMAGE_BYTES = 50_000
    noise = np.random.default_rng(1).bytes(200_000)
    path = write_zip(tmp_path / "in.zip", {"portrait/large.png": noise, **GOOD})
    data = bytearray(path.read_bytes())
    declared = data.index(b"PK\x01\x02") + 24
    data[declared : declared + 4] = struct.pack("<I", 10)
    path.write_bytes(data)
    report = import_images(campaign, path, by=None)
    assert list(reasons(report)) == ["portrait/large.png"]
    assert len(report.imported) == 1


def test_a_damaged_entry_is_refused_and_the_rest_kept(campaign, tmp_path):
    path = write_zip(tmp_path / "in.zip", {"portrait/bad.png": draw(2), **GOOD})
    data = bytearray(path.read_bytes())
    data[200] ^= 0xFF
    path.write_bytes(data)
    report = import_images(campaign, path, by=None)
    assert "damaged in the zip" in reasons(report)["portrait/bad.png"]
    assert len(report.imported) == 1


# Seen before


@pytest.mark.engine
def test_a_second_run_imports_nothing_new(campaign, folder, media):
    import_images(campaign, folder, by=None)
    files, images = stored_files(media), Image.objects.count()
    report = import_images(campaign, folder, by=None)
    assert report.counts == {"imported": 0, "added": 0, "duplicates": 3, "near_duplicates": 0, "refused": 0}
    assert report.duplicates[1].reason == "the same file is there already as a.jpg"
    assert (stored_files(media), Image.objects.count()) == (files, images)
    assert Event.objects.filter(verb="images.imported").count() == 1


@pytest.mark.engine
def test_the_same_bytes_under_two_names_are_one_image(campaign, folder):
    put(folder, "sketch/again.jpg", (folder / "portrait/a.jpg").read_bytes())
    report = import_images(campaign, folder, by=None)
    assert [item.file for item in report.duplicates] == ["sketch/again.jpg"]
    assert Image.objects.count() == 3


def test_an_image_known_elsewhere_is_added_to_this_campaign_by_its_own_manifest(campaign, folder):
    import_images(campaign, folder, by=None)
    other = make_campaign("other", images=0, opened=False)
    manifest = write_csv(folder / "manifest.csv", [["file", "subcategory"], ["portrait/a.jpg", "sketch"]])
    report = import_images(other, manifest, by=None)
    assert report.counts == {"imported": 0, "added": 1, "duplicates": 1, "near_duplicates": 0, "refused": 0}
    assert report.added[0].reason.startswith("row 2: the same file is there already as a.jpg, and is now in")
    entry = other.entries.get()
    assert (entry.subcategory, entry.image.subcategory) == ("sketch", "portrait")
    assert Event.objects.get(verb="images.imported", chain__campaign=other).content_hash == hash_content(
        [entry.image.sha256]
    )


class PowerCut(BaseException):
    """End everything at once."""


@pytest.mark.engine
def test_an_interrupted_import_goes_on_where_it_stopped(campaign, folder, media):
    def cut(done: int, total: int) -> None:
        if done == 2:
            raise PowerCut

    with pytest.raises(PowerCut):
        import_images(campaign, folder, by=None, progress=cut)
    assert Image.objects.count() == campaign.entries.count() == 2
    assert Event.objects.get(verb="images.imported").details == {"images": 2}
    report = import_images(campaign, folder, by=None)
    assert report.counts["imported"] == 1
    assert report.counts["duplicates"] == 2
    assert len(stored_files(media)) == 3 * 4


@pytest.mark.engine
def test_files_left_behind_by_a_power_cut_are_replaced(campaign, folder, media):
    sha256 = sha256_of((folder / "portrait/a.jpg").read_bytes())
    put(media, f"display/{sha256[:2]}/{sha256}.webp", b"half an image")
    import_images(campaign, folder, by=None)
    assert shown(Image.objects.get(sha256=sha256).display).size == (96, 64)
    assert len(stored_files(media)) == 3 * 4


@pytest.mark.engine
def test_files_are_removed_again_when_storing_fails_halfway(campaign, folder, media):
    put(media, "thumbnails", b"a file where a folder should be")
    with pytest.raises(OSError, match="thumbnails"):
        import_images(campaign, folder, by=None)
    assert stored_files(media) == ["thumbnails"]
    assert not Image.objects.exists()
    assert not NearDuplicateGroup.objects.exists()


@pytest.mark.engine
def test_files_are_removed_again_when_the_row_fails(campaign, folder, media):
    import_images(campaign, folder, by=None)
    files = stored_files(media)
    put(folder, "sketch/new.png", draw(9))
    campaign.annotations_per_image = -1  # No database takes that for an entry.
    with pytest.raises(IntegrityError):
        import_images(campaign, folder, by=None)
    assert stored_files(media) == files
    assert Image.objects.count() == 3


# Nearly the same


def groups(*names: str) -> set[int]:
    return set(Image.objects.filter(original_name__in=names).values_list("group", flat=True))


@pytest.mark.engine
def test_a_near_duplicate_joins_the_group_of_what_it_resembles(campaign, folder):
    put(folder, "sketch/smaller.jpg", encode(scene(48, 32, seed=1), "JPEG", quality=70))
    report = import_images(campaign, folder, by=None)
    assert [(item.file, item.reason) for item in report.near_duplicates] == [
        ("sketch/smaller.jpg", "shows nearly the same as a.jpg")
    ]
    assert len(groups("a.jpg", "smaller.jpg")) == 1
    assert len(groups("a.jpg", "b.png", "c.webp")) == 3


@pytest.mark.parametrize("turn", [*Pillow.Transpose], ids=lambda turn: str(turn.name))
def test_an_image_turned_or_mirrored_joins_the_group_too(campaign, tmp_path, turn):
    put(tmp_path / "in", "portrait/a.png", encode(scene(200, 150, seed=1)))
    turned = scene(160, 120, seed=1).transpose(turn)
    put(tmp_path / "in", "portrait/turned.jpg", encode(turned, "JPEG", quality=75))
    import_images(campaign, tmp_path / "in", by=None)
    assert len(groups("a.png", "turned.jpg")) == 1


def neighbour(data: bytes, *bits: int, alike: float = 1.0, **fields: Any) -> Image:
    """Make an image whose hash differs from that of `data` in these bits, and whose miniature correlates so far."""
    inspected = inspect(data, Limits())
    flipped = int(inspected.perceptual_hash, 16) ^ sum(1 << bit for bit in bits)
    own = np.frombuffer(inspected.miniature, np.uint8).astype(float)
    own = (own - own.mean()) / own.std()
    noise = np.random.default_rng(1).normal(size=own.size)
    noise -= noise.mean() + own * (noise @ own) / (own @ own)
    mixture = alike * own + np.sqrt(1 - alike**2) * noise / noise.std()
    pixels = np.rint(128 + 30 * mixture).clip(0, 255).astype(np.uint8).tobytes()
    return make_image(**({"perceptual_hash": f"{flipped:016x}", "miniature": pixels} | fields))


@pytest.mark.parametrize(
    ("bits", "alike", "state"),
    [
        (0, 0.98, "sure"),
        (14, 0.98, "sure"),
        (15, 0.98, None),
        (14, 0.92, "undecided"),
        (0, 0.92, "undecided"),
        (0, 0.82, None),
    ],
)
def test_two_looks_say_whether_images_are_a_pair(campaign, tmp_path, bits, alike, state):
    other = neighbour(draw(1), *range(bits), alike=alike)
    put(tmp_path / "in", "portrait/a.png", draw(1))
    report = import_images(campaign, tmp_path / "in", by=None)
    image = Image.objects.get(original_name="a.png")
    assert [(pair.one, pair.other, pair.state) for pair in NearDuplicatePair.objects.all()] == (
        [(other, image, state)] if state else []
    )
    assert (image.group == other.group) is bool(state)
    remarks = {"sure": f"shows nearly the same as {other.original_name}", None: ""}
    remarks["undecided"] = f"{remarks['sure']}, or may: an organiser decides"
    assert "".join(entry.reason for entry in report.near_duplicates) == remarks[state]


@pytest.mark.parametrize(("bits", "state"), [(6, "undecided"), (7, None)])
def test_without_a_miniature_six_bits_go_to_a_person(campaign, tmp_path, bits, state):
    neighbour(draw(1), *range(bits), miniature=b"")
    put(tmp_path / "in", "portrait/a.png", draw(1))
    import_images(campaign, tmp_path / "in", by=None)
    assert [pair.state for pair in NearDuplicatePair.objects.all()] == ([state] if state else [])


@pytest.mark.engine
def test_a_newcomer_that_ties_two_groups_makes_them_one(campaign, tmp_path):
    one, other = neighbour(draw(1), 0, 1, 2, 3, 4), neighbour(draw(1), 60, 61, 62, 63, split="train")
    third = make_image(group=other.group)
    put(tmp_path / "in", "portrait/a.png", draw(1))
    report = import_images(campaign, tmp_path / "in", by=None)
    assert report.near_duplicates[0].reason == f"shows nearly the same as {other.original_name}"
    assert groups("a.png", one.original_name, other.original_name, third.original_name) == {one.group_id}
    assert NearDuplicateGroup.objects.count() == 1


def test_a_newcomer_that_ties_different_splits_is_said_to_be_held_back(campaign, tmp_path):
    one, other = neighbour(draw(1), 0, 1, 2, split="train"), neighbour(draw(1), 60, 61, split="test")
    put(tmp_path / "in", "portrait/a.png", draw(1))
    report = import_images(campaign, tmp_path / "in", by=None)
    assert report.near_duplicates[0].reason == (
        f"shows nearly the same as {other.original_name}; "
        "releases hold it back, for it ties together the splits test and train"
    )
    assert NearDuplicatePair.objects.tying().count() == 2
    assert groups("a.png", one.original_name, other.original_name) == {one.group_id}


MANY = """
from tests.harness.factories import make_campaign
for slug in ("one", "other"):
    make_campaign(slug, images=0, opened=False)
"""
COUNTS = """
import json
from annotation.models import Campaign, Image, NearDuplicateGroup
entries = [campaign.entries.count() for campaign in Campaign.objects.all()]
print(json.dumps([Image.objects.count(), entries, NearDuplicateGroup.objects.count()]))
"""


@pytest.mark.engine
def test_two_imports_at_once_store_each_image_once_and_group_it(tmp_path):
    for seed in range(4):
        put(tmp_path / "in", f"portrait/{seed}.png", draw(seed))
        put(tmp_path / "in", f"portrait/{seed}-small.jpg", encode(scene(48, 32, seed=seed), "JPEG"))
    with installation(tmp_path / "var") as site:
        site.manage("shell", "--no-imports", "--command", MANY)

        def import_all(slug: str) -> dict[str, Any]:
            process = site.manage("import_images", str(tmp_path / "in"), "--campaign", slug, "--json")
            output: dict[str, Any] = json.loads(process.stdout)
            return output

        with ThreadPoolExecutor() as pool:
            reports = list(pool.map(import_all, ("one", "other")))
        counts = json.loads(site.manage("shell", "--no-imports", "--command", COUNTS).stdout)
        assert counts == [8, [8, 8], 4]
        assert sum(report["counts"]["imported"] for report in reports) == 8
        assert len([path for path in (tmp_path / "var" / "media").rglob("*") if path.is_file()]) == 8 * 4


# The command


def run(*arguments: Any) -> tuple[str, str]:
    out, errors = io.StringIO(), io.StringIO()
    call_command("import_images", *map(str, arguments), stdout=out, stderr=errors)
    return out.getvalue(), errors.getvalue()


def test_the_command_prints_one_json_object_as_the_docs_describe(campaign, folder):
    put(folder, "portrait/bad.jpg", b"no image")
    out, errors = run(folder, "--campaign", campaign.slug, "--json")
    output = json.loads(out)
    assert output["campaign"] == campaign.slug
    assert output["counts"] == {"imported": 3, "added": 0, "duplicates": 0, "near_duplicates": 0, "refused": 1}
    refusal = {"file": "portrait/bad.jpg", "row": None, "reason": "not an image; JPEG, PNG and WebP are accepted"}
    assert output["refused"] == [refusal]
    assert "portrait/bad.jpg: not an image" in errors
    docs = (Path(__file__).parents[4] / "docs" / "import.md").read_text(encoding="utf-8")
    example = json.loads(docs.split("```json")[1].split("```")[0])
    assert example.keys() == output.keys()
    assert example["counts"] == {name: len(example[name]) for name in example["counts"]}


def test_the_command_without_json_prints_a_summary(campaign, folder):
    out, _ = run(folder, "--campaign", campaign.slug)
    assert out == "portraits: 3 imported, 0 of them near duplicates; 0 duplicates, 0 of them new here; 0 refused\n"


def test_the_command_follows_links_where_it_is_told_to(campaign, tmp_path):
    put(tmp_path / "blobs", "0a", draw(1))
    (tmp_path / "in" / "portrait").mkdir(parents=True)
    (tmp_path / "in" / "portrait" / "a.png").symlink_to("../../blobs/0a")
    with pytest.raises(CommandError, match="no image could be imported"):
        run(tmp_path / "in", "--campaign", campaign.slug)
    run(tmp_path / "in", "--campaign", campaign.slug, "--follow-links")
    assert Image.objects.get().original_name == "a.png"


def test_the_command_is_told_how_names_in_a_zip_are_encoded(campaign, tmp_path):
    path = make_zip(tmp_path / "in.zip", {"portrait/풍경.png".encode("cp949"): draw(1)})
    with pytest.raises(CommandError, match="not certain; state it by --names-encoding"):
        run(path, "--campaign", campaign.slug)
    run(path, "--campaign", campaign.slug, "--names-encoding", "cp949")
    assert Image.objects.get().original_name == "풍경.png"


def test_the_command_takes_a_manifest_beside_the_source(campaign, folder, tmp_path):
    manifest = write_csv(tmp_path / "m.csv", [["file"], ["portrait/a.jpg"]])
    run(folder, "--campaign", campaign.slug, "--manifest", manifest)
    assert Image.objects.count() == 1


def test_the_command_fails_with_the_reason_when_nothing_could_be_done(campaign, tmp_path):
    put(tmp_path / "in", "portrait/bad.jpg", b"no image")
    cases = {
        (tmp_path / "nowhere", campaign.slug): "is not there",
        (tmp_path / "in", campaign.slug): "no image could be imported",
        (tmp_path / "in", "unheard-of"): "campaign 'unheard-of' is unknown; there are: portraits",
    }
    for (source, slug), reason in cases.items():
        with pytest.raises(CommandError, match=reason) as failure:
            run(source, "--campaign", slug)
        assert failure.value.returncode == 1


@pytest.mark.engine
def test_an_image_imported_into_an_open_campaign_is_handed_out(alice: User, tmp_path):
    campaign = make_campaign("opened", people=(alice,), images=1)
    put(tmp_path / "in", "portrait/a.png", draw(1))
    import_images(campaign, tmp_path / "in", by=None)
    image_ids = set()
    for _ in range(2):
        assignment = assign.next_assignment(campaign, alice)
        assert assignment is not None
        image_ids.add(assignment.image.original_name)
        assign.skip_assignment(assignment, by=alice, reason="cannot_judge")
    assert "a.png" in image_ids
