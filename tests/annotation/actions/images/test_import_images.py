"""Import keeps the good images and lists the others with the reason; nothing is ever half done."""

from __future__ import annotations

import io
import json
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from annotation.actions.assignments import assign
from annotation.actions.events.record import hash_content
from annotation.actions.images.import_images import import_images
from annotation.errors import SourceRefused
from annotation.images.files import sha256_of
from annotation.models import Event, Image, NearDuplicateGroup
from tests.annotation.images.test_files import BAD, exif
from tests.annotation.imports.test_image_sources import make_zip
from tests.harness.factories import make_campaign
from tests.harness.sources import content, draw, nothing_is_stored, put, reasons, shown, stored_files, write_csv
from webapp.accounts.models import User

pytestmark = pytest.mark.django_db


# What is good


@pytest.mark.engine
def test_a_folder_becomes_images_of_the_campaign_with_the_folders_as_subcategories(draft, folder, olga, media):
    report = import_images(draft, folder, by=olga)
    assert report.counts == {"imported": 3, "added": 0, "duplicates": 0, "near_duplicates": 0, "refused": 0}
    entries = {entry.image.original_name: entry for entry in draft.entries.select_related("image")}
    assert {name: entry.subcategory for name, entry in entries.items()} == {
        "a.jpg": "portrait",
        "b.png": "portrait",
        "c.webp": "daily_photo",
    }
    assert all(entry.places == entry.wanted == draft.annotations_per_image for entry in entries.values())
    image = entries["a.jpg"].image
    data = (folder / "portrait/a.jpg").read_bytes()
    assert (image.sha256, image.byte_size, image.format) == (sha256_of(data), len(data), "JPEG")
    assert (image.width, image.height) == (96, 64)
    assert content(image.original) == data
    assert sha256_of(content(image.stripped)) == image.stripped_sha256
    assert shown(image.display).format == shown(image.thumbnail).format == "WEBP"
    assert len(stored_files(media)) == 3 * 4


def test_served_copies_say_nothing_and_stand_upright_while_the_original_stays_as_it_came(draft, tmp_path):
    data = draw(1, "JPEG", exif=exif(6), comment=b"N 48 deg 12 min")
    put(tmp_path / "in", "portrait/a.jpg", data)
    import_images(draft, tmp_path / "in", by=None)
    image = Image.objects.get()
    assert (image.width, image.height) == (64, 96)
    assert content(image.original) == data
    for copy in (image.stripped, image.display, image.thumbnail):
        assert b"N 48 deg" not in content(copy)
        assert shown(copy).size == (64, 96)


def test_progress_is_told_file_by_file(draft, folder):
    calls = []
    import_images(draft, folder, by=None, progress=lambda count, total: calls.append((count, total)))
    assert calls == [(1, 3), (2, 3), (3, 3)]


def test_one_event_covers_the_whole_import(draft, folder, olga):
    import_images(draft, folder, by=olga)
    event = Event.objects.get(verb="images.imported")
    hashes = sorted(Image.objects.values_list("sha256", flat=True))
    assert event.content_hash == hash_content(hashes)
    assert event.details == {"images": 3}
    assert event.actor == olga


# What is bad, one by one


@pytest.mark.parametrize(("data", "reason"), BAD.values(), ids=BAD.keys())
def test_a_bad_image_is_refused_and_leaves_no_trace_while_the_others_are_kept(draft, folder, media, data, reason):
    put(folder, "portrait/bad.jpg", data)
    report = import_images(draft, folder, by=None)
    assert list(reasons(report)) == ["portrait/bad.jpg"]
    assert reason in reasons(report)["portrait/bad.jpg"]
    assert Image.objects.count() == draft.entries.count() == 3
    assert len(stored_files(media)) == 3 * 4
    assert NearDuplicateGroup.objects.count() == 3


def test_limits_come_from_the_settings(draft, folder, settings):
    settings.MAX_IMAGE_BYTES = 100
    report = import_images(draft, folder, by=None)
    assert "at most 100 bytes are accepted" in reasons(report)["portrait/a.jpg"]
    settings.MAX_IMAGE_BYTES, settings.MAX_IMAGE_PIXELS = 10**6, 96 * 64 - 1
    report = import_images(draft, folder, by=None)
    assert "at most 6,143 pixels are accepted, not 96 x 64" in reasons(report)["portrait/a.jpg"]


