import csv
import json
import shutil
from io import StringIO
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.utils import timezone

from annotation.actions.agreement.measure_agreement import measure_agreement
from annotation.actions.answers.verify_events import verify_events
from annotation.actions.assignments import assign
from annotation.actions.campaigns.change_campaign import clone_campaign
from annotation.actions.campaigns.open_campaign import open_campaign
from annotation.actions.images.add_to_campaign import add_images
from annotation.actions.ratings.import_ratings import import_ratings
from annotation.actions.releases.build_release import build_release
from annotation.actions.releases.freeze_release import freeze_release
from annotation.actions.releases.publish_release import publish_release
from annotation.actions.releases.withdraw import withdraw_image, withdraw_person
from annotation.dataset.verify.verify import verify
from annotation.errors import BadInput, Conflict, ImageRefused, ReleaseRefused
from annotation.models import Annotation, Campaign, Release, WrittenOnce
from tests.harness.factories import judge, make_campaign, somebody

pytestmark = [pytest.mark.django_db, pytest.mark.engine, pytest.mark.usefixtures("quick")]


def make_released():
    alice, bob = map(somebody, ("alice", "bob"))
    campaign = make_campaign(people=(alice, bob), images=3, annotations_per_image=2)
    for person, score in ((alice, 6), (bob, 8)):
        for _ in range(3):
            judge(campaign, person, score)
    publish_release(campaign, "1.0.0", out=Path(settings.MEDIA_ROOT) / "released", by=None)


@pytest.fixture
def released(recall, media, tmp_path):
    """A campaign of three images that alice and bob have judged, with release 1.0.0."""
    recall(make_released)
    Release.objects.update(folder=shutil.move(media / "released" / "portraits-1.0.0", tmp_path))
    return Campaign.objects.get()


def rows_of(release, view="scores"):
    return pq.read_table(Path(release.folder) / view).to_pylist()


def test_a_withdrawn_image_leaves_a_tombstone_and_calls_for_a_major_version(released, olga, tmp_path):
    image = released.images.order_by("sha256").first()
    [withdrawal] = withdraw_image(image, by=olga, reason="licence")
    with pytest.raises(ReleaseRefused, match=r"1 images removed, which calls for a new major version, 2\.0\.0"):
        publish_release(released, "1.1.0", out=tmp_path, by=None)
    release = publish_release(released, "2.0.0", out=tmp_path, by=None)
    assert image.sha256 not in {row["sha256"] for row in rows_of(release)}
    [line] = csv.DictReader((Path(release.folder) / "WITHDRAWN.csv").read_text().splitlines())
    day = withdrawal.withdrawn_at.date().isoformat()
    assert line == {"what": "image", "id": image.sha256, "withdrawn_on": day, "reason": "licence"}
    assert verify(Path(release.folder)).findings == []
    assert verify_events(released) == []


def test_earlier_releases_are_marked_and_stay_verifiable_and_rebuildable(released, olga, tmp_path):
    old = released.releases.get()
    [withdrawal] = withdraw_image(released.images.first(), by=olga, reason="error")
    assert list(withdrawal.releases.all()) == [old]
    new = publish_release(released, "2.0.0", out=tmp_path, by=None)
    assert list(new.withdrawals.all()) == []
    assert verify(Path(old.folder)).findings == []
    (tmp_path / "again").mkdir()
    assert build_release(old, tmp_path / "again").manifest_sha256 == old.manifest_hash


def test_a_withdrawn_image_is_handed_to_nobody_and_comes_back_by_no_other_campaign(released, alice, carol, tmp_path):
    image = released.images.first()
    other = make_campaign("other", people=(carol,), images=1)
    add_images(other, [image], by=None)
    withdraw_image(image, by=None, reason="depicted")
    assert judge(other, carol)
    assert assign.next_assignment(other, carol) is None
    later = make_campaign("later", people=(alice,), images=0)
    with pytest.raises(ImageRefused, match="was withdrawn, and is nowhere handed out again"):
        add_images(later, [image], by=None)
    copy = clone_campaign(released, "copy", title="Copy", by=None)
    assert image not in copy.images.all()


