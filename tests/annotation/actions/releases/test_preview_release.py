"""What a release would hold, foreseen: the same as it holds once it is built, and nothing is changed by looking."""

import json
from io import BytesIO, StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from annotation.actions.releases.build_release import build_release
from annotation.actions.releases.exclude_images import read_exclusions
from annotation.actions.releases.preview_release import preview_release
from annotation.actions.releases.publish_release import publish_release
from annotation.dataset.format.facts import HeldImage
from annotation.dataset.format.frozen import Scope
from annotation.dataset.verify.verify import verify
from annotation.errors import ReleaseRefused
from annotation.models import Campaign, Event, Image, Release
from tests.harness.factories import judge, make_campaign, make_user, tie

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick")]


def make_judged():
    people = make_user("alice"), make_user("bob")
    campaign = make_campaign(people=people, images=12, annotations_per_image=2)
    for person in people:
        for _ in range(12):
            judge(campaign, person, 7)
    entry = campaign.entries.last()
    entry.excluded = True
    entry.save()


@pytest.fixture
def judged_campaign(recall):
    """A campaign of twelve images, which alice and bob have judged, and one of which is left out."""
    recall(make_judged)
    return Campaign.objects.get()


def test_it_says_what_the_release_then_holds(judged_campaign, tmp_path):
    preview = preview_release(judged_campaign, "1.0.0", out=tmp_path)
    assert not Image.objects.exclude(split="").exists()
    assert not Release.objects.exists()
    assert not Event.objects.filter(verb__startswith="release.").exists()
    assert list(tmp_path.glob("*portraits*")) == []
    release = publish_release(judged_campaign, "1.0.0", out=tmp_path, by=None)
    record = json.loads((Path(release.folder) / "release.json").read_text())
    assert (preview.images, preview.splits, preview.new) == (record["images"], record["splits"], 11)
    assert (preview.annotations, preview.counted) == (
        record["annotations"]["first"],
        record["annotations"]["counted"],
    )
    assert preview.arms == record["first_annotations_by_arm"]
    assert preview.parts == release.parts
    assert (preview.raters, preview.frozen.without_annotations) == (record["raters"], 0)
    assert preview.to_json()["excluded"] == record["scope"]["excluded"]
    assert preview.blockers == []
    assert (preview.previous, preview.level) == ("", "minor")


def test_licence_and_statements_are_frozen_in_the_release_and_gaps_are_foreseen(judged_campaign, tmp_path):
    Campaign.objects.update(annotations_licence="CC-BY-4.0", statements={"funding": "A grant."})
    judged_campaign.refresh_from_db()
    out = StringIO()
    call_command("release", "portraits", "1.0.0", out=str(tmp_path), preview=True, stdout=out)
    assert "the datasheet will say of payment: not stated by the organisers" in out.getvalue()
    gaps = [
        "creators", "contact", "ethics_review", "recruitment", "payment", "sources", "synthetic", "social_impact",
    ]  # fmt: skip
    assert preview_release(judged_campaign, "1.0.0", out=tmp_path).gaps == gaps
    release = publish_release(judged_campaign, "1.0.0", out=tmp_path, by=None)
    Campaign.objects.update(annotations_licence="", statements={})
    (tmp_path / "again").mkdir()
    assert build_release(Release.objects.get(), tmp_path / "again").manifest_sha256 == release.manifest_hash
    record = json.loads((Path(release.folder) / "release.json").read_text())
    assert (record["annotations_licence"], record["statements"]) == ("CC-BY-4.0", {"funding": "A grant."})


def test_after_a_release_it_says_which_number_rises_and_what_is_new(judged_campaign, carol, tmp_path):
    publish_release(judged_campaign, "1.0.0", out=tmp_path, by=None)
    preview = preview_release(judged_campaign, "1.0.1", out=tmp_path)
    assert (preview.previous, preview.level, preview.new, preview.report_is_current) == ("1.0.0", "patch", 0, True)
    judged_campaign.entries.filter(excluded=True).update(excluded=False)
    assert preview_release(judged_campaign, "1.1.0", out=tmp_path).new == 1