def test_a_folder_that_is_no_subcategory_is_refused_with_the_accepted_ones(draft, tmp_path, media):
    put(tmp_path / "in", "holiday/a.png", draw(1))
    put(tmp_path / "in", "b.png", draw(2))
    report = import_images(draft, tmp_path / "in", by=None)
    assert "'holiday' is unknown; accepted: " in reasons(report)["holiday/a.png"]
    for key in draft.rubric.subcategories:
        assert key in reasons(report)["b.png"]
    assert nothing_is_stored(draft, media)


def test_a_file_that_may_not_be_opened_is_refused(draft, folder):
    (folder / "portrait" / "loop.png").symlink_to("loop.png")
    report = import_images(draft, folder, by=None)
    assert "cannot be read" in reasons(report)["portrait/loop.png"]
    assert len(report.imported) == 3


def test_a_file_name_that_is_no_text_is_reported_readably(draft, tmp_path):
    put(tmp_path / "in", "portrait/\udcff.png", draw(1))
    report = import_images(draft, tmp_path / "in", by=None)
    assert [item.file for item in report.imported] == ["portrait/?.png"]
    json.dumps(report.to_json(), ensure_ascii=False).encode()


@pytest.mark.engine
def test_what_acts_on_a_terminal_stands_in_no_stored_or_printed_name(draft, tmp_path):
    name = "a\x1b]0;owned\x07\x1b[2J\u202egpj.png"
    put(tmp_path / "in", f"portrait/{name}", draw(1))
    put(tmp_path / "in", "portrait/\x1b[31mbad.png", b"no image")
    out, errors = run(tmp_path / "in", "--campaign", draft.slug, "--json")
    assert Image.objects.get().original_name == "a?]0;owned??[2J?gpj.png"
    assert "\x1b" not in errors + json.loads(out)["refused"][0]["file"]
    assert "portrait/?[31mbad.png: not an image" in errors


def test_what_acts_on_a_terminal_stands_in_no_reason_of_a_whole_source_either(draft, tmp_path):
    for name in ("\x1b[2Jone", "two"):
        put(tmp_path / "in", f"{name}/manifest.csv", b"file\n")
    with pytest.raises(CommandError) as failure:
        run(tmp_path / "in", "--campaign", draft.slug)
    assert "holds ?[2Jone/manifest.csv, two/manifest.csv" in str(failure.value)


IN_WORDS = ["Photo Art", "photo-art", "PHOTO_ART", "艺术摄影", "photo_art"]


@pytest.mark.parametrize("name", IN_WORDS)
def test_a_subcategory_goes_by_its_name_in_any_language_as_in_answers_from_elsewhere(draft, tmp_path, name):
    put(tmp_path / "in", f"{name}/a.png", draw(1))
    put(tmp_path / "in", "other/b.png", draw(2))
    write_csv(tmp_path / "m.csv", [["file", "subcategory"], [f"{name}/a.png", ""], ["other/b.png", name]])
    import_images(draft, tmp_path / "in", by=None, manifest=tmp_path / "m.csv")
    assert [entry.subcategory for entry in draft.entries.all()] == ["photo_art"] * 2


def test_a_name_of_macos_with_its_accents_apart_is_a_subcategory_too(draft, tmp_path):
    put(tmp_path / "in", unicodedata.normalize("NFD", "Children’s Painting") + "/a.png", draw(1))
    import_images(draft, tmp_path / "in", by=None)
    assert draft.entries.get().subcategory == "childrens_painting"


def test_a_table_beside_the_images_is_refused_with_how_to_name_it(draft, folder):
    put(folder, "licences.xlsx", b"PK\x03\x04")
    put(folder, "list.csv", b"file,licence\n")
    report = import_images(draft, folder, by=None)
    assert set(reasons(report)) == {"licences.xlsx", "list.csv"}
    assert all("name it by --manifest, or call it manifest.csv" in reason for reason in reasons(report).values())