def test_what_a_person_answered_is_left_out_from_now_on(released, bob, alice, olga, tmp_path):
    withdrawal = withdraw_person(released, bob, by=olga, reason="consent")
    assert [release.version for release in withdrawal.releases.all()] == ["1.0.0"]
    release = publish_release(released, "2.0.0", out=tmp_path, by=None)
    assert {row["rater"] for row in rows_of(release, "ratings")} == {alice.pseudonym}
    assert {(row["gt_score"], row["n"]) for row in rows_of(release)} == {(6, 1)}
    [line] = csv.DictReader((Path(release.folder) / "WITHDRAWN.csv").read_text().splitlines())
    assert (line["what"], line["id"], line["reason"]) == ("rater", bob.pseudonym, "consent")
    assert verify(Path(release.folder)).findings == []
    assert measure_agreement(released, by=None, replicates=10).figures["n_raters"] == 1
    assert Annotation.objects.filter(annotator=bob).count() == 3
    assert not released.memberships.get(user=bob).annotator


def test_a_withdrawal_happens_once_and_is_for_ever(released, bob, mallory):
    image = released.images.first()
    [withdrawal] = withdraw_image(image, by=None, reason="error")
    with pytest.raises(Conflict, match="withdrawn already"):
        withdraw_image(image, by=None, reason="error")
    withdraw_person(released, bob, by=None, reason="consent")
    with pytest.raises(Conflict, match="withdrawn already"):
        withdraw_person(released, bob, by=None, reason="consent")
    with pytest.raises(BadInput, match="took no part"):
        withdraw_person(released, mallory, by=None, reason="consent")
    with pytest.raises(BadInput, match="accepted: consent, licence, depicted, content, error"):
        withdraw_person(released, bob, by=None, reason="mood")
    with pytest.raises(WrittenOnce):
        withdrawal.delete()


def test_the_command_prints_what_the_docs_describe(released, bob):
    out = StringIO()
    call_command("withdraw", person=bob.pseudonym, campaign="portraits", reason="consent", json=True, stdout=out)
    expected = {"campaign": "portraits", "image": None, "rater": bob.pseudonym, "reason": "consent"}
    folder = str(released.releases.get().path)
    expected |= {"files": None, "releases": ["1.0.0"], "folders": [folder], "copies": []}
    assert json.loads(out.getvalue()) == {"withdrawn": [expected]}
    out = StringIO()
    image = released.images.first()
    call_command("withdraw", image=image.sha256, reason="licence", stdout=out)
    assert out.getvalue().splitlines() == [
        f"portraits: {image.sha256} withdrawn; releases marked: 1.0.0",
        "portraits: its files are erased from storage",
        f"portraits: {folder} holds what was withdrawn",
    ]
    with pytest.raises(CommandError, match="is unknown; a SHA-256 is accepted"):
        call_command("withdraw", image="heron", reason="licence")
    with pytest.raises(CommandError, match="needs --campaign"):
        call_command("withdraw", person="bob", reason="consent")


def test_campaigns_that_hold_imported_copies_of_a_person_are_named(released, alice, bob, carol, tmp_path):
    def withdrawn(person, campaign):
        out = StringIO()
        call_command("withdraw", person=person, campaign=campaign, reason="consent", json=True, stdout=out)
        return json.loads(out.getvalue())["withdrawn"][0]["copies"]

    def copied_into(slug, release):
        campaign = make_campaign(slug, people=(carol,), images=0)
        add_images(campaign, released.images.all(), by=None)
        open_campaign(campaign, by=None)
        judge(campaign, carol)
        assert import_ratings(campaign, Path(release.folder), by=None).refused == []
        return campaign

    second = copied_into("second", released.releases.get())
    third = copied_into("third", publish_release(second, "1.0.0", out=tmp_path, by=None))
    there = second.annotations.filter(declared_rater=bob.pseudonym).first().annotator
    assert withdrawn(bob.pseudonym, "portraits") == [{"campaign": "second", "rater": there.pseudonym}]
    further = third.annotations.filter(declared_rater=there.pseudonym).first().annotator
    assert withdrawn(there.pseudonym, "second") == [{"campaign": "third", "rater": further.pseudonym}]
    assert withdrawn(further.pseudonym, "third") == []

    copy = second.annotations.filter(declared_rater=alice.pseudonym).first().annotator
    withdraw_person(second, copy, by=None)
    assert withdrawn(alice.pseudonym, "portraits") == [], "what is withdrawn there already is not named"