def test_all_that_stands_in_the_way_is_said_at_once(judged_campaign, tmp_path):
    publish_release(judged_campaign, "1.0.0", out=tmp_path, by=None)
    preview = preview_release(judged_campaign, "1.0.0", out=tmp_path, scope=Scope(least_annotations=3, doi="zenodo"))
    assert list(map(str, preview.blockers)) == [
        "version 1.0.0 does not come after 1.0.0, the newest one of portraits",
        "zenodo is no DOI; one such as 10.5281/zenodo.1234 is accepted",
        f"{tmp_path / 'portraits-1.0.0'} is there already; choose another folder or version",
        "no image of portraits that is not excluded has 3 answers that count",
    ]
    assert (preview.images, preview.frozen.without_annotations) == (0, 11)


def test_a_newcomer_that_would_tie_splits_is_foreseen_to_stay_out(judged_campaign, carol, tmp_path):
    publish_release(judged_campaign, "1.0.0", out=tmp_path, by=None)
    train, test = (Image.objects.filter(split=split).first() for split in ("train", "test"))
    newcomer = judged_campaign.entries.get(excluded=True)
    newcomer.excluded = False
    newcomer.save()
    for end in (train, test):
        tie(newcomer.image, end)
    preview = preview_release(judged_campaign, "2.0.0", out=tmp_path)
    assert preview.frozen.held == (HeldImage(newcomer.image.sha256, ("train", "test")),)
    assert preview.images == 11


def test_the_command_prints_it_and_fails_where_something_stands_in_the_way(judged_campaign, tmp_path):
    out = StringIO()
    call_command("release", "portraits", "1.0.0", out=str(tmp_path), preview=True, stdout=out)
    assert "11 images (train 9, validation 1, test 1), 11 of them new, in 3 parts" in out.getvalue()
    assert "22 answers of 2 raters, 22 that count" in out.getvalue()
    with pytest.raises(CommandError, match="three whole numbers"):
        call_command("release", "portraits", "one", out=str(tmp_path), preview=True, stdout=out)
    out = StringIO()
    call_command("release", "portraits", "one", out=str(tmp_path), preview=True, json=True, stdout=out)
    assert "three whole numbers" in json.loads(out.getvalue())["blockers"][0]
    assert list(tmp_path.glob("*portraits*")) == []


def listing(path, *rows):
    path.write_text("\n".join(["image,reason", *rows]) + "\n", encoding="utf-8")
    return path


def test_a_list_leaves_images_out_with_reasons_and_does_not_hold_for_the_next_release(judged_campaign, tmp_path):
    entry_listed, entry_kept = judged_campaign.entries.filter(excluded=False)[:2]
    file = listing(tmp_path / "list.csv", f'{entry_listed.image.sha256},"Doubtful, to be\nasked"')
    out = StringIO()
    arguments = {"out": str(tmp_path), "exclude": str(file), "stdout": out}
    call_command("release", "portraits", "1.0.0", preview=True, **arguments)
    assert f"excluded: {entry_listed.image.sha256}: listed: Doubtful, to be asked" in out.getvalue()
    assert "10 images" in out.getvalue()
    call_command("release", "portraits", "1.0.0", **arguments)
    record = json.loads((tmp_path / "portraits-1.0.0" / "release.json").read_text())
    exclusion = {"sha256": entry_listed.image.sha256, "kind": "listed", "why": "listed: Doubtful, to be asked"}
    assert exclusion in record["scope"]["excluded"]
    assert (record["images"], len(record["scope"]["excluded"]), record["without_annotations"]) == (10, 2, 0)
    assert verify(tmp_path / "portraits-1.0.0").findings == []

    preview = preview_release(judged_campaign, "1.1.0", out=tmp_path)
    assert [(image.sha256, image.why) for image in preview.returning] == [
        (entry_listed.image.sha256, "Doubtful, to be asked")
    ]
    assert (preview.level, preview.images) == ("minor", 11)
    out = StringIO()
    call_command("release", "portraits", "1.1.0", preview=True, out=str(tmp_path), stdout=out)
    assert f"comes in, but was listed to be excluded from 1.0.0: {entry_listed.image.sha256}" in out.getvalue()

    both = {entry_listed.image.sha256: "Doubtful", entry_kept.image.sha256: "Doubtful too"}
    assert preview_release(judged_campaign, "2.0.0", out=tmp_path, scope=Scope(listed=both)).level == "major"
    with pytest.raises(ReleaseRefused, match="calls for a new major version"):
        publish_release(judged_campaign, "1.1.0", out=tmp_path, by=None, scope=Scope(listed=both))
    assert (
        publish_release(judged_campaign, "2.0.0", out=tmp_path, by=None, scope=Scope(listed=both)).frozen.scope.listed
        == both
    )