def test_columns_of_imagefolder_that_were_passed_over_are_said(draft, folder):
    put(folder, "metadata.csv", b"file_name,license,text\nportrait/a.jpg,CC-BY-4.0,a heron\n")
    out, errors = run(folder, "--campaign", draft.slug, "--json")
    assert Image.objects.get().licence == "CC-BY-4.0"
    assert json.loads(out)["remarks"] == ["metadata.csv: columns passed over: text"]
    assert "columns passed over: text" in errors


# What is bad as a whole


def test_a_source_that_is_not_there_or_empty_or_of_another_kind_is_refused(draft, tmp_path):
    (tmp_path / "empty").mkdir()
    cases = {
        tmp_path / "nowhere": "is not there; a folder, a zip or a manifest",
        tmp_path / "empty": "holds no files",
        put(tmp_path, "notes.txt", b"hello"): "is not a readable zip file",
    }
    for source, reason in cases.items():
        with pytest.raises(SourceRefused, match=reason):
            import_images(draft, source, by=None)


# The command


def run(*arguments: Any) -> tuple[str, str]:
    out, errors = io.StringIO(), io.StringIO()
    call_command("import_images", *map(str, arguments), stdout=out, stderr=errors)
    return out.getvalue(), errors.getvalue()


def test_the_command_prints_one_json_object_as_the_docs_describe(draft, folder):
    put(folder, "portrait/bad.jpg", b"no image")
    out, errors = run(folder, "--campaign", draft.slug, "--json")
    output = json.loads(out)
    assert output["campaign"] == draft.slug
    assert output["counts"] == {"imported": 3, "added": 0, "duplicates": 0, "near_duplicates": 0, "refused": 1}
    refusal = {"file": "portrait/bad.jpg", "row": None, "reason": "not an image; JPEG, PNG and WebP are accepted"}
    assert output["refused"] == [refusal]
    assert "portrait/bad.jpg: not an image" in errors
    docs = (Path(__file__).parents[4] / "docs" / "import.md").read_text(encoding="utf-8")
    example = json.loads(docs.split("```json")[1].split("```")[0])
    assert example.keys() == output.keys()
    assert example["counts"] == {name: len(example[name]) for name in example["counts"]}


def test_the_command_without_json_prints_a_summary(draft, folder):
    out, _ = run(folder, "--campaign", draft.slug)
    assert out == "portraits: 3 imported, 0 of them near duplicates; 0 duplicates, 0 of them new here; 0 refused\n"


def test_the_command_follows_links_where_it_is_told_to(draft, tmp_path):
    put(tmp_path / "blobs", "0a", draw(1))
    (tmp_path / "in" / "portrait").mkdir(parents=True)
    (tmp_path / "in" / "portrait" / "a.png").symlink_to("../../blobs/0a")
    with pytest.raises(CommandError, match="no image could be imported"):
        run(tmp_path / "in", "--campaign", draft.slug)
    run(tmp_path / "in", "--campaign", draft.slug, "--follow-links")
    assert Image.objects.get().original_name == "a.png"


def test_the_command_is_told_how_names_in_a_zip_are_encoded(draft, tmp_path):
    path = make_zip(tmp_path / "in.zip", {"portrait/풍경.png".encode("cp949"): draw(1)})
    with pytest.raises(CommandError, match="not certain; state it by --names-encoding"):
        run(path, "--campaign", draft.slug)
    run(path, "--campaign", draft.slug, "--names-encoding", "cp949")
    assert Image.objects.get().original_name == "풍경.png"


def test_the_command_takes_a_manifest_beside_the_source(draft, folder, tmp_path):
    manifest = write_csv(tmp_path / "m.csv", [["file"], ["portrait/a.jpg"]])
    run(folder, "--campaign", draft.slug, "--manifest", manifest)
    assert Image.objects.count() == 1


def test_the_command_fails_with_the_reason_when_nothing_could_be_done(draft, tmp_path):
    put(tmp_path / "in", "portrait/bad.jpg", b"no image")
    cases = {
        (tmp_path / "nowhere", draft.slug): "is not there",
        (tmp_path / "in", draft.slug): "no image could be imported",
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