def test_the_command_names_copies_in_a_line_each(released, bob, carol):
    copy = make_campaign("copy", people=(carol,), images=0)
    add_images(copy, released.images.all(), by=None)
    import_ratings(copy, Path(released.releases.get().folder), by=None)
    there = copy.annotations.filter(declared_rater=bob.pseudonym).first().annotator
    out = StringIO()
    call_command("withdraw", person="bob", campaign="portraits", reason="consent", stdout=out)
    assert out.getvalue().splitlines() == [
        f"portraits: {bob.pseudonym} withdrawn; releases marked: 1.0.0",
        f"portraits: {released.releases.get().path} holds what was withdrawn",
        f"copy: holds imported copies under {there.pseudonym}; withdraw them there too",
    ]


def test_the_page_of_a_release_says_that_it_holds_what_was_withdrawn(released, arthur, client):
    client.force_login(arthur)
    pages = ("/releases/portraits/1.0.0/", "/audit/portraits/releases/")
    assert not any("ithdrawn" in client.get(page).content.decode() for page in pages)
    withdraw_image(released.images.first(), by=None, reason="consent")
    first, second = (client.get(page).content.decode() for page in pages)
    assert "Withdrawn since." in first
    assert "holds what was withdrawn" in second


@pytest.mark.parametrize(("reason", "pictures"), [("depicted", False), ("error", True)])
def test_the_pictures_of_a_release_are_handed_out_no_more_where_one_is_erased(
    released, arthur, client, reason, pictures
):
    release = released.releases.get()
    withdraw_image(released.images.first(), by=None, reason=reason)
    client.force_login(arthur)
    page = client.get("/releases/portraits/1.0.0/").content.decode()
    assert ("pictures are no longer handed out" in page) is not pictures
    names = [path.relative_to(release.path).as_posix() for path in (release.path / "data").iterdir()]
    assert all((name in page) is pictures for name in names)
    statuses = {client.get(f"/releases/portraits/1.0.0/files/{name}").status_code for name in names}
    assert statuses == {200 if pictures else 404}
    assert client.get("/releases/portraits/1.0.0/files/README.md").status_code == 200
    assert verify(release.path).findings == []


def test_a_stopped_build_from_before_a_withdrawal_is_not_gone_on_with(released, olga, bob, tmp_path):
    image = released.images.first()
    stopped = freeze_release(released, "2.0.0", tmp_path / "portraits-2.0.0", by=None, released_at=timezone.now())
    withdraw_image(image, by=olga, reason="error")
    release = publish_release(released, "2.0.0", out=tmp_path, by=None)
    assert release != stopped
    assert image.sha256 not in {row["sha256"] for row in rows_of(release)}
    stopped.refresh_from_db()
    assert stopped.state == "failed"


def test_a_build_during_which_something_is_withdrawn_publishes_nothing(released, bob, tmp_path):
    with pytest.raises(ReleaseRefused, match="withdrawn while it was built; publish again"):
        publish_release(
            released,
            "1.0.1",
            out=tmp_path,
            by=None,
            on_start=lambda release: withdraw_person(released, bob, by=None, reason="consent"),
        )
    assert not (tmp_path / "portraits-1.0.1").exists()