def test_a_stopped_build_goes_on_only_with_the_same_list(judged_campaign, tmp_path):
    sha256 = judged_campaign.entries.filter(excluded=False).first().image.sha256

    def stop(done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        publish_release(
            judged_campaign, "1.0.0", out=tmp_path, by=None, scope=Scope(listed={sha256: "Doubtful"}), on_progress=stop
        )
    first = Release.objects.get()
    assert publish_release(judged_campaign, "1.0.0", out=tmp_path, by=None) != first
    first.refresh_from_db()
    assert first.state == Release.State.FAILED


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (["99.jpg,Doubtful"], "list.csv, row 2, image: the campaign has no image '99.jpg'; a SHA-256 or the name"),
        (["00.jpg,"], "list.csv, row 2, reason: a reason of 1 to 500 characters is accepted"),
        (["00.jpg,NA"], "list.csv, row 2, reason: a reason of 1 to 500 characters is accepted"),
        ([f"00.jpg,{'x' * 501}"], "list.csv, row 2, reason: a reason of 1 to 500"),
        (["00.jpg,Doubtful", "", "00,Twice"], "list.csv, row 4, image: stands in row 2 already; once is accepted"),
        (["00.jpg"], "the list is not understood: list.csv, row 2: 2 fields are accepted, as in the header, not 1"),
        (['00.jpg,"Doubtful'], "the list is not understood: list.csv, after row 1: is not CSV: "),
    ],
)
def test_a_list_that_is_not_understood_is_refused_before_anything_is_written(judged_campaign, tmp_path, rows, reason):
    Image.objects.filter(pk=judged_campaign.images.first().pk).update(original_name="00.jpg")
    file = listing(tmp_path / "list.csv", *rows)
    with pytest.raises(CommandError) as refusal:
        call_command("release", "portraits", "1.0.0", out=str(tmp_path), exclude=str(file))
    assert str(refusal.value).startswith(reason)
    assert not Release.objects.exists()


def test_a_list_with_other_columns_or_that_is_not_there_is_refused(judged_campaign, tmp_path):
    file = tmp_path / "list.csv"
    arguments = {"out": str(tmp_path), "exclude": str(file)}
    with pytest.raises(CommandError, match=r"list\.csv: cannot be read"):
        call_command("release", "portraits", "1.0.0", **arguments)
    file.write_text("image,why\n")
    with pytest.raises(CommandError, match=r"list\.csv, row 1, header: the columns image and reason are accepted"):
        call_command("release", "portraits", "1.0.0", **arguments)
    file.write_bytes(b"PK\x03\x04")
    with pytest.raises(CommandError, match=r"list\.csv: is a workbook .*; save it as CSV"):
        call_command("release", "portraits", "1.0.0", **arguments)


REASON = "Größe »unklar«, nachfragen"


@pytest.mark.parametrize(
    "data",
    [
        f"image;reason;\n00.jpg;{REASON};\n;;\n".encode(),
        f"sep=;\r\nImage;Reason\r\n00.jpg;{REASON}\r\n".encode("cp1252"),
        f"reason\timage\r\n{REASON}\t00.jpg\r\n".encode("utf-16"),
        f'\ufeffimage|reason\n00.jpg|"{REASON}"\n'.encode(),
    ],
    ids=["semicolons", "Excel in Europe", "Excel's Unicode text", "bars"],
)
def test_a_list_is_read_as_spreadsheets_write_it(judged_campaign, data):
    image = judged_campaign.images.first()
    Image.objects.filter(pk=image.pk).update(original_name="00.jpg")
    assert read_exclusions([judged_campaign], BytesIO(data), "list.csv") == {image.sha256: REASON}
