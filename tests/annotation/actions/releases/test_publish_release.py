import hashlib
import json
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from annotation.actions.agreement.measure_agreement import measure_agreement
from annotation.actions.answers import annotate
from annotation.actions.assignments.assign import next_assignment
from annotation.actions.campaigns.open_campaign import invite_people, open_campaign
from annotation.actions.duplicates.decide_pair import decide_pair
from annotation.actions.images.add_to_campaign import add_images
from annotation.actions.releases.build_release import build_release, help_to_build
from annotation.actions.releases.check_release import likely_level
from annotation.actions.releases.publish_release import publish_release
from annotation.actions.releases.rederive import IN_FULL
from annotation.actions.releases.verify_release import verify_release
from annotation.actions.releases.withdraw import withdraw_image
from annotation.actions.reviews.review import adjudicate_case
from annotation.dataset.contents.benchmarks import read_list, write_list
from annotation.dataset.format import manifest
from annotation.dataset.format.canonical import page
from annotation.dataset.format.frozen import EVERYTHING, Scope
from annotation.dataset.format.manifest import files_below, sha256_of
from annotation.dataset.verify.verify import verify
from annotation.dataset.write.parts import build_folder
from annotation.errors import Conflict, ReleaseRefused
from annotation.models import Campaign, Case, Event, Image, Release, Report
from tests.harness.embeddings import embedding_at, store_embeddings
from tests.harness.factories import (
    SECRET_WORDS,
    force_arm,
    judge,
    make_campaign,
    make_content,
    make_image,
    make_release,
    make_user,
    prefill_all,
    rubric_content,
    tie,
)
from tests.harness.installation import ROOT
from tests.harness.offline import load_release

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick")]

RUBRIC_KEYS = [attribute["key"] for attribute in json.loads(rubric_content())["attributes"]]
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def make_judged(annotations_per_image=2):
    alice, bob, carol = map(make_user, ("alice", "bob", "carol"))
    campaign = make_campaign(people=(alice, bob, carol), images=12, annotations_per_image=annotations_per_image)
    judge_all(campaign, alice, 7)
    judge_all(campaign, bob, 8)
    measure_agreement(campaign, by=None, replicates=10)


@pytest.fixture
def judged_campaign(recall):
    """A campaign of twelve images; alice and bob have judged all, carol none."""
    recall(make_judged)
    return Campaign.objects.get()


@pytest.fixture
def open_still(db):
    """A campaign of twelve images, each wanting a third answer, which carol may give."""
    make_judged(annotations_per_image=3)
    return Campaign.objects.get()


def make_annotated():
    alice = make_user("alice")
    campaign = make_campaign(people=(alice,), images=1)
    judge(campaign, alice)
    measure_agreement(campaign, by=None, replicates=10)


@pytest.fixture
def answered(recall):
    """A campaign with a single answer."""
    recall(make_annotated)
    return Campaign.objects.get()


def judge_all(campaign, person, score):
    for _ in range(campaign.entries.count() - campaign.annotations.filter(annotator=person).count()):
        judge(campaign, person, score)


def rows_of(folder):
    shards = sorted((Path(folder) / "data").glob("*.parquet"))
    return [row for shard in shards for row in pq.read_table(shard).to_pylist()]


def record_of(release):
    return json.loads((Path(release.folder) / "release.json").read_text(encoding="utf-8"))


def test_a_release_loads_with_datasets_images_and_all(judged_campaign, olga, tmp_path):
    release = publish_release(judged_campaign, "0.1.0", out=tmp_path, by=olga)
    dataset = load_release(release.folder, tmp_path / "cache")
    assert {split: len(dataset[split]) for split in dataset} == {"train": 10, "validation": 1, "test": 1}
    row = dataset["train"][0]
    image = Image.objects.get(sha256=row["sha256"])
    assert row["image"].size == (image.width, image.height) == (8, 6)
    assert row["gt_score"] == 7.5
    assert row["scores"]["overall_gestalt"] == {"mean": 7.5, "n": 2, "se": 0.5, "corrected": 7.5}
    assert (row["category"], row["subcategory"], row["licence"]) == ("photography", "daily_photo", "CC0-1.0")
    assert [given["judgements"]["overall_gestalt"]["score"] for given in row["annotations"]] in ([7, 8], [8, 7])


def test_a_release_holds_by_itself(judged_campaign, olga, tmp_path):
    release = publish_release(judged_campaign, "0.1.0", out=tmp_path, by=olga)
    assert release.folder == str(tmp_path / "portraits-0.1.0")
    assert list(tmp_path.glob("*portraits*")) == [tmp_path / "portraits-0.1.0"]
    result = verify(Path(release.folder))
    assert result.findings == []
    assert result.manifest_sha256 == release.manifest_hash


def test_a_release_is_recorded_with_its_hashes(answered, olga, tmp_path):
    release = publish_release(answered, "0.1.0", out=tmp_path, by=olga)
    release.refresh_from_db()
    assert release.state == Release.State.DONE
    frozen, published = Event.objects.filter(verb__startswith="release.").order_by("number")
    assert (frozen.verb, published.verb) == ("release.frozen", "release.published")
    assert published.actor == olga
    assert published.details["manifest"] == release.manifest_hash
    assert release.event_head == record_of(release)["event_head"] == frozen.hash


def test_raters_appear_by_pseudonym_only(judged_campaign, alice, bob, olga, tmp_path):
    alice.first_name = "Alicia"
    alice.save()
    release = publish_release(judged_campaign, "0.1.0", out=tmp_path, by=olga)
    text = b"".join(path.read_bytes() for path in files_below(Path(release.folder)).values())
    cells = json.dumps([{**row, "image": None} for row in rows_of(release.folder)])
    for name in ("alice", "Alicia", "bob", "carol", "olga"):
        assert name.encode() not in text
        assert name not in cells
    raters = {given["rater"] for row in rows_of(release.folder) for given in row["annotations"]}
    assert raters == {alice.pseudonym, bob.pseudonym}


@pytest.mark.engine
def test_the_same_record_gives_the_same_bytes(judged_campaign, olga, tmp_path):
    release = publish_release(judged_campaign, "0.1.0", out=tmp_path, by=olga, released_at=NOON)
    again = tmp_path / "again"
    again.mkdir()
    written = build_release(Release.objects.get(), again)
    assert written.manifest_sha256 == release.manifest_hash
    first = files_below(Path(release.folder))
    assert first.keys() == files_below(again).keys()
    assert all((again / name).read_bytes() == path.read_bytes() for name, path in first.items())


@pytest.mark.engine
def test_what_comes_after_a_release_does_not_change_its_record(judged_campaign, alice, bob, carol, olga, tmp_path):
    release = publish_release(judged_campaign, "0.1.0", out=tmp_path, by=olga, released_at=NOON)
    add_images(judged_campaign, [make_image()], by=olga)
    judged_campaign.title = "Another title"
    judged_campaign.annotations_per_image = 3
    judged_campaign.save()
    judge(judged_campaign, alice)
    publish_release(judged_campaign, "0.2.0", out=tmp_path, by=olga)
    (tmp_path / "again").mkdir()
    assert (
        build_release(Release.objects.get(pk=release.pk), tmp_path / "again").manifest_sha256 == release.manifest_hash
    )


@pytest.mark.engine
def test_rows_that_changed_behind_a_release_are_never_passed_off_as_it(answered, olga, tmp_path):
    release = publish_release(answered, "0.1.0", out=tmp_path, by=olga)
    Image.objects.update(licence="CC-BY-4.0")
    (tmp_path / "again").mkdir()
    with pytest.raises(Conflict, match="have changed since it was published"):
        build_release(release, tmp_path / "again")


def test_a_later_release_moves_no_image(judged_campaign, alice, olga, tmp_path):
    publish_release(judged_campaign, "0.1.0", out=tmp_path, by=olga)
    before = dict(Image.objects.values_list("sha256", "split"))
    add_images(judged_campaign, [make_image() for _ in range(20)], by=olga)
    judge_all(judged_campaign, alice, 6)
    release = publish_release(judged_campaign, "0.2.0", out=tmp_path, by=olga)
    after = dict(Image.objects.values_list("sha256", "split"))
    assert before.items() <= after.items()
    assert record_of(release)["splits"] == {"train": 26, "validation": 3, "test": 3}
    assert verify(Path(release.folder)).findings == []


def test_near_duplicates_share_the_group_named_after_the_smallest_hash(judged_campaign, alice, olga, tmp_path):
    images = list(Image.objects.order_by("sha256")[3:6])
    tie(images[0], images[1])
    tie(images[1], images[2])
    release = publish_release(judged_campaign, "0.1.0", out=tmp_path, by=olga)
    places = {row["sha256"]: (row["group"], row["split"]) for row in rows_of(release.folder)}
    assert {places[image.sha256][0] for image in images} == {images[0].sha256}
    assert len({places[image.sha256] for image in images}) == 1


def test_a_newcomer_that_would_tie_two_splits_together_is_held_back_and_listed(judged_campaign, alice, olga, tmp_path):
    publish_release(judged_campaign, "0.1.0", out=tmp_path, by=olga)
    newcomer = make_image()
    add_images(judged_campaign, [newcomer], by=olga)
    judge_all(judged_campaign, alice, 6)
    ends = [Image.objects.filter(split="train").first(), Image.objects.get(split="test")]
    for end in ends:
        tie(newcomer, end)
    release = publish_release(judged_campaign, "0.2.0", out=tmp_path, by=olga)
    record = record_of(release)
    assert record["held"] == [{"sha256": newcomer.sha256, "would_connect": ["train", "test"]}]
    assert record["connected"] == [sorted(end.sha256 for end in ends)]
    assert newcomer.sha256 not in {row["sha256"] for row in rows_of(release.folder)}
    assert record["images"] == 12
    assert verify(Path(release.folder)).findings == []


def test_an_undecided_pair_shares_a_split_and_one_told_apart_need_not(judged_campaign, olga, tmp_path):
    one, two, three, four = Image.objects.order_by("sha256")[:4]
    tie(one, two, "undecided")
    tie(three, four, "different")
    release = publish_release(judged_campaign, "0.1.0", out=tmp_path, by=olga)
    record, found = record_of(release), {row["sha256"]: row["group"] for row in rows_of(release.folder)}
    assert record["near_duplicate_pairs"] == {"sure": 0, "undecided": 1, "same": 0, "different": 1}
    assert record["rejected_pairs"] == [[three.sha256, four.sha256]]
    assert [found[image.sha256] for image in (one, two, three, four)] == [
        one.sha256,
        one.sha256,
        three.sha256,
        four.sha256,
    ]
    leakage = (Path(release.folder) / "LEAKAGE.md").read_text(encoding="utf-8")
    assert "| undecided, and therefore kept together | 1 |" in leakage
    assert "| different, by a person | 1 |" in leakage
    assert verify(Path(release.folder)).findings == []


def describe(image, degrees):
    """Store an embedding that points into a direction, as if a worker had made it."""
    store_embeddings(image.entries.first().campaign, embedding_at(image, degrees))


def test_what_embeddings_tie_lies_in_one_split_and_the_release_tells_of_them(judged_campaign, olga, tmp_path):
    one, two, three = Image.objects.order_by("sha256")[:3]
    for image, degrees in ((one, 0), (two, 20), (three, 70)):
        describe(image, degrees)
    release = publish_release(judged_campaign, "0.1.0", out=tmp_path, by=olga)
    places = {row["sha256"]: (row["group"], row["split"]) for row in rows_of(release.folder)}
    assert len({places[image.sha256] for image in (one, two, three)}) == 1
    record = record_of(release)
    assert record["embeddings"] == {
        "embedders": [{"embedder": "grid", "version": "1", "images": 3}],
        "of": 12,
        "sure": 750,
        "unsure": 500,
        "pairs": 2,
        "pairs_by_cosine_alone": 2,
    }
    assert (record["near_duplicate_pairs"]["sure"], record["near_duplicate_pairs"]["undecided"]) == (1, 1)
    assert "| grid | 1 | 3 of 12 |" in (Path(release.folder) / "LEAKAGE.md").read_text(encoding="utf-8")
    assert verify_release(Path(release.folder)).findings == []


def test_a_newcomer_whose_embedding_would_tie_two_splits_is_held_back_and_nothing_moves(
    judged_campaign, alice, olga, tmp_path
):
    publish_release(judged_campaign, "0.1.0", out=tmp_path, by=olga)
    ends = [Image.objects.filter(split="train").first(), Image.objects.get(split="test")]
    newcomer = make_image()
    add_images(judged_campaign, [newcomer], by=olga)
    judge_all(judged_campaign, alice, 6)
    for image, degrees in ((newcomer, 40), (ends[0], 0), (ends[1], 80)):
        describe(image, degrees)
    release = publish_release(judged_campaign, "0.2.0", out=tmp_path, by=olga)
    record = record_of(release)
    assert record["held"] == [{"sha256": newcomer.sha256, "would_connect": ["train", "test"]}]
    assert record["connected"] == [sorted(end.sha256 for end in ends)]
    assert [end.split for end in ends] == [Image.objects.get(pk=end.pk).split for end in ends]
    assert verify_release(Path(release.folder)).findings == []


def test_a_verdict_after_a_release_does_not_change_its_record(judged_campaign, olga, tmp_path):
    pair = tie(*Image.objects.order_by("pk")[:2], "undecided")
    release = publish_release(judged_campaign, "0.1.0", out=tmp_path, by=olga)
    decide_pair(pair, same=False, by=olga, campaign=judged_campaign)
    (tmp_path / "again").mkdir()
    assert build_release(release, tmp_path / "again").manifest_sha256 == release.manifest_hash


def test_a_place_given_in_another_campaign_is_kept_here(judged_campaign, alice, olga, tmp_path):
    publish_release(judged_campaign, "0.1.0", out=tmp_path, by=olga)
    tested = Image.objects.get(split="test")
    twin = make_image()
    tie(twin, tested)
    other = make_campaign("other", images=0)
    add_images(other, [twin], by=None)
    judge_in(other, alice)
    publish_release(other, "0.1.0", out=tmp_path, by=olga)
    twin.refresh_from_db()
    assert (twin.split, twin.split_reason) == ("test", "joined its near duplicates")


def judge_in(campaign, person):
    invite_people(campaign, [person], by=None)
    open_campaign(campaign, by=None)
    return judge(campaign, person)


def test_blind_and_assisted_answers_are_kept_apart_and_both_states_of_an_answer_are_there(alice, bob, olga, tmp_path):
    campaign = make_campaign(people=(alice, bob), images=1, annotations_per_image=2)
    prefill_all(campaign)
    force_arm(campaign, reveal=100)
    annotate.revise_annotation(judge(campaign, alice, 6), make_content(9), by=alice)
    force_arm(campaign, assisted=100)
    judge(campaign, bob, 2)
    release = publish_release(campaign, "0.1.0", out=tmp_path, by=olga)
    [row] = rows_of(release.folder)
    assert row["gt_score"] == 6
    given = {
        (annotation["rater"], annotation["arm"], annotation["kind"], annotation["counted"])
        for annotation in row["annotations"]
    }
    assert given == {
        (alice.pseudonym, "reveal", "first", True),
        (alice.pseudonym, "reveal", "final", False),
        (bob.pseudonym, "assisted", "first", False),
    }
    [final] = [annotation for annotation in row["annotations"] if annotation["kind"] == "final"]
    assert final["judgements"]["overall_gestalt"]["score"] == 9
    assert verify(Path(release.folder)).findings == []


def test_what_was_adjudicated_stands_beside_the_means_and_enters_the_released_score(alice, bob, rita, olga, tmp_path):
    campaign = make_campaign(people=(alice, bob), images=1, annotations_per_image=2)
    judge(campaign, alice, 6)
    judge(campaign, bob, 6, overall_gestalt=10)
    adjudicate_case(Case.objects.get(), by=rita, cause="slip", reason="A slip.", scores={"overall_gestalt": 7})
    release = publish_release(campaign, "0.1.0", out=tmp_path, by=olga)
    [row] = rows_of(release.folder)
    adjudicated = {key: score for key, score in row["consensus"].pop("scores").items() if score is not None}
    assert adjudicated == {"overall_gestalt": 7}
    statement = {"rule": "spread", "cause": "slip", "reason": "A slip.", "subcategory": "", "imported": False}
    assert row["consensus"] == statement
    assert row["scores"]["overall_gestalt"]["mean"] == 8
    assert (row["holistic"]["mean"], row["gt_score"], row["gt_source"]) == (6.76, 6.38, "consensus")
    assert verify(Path(release.folder)).findings == []


def test_a_consensus_that_came_after_a_release_does_not_change_its_record(alice, bob, rita, olga, tmp_path):
    campaign = make_campaign(people=(alice, bob), images=1, annotations_per_image=2)
    judge(campaign, alice, 6)
    judge(campaign, bob, 6, overall_gestalt=10)
    release = publish_release(campaign, "0.1.0", out=tmp_path, by=olga)
    adjudicate_case(Case.objects.get(), by=rita, cause="slip", reason="A slip.", scores={"overall_gestalt": 7})
    (tmp_path / "again").mkdir()
    assert build_release(release, tmp_path / "again").manifest_sha256 == release.manifest_hash


def test_images_that_an_adjudicator_took_out_stay_out(judged_campaign, tmp_path):
    taken = judged_campaign.entries.first()
    judged_campaign.entries.filter(pk=taken.pk).update(excluded=True)
    release = publish_release(judged_campaign, "0.1.0", out=tmp_path, by=None)
    assert taken.image.sha256 not in {row["sha256"] for row in rows_of(release.folder)}
    assert (record_of(release)["images"], record_of(release)["without_annotations"]) == (11, 0)


@pytest.mark.engine
def test_prefills_are_there_as_far_as_raters_saw_them(alice, bob, olga, tmp_path):
    campaign = make_campaign(people=(alice, bob), images=1, annotations_per_image=2)
    prefill_all(campaign)
    force_arm(campaign, reveal=100)
    edited = make_content(7)
    edited["judgements"]["overall_gestalt"] |= {"critique": f"{SECRET_WORDS}, edited", "critique_origin": "edited"}
    annotate.revise_annotation(judge(campaign, alice, 6), edited, by=alice)
    force_arm(campaign, blind=100)
    judge(campaign, bob, 6)
    release = publish_release(campaign, "0.1.0", out=tmp_path, by=olga)
    [row] = rows_of(release.folder)
    assert [prefill["model"] for prefill in row["prefills"]] == ["fake 1"]
    seen = {(given["arm"], given["kind"]): given["shown_model"] for given in row["annotations"]}
    assert seen == {("reveal", "first"): None, ("reveal", "final"): "fake 1", ("blind", "first"): None}
    critiques = pq.read_table(Path(release.folder) / "critiques").to_pylist()
    [changed] = [found for found in critiques if found["critique_origin"] == "edited"]
    assert (changed["prefill"], changed["critique"]) == (
        f"{SECRET_WORDS}: overall_gestalt",
        f"{SECRET_WORDS}, edited",
    )


def test_images_without_an_answer_that_counts_stay_out(alice, bob, olga, tmp_path):
    campaign = make_campaign(people=(alice, bob), images=3)
    judge(campaign, alice)
    release = publish_release(campaign, "0.1.0", out=tmp_path, by=olga)
    assert len(rows_of(release.folder)) == 1
    assert record_of(release)["without_annotations"] == 2
    assert Image.objects.exclude(split="").count() == 1
    assert (
        "2 further images of the campaign have no answer that counts"
        in (tmp_path / "portraits-0.1.0/README.md").read_text()
    )


@pytest.mark.parametrize("version", ["1.0", "v1.0.0", "1.0.0-rc1", "01.0.0", "", "1.0.0\n", "１.0.0", "../1.0.0"])
def test_a_version_that_is_not_three_numbers_is_refused(answered, tmp_path, version):
    with pytest.raises(ReleaseRefused, match=r"three whole numbers such as 1\.0\.0"):
        publish_release(answered, version, out=tmp_path, by=None)


@pytest.mark.parametrize("version", ["0.9.0", "0.10.0", "0.2.11"])
def test_a_version_must_come_after_the_newest(answered, tmp_path, version):
    publish_release(answered, "0.10.0", out=tmp_path, by=None)
    with pytest.raises(ReleaseRefused, match=f"{version} does not come after 0.10.0, the newest one of portraits"):
        publish_release(answered, version, out=tmp_path / "elsewhere", by=None)
    publish_release(answered, "0.10.1", out=tmp_path, by=None)


def test_a_further_answer_on_an_old_image_needs_a_new_major_version(alice, bob, tmp_path):
    campaign = make_campaign(people=(alice, bob), images=1, annotations_per_image=2)
    judge(campaign, alice)
    publish_release(campaign, "1.0.0", out=tmp_path, by=None)
    judge(campaign, bob)
    with pytest.raises(
        ReleaseRefused, match=r"1\.1\.0 may not follow 1\.0\.0: 1 images whose records changed, .* 2\.0\.0 or later"
    ):
        publish_release(campaign, "1.1.0", out=tmp_path, by=None)
    assert not (tmp_path / "portraits-1.1.0").exists()
    release = publish_release(campaign, "2.0.0", out=tmp_path, by=None)
    changes = json.loads((Path(release.folder) / "diff.json").read_text(encoding="utf-8"))
    assert (changes["level"], list(changes["changed"].values())) == ("major", [["holistic", "scores", "annotations"]])
    text = (Path(release.folder) / "CHANGELOG.md").read_text(encoding="utf-8")
    assert text.index("## 2.0.0") < text.index("Against 1.0.0: 1 images whose records changed") < text.index("## 1.0.0")


def test_the_level_that_the_next_release_will_need_is_foreseen(alice, bob, rita, tmp_path):
    campaign = make_campaign(people=(alice, bob), images=1, annotations_per_image=2)
    assert likely_level((campaign,), EVERYTHING) == "minor"
    judge(campaign, alice, 6)
    publish_release(campaign, "1.0.0", out=tmp_path, by=None)
    assert likely_level((campaign,), EVERYTHING) == "patch"
    add_images(campaign, [make_image()], by=None)
    judge(campaign, alice, 6)
    assert likely_level((campaign,), EVERYTHING) == "minor"
    judge(campaign, bob, 10)
    judge(campaign, bob, 10)
    assert likely_level((campaign,), EVERYTHING) == "major"
    publish_release(campaign, "2.0.0", out=tmp_path, by=None)
    disputed = RUBRIC_KEYS
    adjudicate_case(Case.objects.first(), by=rita, cause="taste", reason="Both.", scores=dict.fromkeys(disputed, 7))
    assert likely_level((campaign,), EVERYTHING) == "major"


def test_new_images_need_a_new_minor_version(judged_campaign, alice, tmp_path):
    publish_release(judged_campaign, "1.0.0", out=tmp_path, by=None)
    publish_release(judged_campaign, "1.0.1", out=tmp_path, by=None)
    add_images(judged_campaign, [make_image()], by=None)
    judge_all(judged_campaign, alice, 6)
    with pytest.raises(ReleaseRefused, match=r"1\.0\.2 may not follow 1\.0\.1: 1 images added, .* 1\.1\.0 or later"):
        publish_release(judged_campaign, "1.0.2", out=tmp_path, by=None)
    publish_release(judged_campaign, "1.1.0", out=tmp_path, by=None)


def test_without_the_release_before_nothing_is_published(answered, tmp_path):
    release = publish_release(answered, "1.0.0", out=tmp_path, by=None)
    Path(release.folder).rename(tmp_path / "moved")
    with pytest.raises(ReleaseRefused, match=r"release 1\.0\.0 is no longer in .*; put it back"):
        publish_release(answered, "1.0.1", out=tmp_path, by=None)


def test_the_figures_can_be_computed_again_with_public_packages_only(judged_campaign, olga, tmp_path):
    release = publish_release(judged_campaign, "0.1.0", out=tmp_path, by=olga)
    process = subprocess.run(
        [sys.executable, "-I", "recompute.py"], cwd=release.folder, capture_output=True, check=False, env={}
    )
    assert process.returncode == 0, process.stderr
    output = json.loads(process.stdout)
    assert (output["images"], output["annotations_that_count"], output["gt_score"]["mean"]) == (12, 24, 7.5)
    alpha = record_of(release)["agreement"]["attributes"]["overall_gestalt"]["alpha"]
    assert output["agreement"]["attributes.overall_gestalt"]["alpha"] == pytest.approx(alpha, abs=1e-5)
    path = Path(release.folder) / "release.json"
    path.write_text(path.read_text().replace(f'"alpha": {alpha}', '"alpha": 0.99'))
    second = subprocess.run([sys.executable, "recompute.py"], cwd=release.folder, capture_output=True, check=False)
    assert second.returncode == 1


def test_images_that_are_in_a_benchmark_too_are_named(judged_campaign, settings, tmp_path):
    settings.BENCHMARKS_DIR = tmp_path / "lists"
    settings.BENCHMARKS_DIR.mkdir()
    image = Image.objects.order_by("sha256").first()
    fingerprint = int(image.perceptual_hash, 16) ^ 0b111
    write_list(
        settings.BENCHMARKS_DIR / "AVA.csv",
        [("9.jpg", f"{fingerprint:016x}"), ("1.jpg", f"{fingerprint ^ 2**63 - 1:016x}")],
    )
    release = publish_release(judged_campaign, "0.1.0", out=tmp_path, by=None)
    text = (Path(release.folder) / "LEAKAGE.md").read_text(encoding="utf-8")
    assert "| AVA | 2 | 1 |" in text
    assert f"| {image.sha256} |" in text
    assert "| AVA | 9.jpg | 3 |" in text
    (settings.BENCHMARKS_DIR / "AVA.csv").write_text("name,perceptual_hash\n")
    (tmp_path / "again").mkdir()
    with pytest.raises(Conflict, match="is not as it was"):
        build_release(release, tmp_path / "again")


def test_a_list_of_fingerprints_is_made_from_a_folder(settings, tmp_path):
    settings.BENCHMARKS_DIR = tmp_path / "lists"
    (tmp_path / "in").mkdir()
    Path(make_image().original.path).rename(tmp_path / "in" / "a.png")
    (tmp_path / "in" / "b.jpg").write_bytes(b"no image")
    out = StringIO()
    call_command("hash_benchmark", str(tmp_path / "in"), name="AVA", json=True, stdout=out, stderr=StringIO())
    output = json.loads(out.getvalue())
    assert (output["images"], [item["file"] for item in output["refused"]]) == (1, ["b.jpg"])
    benchmark = read_list(tmp_path / "lists" / "AVA.csv")
    assert (benchmark.title, benchmark.names, len(benchmark.hashes)) == ("AVA", ["a.png"], 1)
    with pytest.raises(CommandError, match="cannot be the name"):
        call_command("hash_benchmark", str(tmp_path / "in"), name="../AVA")


def test_a_folder_that_is_there_is_never_touched(answered, tmp_path):
    (tmp_path / "portraits-1.0.0").mkdir()
    with pytest.raises(ReleaseRefused, match="is there already"):
        publish_release(answered, "1.0.0", out=tmp_path, by=None)
    assert list((tmp_path / "portraits-1.0.0").iterdir()) == []


def test_a_campaign_without_answers_is_refused(campaign, tmp_path):
    with pytest.raises(ReleaseRefused, match="has no answer yet that counts"):
        publish_release(campaign, "1.0.0", out=tmp_path, by=None)
    assert not Release.objects.exists()


def test_a_folder_that_cannot_be_written_is_refused(answered, tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(ReleaseRefused, match="cannot be written to"):
        publish_release(answered, "1.0.0", out=tmp_path / "file", by=None)


def test_simulated_answers_are_released_only_as_a_demo(alice, tmp_path):
    ada = make_user("simulated-ada", simulated=True)
    campaign = make_campaign(people=(alice, ada), images=1)
    judge(campaign, ada)
    judge(campaign, alice)
    with pytest.raises(ReleaseRefused, match="simulated answers, which only a demo campaign may release"):
        publish_release(campaign, "1.0.0", out=tmp_path, by=None)
    campaign.is_demo = True
    campaign.save()
    release = publish_release(campaign, "1.0.0", out=tmp_path, by=None)
    assert release.is_demo
    card = (Path(release.folder) / "README.md").read_text(encoding="utf-8")
    assert "1 of its 2 answers are simulated" in card
    [row] = rows_of(release.folder)
    assert {(given["rater"], given["simulated"]) for given in row["annotations"]} == {
        (ada.pseudonym, True),
        (alice.pseudonym, False),
    }


@pytest.mark.engine
def test_a_build_that_fails_leaves_no_folder_and_says_why(answered, tmp_path):
    image = Image.objects.order_by("sha256").last()
    Path(image.stripped.path).write_bytes(b"rotten")
    with pytest.raises(ReleaseRefused, match="has changed since it was imported"):
        publish_release(answered, "1.0.0", out=tmp_path, by=None)
    assert list(tmp_path.glob("*portraits*")) == []
    release = Release.objects.get()
    assert release.state == Release.State.FAILED
    assert image.sha256 in release.error
    assert not Event.objects.filter(verb="release.published").exists()


@pytest.mark.engine
def test_after_a_failed_build_the_same_version_can_be_published(answered, tmp_path):
    image = Image.objects.first()
    whole = Path(image.stripped.path).read_bytes()
    Path(image.stripped.path).unlink()
    with pytest.raises(ReleaseRefused, match="cannot be read"):
        publish_release(answered, "1.0.0", out=tmp_path, by=None)
    Path(image.stripped.path).write_bytes(whole)
    assert publish_release(answered, "1.0.0", out=tmp_path, by=None).state == Release.State.DONE


@pytest.mark.engine
def test_what_a_killed_build_left_is_cleared_away_by_the_next(answered, tmp_path):
    build_folder = tmp_path / ".portraits-1.0.0.unfinished"
    (build_folder / "data").mkdir(parents=True)
    (build_folder / "README.md").write_text("half")
    other = Scope(doi="10.5281/zenodo.1")
    old_release = make_release(answered, "1.0.0", other, folder=str(tmp_path / "portraits-1.0.0"))
    release = publish_release(answered, "1.0.0", out=tmp_path, by=None)
    assert verify(Path(release.folder)).findings == []
    assert list(tmp_path.glob("*portraits*")) == [Path(release.folder)]
    old_release.refresh_from_db()
    assert (old_release.state, old_release.error) == (Release.State.FAILED, "its build was stopped")


@pytest.mark.engine
def test_a_killed_build_goes_on_with_what_was_frozen_and_the_parts_that_were_done(
    open_still, carol, tmp_path, settings
):
    settings.RELEASE_PART_IMAGES = 4
    whole = publish_release(open_still, "1.0.0", out=tmp_path / "whole", by=None, released_at=NOON)
    kept = files_of(whole)
    Release.objects.all().update(state=Release.State.FAILED)

    class Killed(BaseException):
        pass

    def kill(done, total):
        if done == 2:
            raise Killed

    with pytest.raises(Killed):
        publish_release(open_still, "1.0.0", out=tmp_path, by=None, released_at=NOON, on_progress=kill)
    stopped = Release.objects.get(state=Release.State.BUILDING)
    assert (stopped.parts, stopped.parts_done) == (5, 2)
    judge(open_still, carol)
    done = tmp_path / ".portraits-1.0.0.unfinished/parts/train-00000/part.json"
    before = done.stat().st_mtime_ns
    told = []

    def tell(done_now, total):
        told.append((done_now, done.stat().st_mtime_ns if done.exists() else 0))

    release = publish_release(open_still, "1.0.0", out=tmp_path, by=None, on_progress=tell)
    assert release == stopped
    assert told[0] == (2, before), "the parts that were done are kept"
    assert Event.objects.filter(verb="release.frozen").count() == 2, "that of the whole one, and that of the killed one"
    assert verify(Path(release.folder)).findings == []
    again = files_of(release)
    assert again.keys() == kept.keys()
    # They state the head of the chain of events.
    differ = {"release.json", "PROTOCOL.md", "README.md", "croissant.json", "MANIFEST.sha256"}
    assert {name for name in kept if again[name] != kept[name]} <= differ


def files_of(release):
    return {name: path.read_bytes() for name, path in files_below(Path(release.folder)).items()}


@pytest.mark.engine
def test_others_can_help_with_a_build_and_the_bytes_are_the_same(judged_campaign, tmp_path, settings):
    settings.RELEASE_PART_IMAGES = 3
    helped = []

    def help_first(release):
        help_to_build(release.pk, build_folder(Path(release.folder)))
        helped.append(release.pk)

    release = publish_release(judged_campaign, "1.0.0", out=tmp_path, by=None, on_start=help_first)
    assert helped == [release.pk]
    (tmp_path / "again").mkdir()
    assert build_release(release, tmp_path / "again").manifest_sha256 == release.manifest_hash
    help_to_build(release.pk, build_folder(Path(release.folder)))
    assert not build_folder(Path(release.folder)).exists(), "a helper that comes too late leaves nothing behind"


def test_images_with_fewer_answers_than_asked_for_stay_out(open_still, carol, tmp_path):
    judge(open_still, carol)
    with pytest.raises(ReleaseRefused, match="no image of portraits that is not excluded has 4 answers that count"):
        publish_release(open_still, "1.0.0", out=tmp_path, by=None, scope=Scope(least_annotations=4))
    with pytest.raises(ReleaseRefused, match="0 answers an image are too few"):
        publish_release(open_still, "1.0.0", out=tmp_path, by=None, scope=Scope(least_annotations=0))
    release = publish_release(open_still, "1.0.0", out=tmp_path, by=None, scope=Scope(least_annotations=3))
    assert (record_of(release)["images"], record_of(release)["without_annotations"]) == (1, 11)
    assert record_of(release)["scope"]["least_annotations"] == 3


def test_what_was_taken_out_is_listed_with_the_reason(judged_campaign, rita, tmp_path):
    entry = judged_campaign.entries.first()
    case = Case.objects.create(campaign=judged_campaign, image=entry.image, rule=Case.Rule.FLAG)
    adjudicate_case(case, by=rita, cause="oversight", reason="It shows a scan of a page.", exclude=True)
    release = publish_release(judged_campaign, "1.0.0", out=tmp_path, by=None)
    excluded = [{"sha256": entry.image.sha256, "kind": "adjudicated", "why": "It shows a scan of a page."}]
    assert record_of(release)["scope"]["excluded"] == excluded
    protocol = (Path(release.folder) / "PROTOCOL.md").read_text(encoding="utf-8")
    assert "| excluded by an adjudicator: It shows a scan of a page. | 1 |" in protocol


def test_images_left_out_are_told_by_reason_and_the_changelog_says_why_images_went(open_still, carol, tmp_path):
    judge(open_still, carol)
    judge(open_still, carol)
    listed, gone, *_others = open_still.entries.exclude(image__annotations__annotator=carol).order_by("pk")
    publish_release(open_still, "1.0.0", out=tmp_path, by=None)
    withdraw_image(gone.image, reason="licence", by=None)
    scope = Scope(least_annotations=3, listed={listed.image.sha256: "Blurred"})
    folder = Path(publish_release(open_still, "2.0.0", out=tmp_path, by=None, scope=scope).folder)
    protocol, datasheet, card, changes = (
        (folder / f"{name}.md").read_text(encoding="utf-8") for name in ("PROTOCOL", "DATASHEET", "README", "CHANGELOG")
    )
    assert "every image of the campaign that has at least 3 answers that count" in protocol
    for row in ("| listed by the organiser | 1 |", "| withdrawn | 1 |", "| with fewer than 3 answers that count | 8 |"):
        assert row in protocol
    assert "| listed by the organiser: Blurred | 1 |" in protocol
    assert "Each image has at least 3 answers that count: " in datasheet
    assert "Excluded images: 1 listed by the organiser, 1 withdrawn, 8 with fewer than 3 answers that" in datasheet
    assert "8 further images of the campaign have fewer than 3 answers that count" in card
    assert "neither are 2 for other reasons" in card
    assert "| listed by the organiser: Blurred | 1 |\n| withdrawn: licence | 1 |" in changes
    assert "| fewer than 3 answers that count, or of a campaign that is not in this release | 8 |" in changes


def test_scores_are_corrected_for_who_was_strict_and_the_figures_come_out_of_the_rows(alice, bob, carol, tmp_path):
    campaign = make_campaign(people=(alice, bob, carol), images=6, annotations_per_image=3)
    for person, scores in ((alice, (4, 5, 6, 7, 8, 9)), (bob, (3, 4, 5, 6, 7, 8)), (carol, (2, 3, 4, 5, 6, 7))):
        for _ in scores:
            assignment = next_assignment(campaign, person)
            place = list(campaign.images.order_by("pk")).index(assignment.image)
            annotate.commit_annotation(assignment, make_content(scores[place]), by=person)
    release = publish_release(campaign, "1.0.0", out=tmp_path, by=None)
    result = verify_release(Path(release.folder))
    assert (result.findings, result.rows_checked) == ([], True)
    rows = {row["sha256"]: row for row in rows_of(release.folder)}
    # Severities are 1, 0 and -1, and everybody rated everything, so that the mean is right as it is.
    assert [
        rows[image.sha256]["scores"]["overall_gestalt"]["corrected"] for image in campaign.images.order_by("pk")
    ] == [pytest.approx(mean, abs=0.001) for mean in (3, 4, 5, 6, 7, 8)]


def test_a_figure_of_agreement_that_the_rows_do_not_give_is_found_even_under_a_new_manifest(judged_campaign, tmp_path):
    folder = Path(publish_release(judged_campaign, "1.0.0", out=tmp_path, by=None).folder)
    record = json.loads((folder / "release.json").read_text(encoding="utf-8"))
    record["agreement"]["holistic"]["n_raters"] = 7
    (folder / "release.json").write_text(page(record), encoding="utf-8")
    table = folder / "RELIABILITY" / "agreement.csv"
    table.write_text(table.read_text(encoding="utf-8").replace("interval", "ordinal"), encoding="utf-8")
    manifest.write(folder)
    findings = verify_release(folder).findings
    assert "release.json: agreement.holistic.n_raters is 7, but the rows give 2" in findings
    assert "RELIABILITY/agreement.csv: is not what the figures in release.json give" in findings


LOCK = """
import fcntl, os, sys
handle = os.open(sys.argv[1], os.O_RDONLY)
fcntl.flock(handle, fcntl.LOCK_EX)
print("locked", flush=True)
sys.stdin.read()
"""


@pytest.mark.engine
def test_two_builds_of_one_version_do_not_meet(answered, tmp_path):
    unfinished = tmp_path / ".portraits-1.0.0.unfinished"
    unfinished.mkdir()
    (unfinished / "README.md").write_text("half")
    with subprocess.Popen(
        [sys.executable, "-c", LOCK, unfinished], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout.readline() == b"locked\n"
        with pytest.raises(ReleaseRefused, match="is being built right now"):
            publish_release(answered, "1.0.0", out=tmp_path, by=None)
        assert (unfinished / "README.md").exists()
        os.kill(other.pid, signal.SIGKILL)
        other.wait()
    assert publish_release(answered, "1.0.0", out=tmp_path, by=None).state == Release.State.DONE


@pytest.mark.engine
def test_the_newest_report_is_taken_and_a_new_one_made_when_answers_came_since(alice, bob, tmp_path):
    campaign = make_campaign(people=(alice, bob), images=2)
    judge(campaign, alice)
    first = publish_release(campaign, "0.1.0", out=tmp_path, by=None)
    assert Report.objects.count() == 1
    assert publish_release(campaign, "0.2.0", out=tmp_path, by=None).report == first.report
    judge(campaign, bob)
    assert publish_release(campaign, "1.0.0", out=tmp_path, by=None).report.pk > first.report.pk
    assert Report.objects.count() == 2


@pytest.mark.engine
def test_the_number_of_queries_does_not_grow_with_the_images(judged_campaign, alice, olga, tmp_path):
    measure_agreement(judged_campaign, by=None, replicates=10)
    with CaptureQueriesContext(
        connection,
    ) as few:
        publish_release(judged_campaign, "0.1.0", out=tmp_path, by=olga)
    add_images(judged_campaign, [make_image() for _ in range(40)], by=olga)
    judge_all(judged_campaign, alice, 6)
    measure_agreement(judged_campaign, by=None, replicates=10)
    with CaptureQueriesContext(connection) as many:
        publish_release(judged_campaign, "0.2.0", out=tmp_path, by=olga)
    assert len(many) <= len(few) + 3, [query["sql"][:150] for query in many]


def test_the_commands_publish_and_check(answered, tmp_path):
    out = StringIO()
    call_command("release", "portraits", "0.1.0", out=str(tmp_path), stdout=out)
    folder = tmp_path / "portraits-0.1.0"
    assert out.getvalue() == f"{folder}\n"
    out = StringIO()
    call_command("verify_release", str(folder), json=True, stdout=out)
    assert json.loads(out.getvalue()) == {
        "folder": str(folder),
        "holds": True,
        "manifest_sha256": sha256_of(folder / "MANIFEST.sha256"),
        "signed": False,
        "signature_checked": False,
        "rows_checked": True,
        "files": len(files_below(folder)) - 1,  # The manifest does not list itself.
        "images": 1,
        "findings": [],
        "remarks": [IN_FULL],
    }


@pytest.mark.parametrize("number", ["0", "-1", "two", "１"])
def test_as_many_processes_as_none_are_refused(answered, tmp_path, number):
    with pytest.raises(CommandError, match="a whole number from 1 on is accepted"):
        call_command("release", "portraits", "0.1.0", f"--processes={number}", out=str(tmp_path))


def test_commands_unpack_and_compare(answered, tmp_path):
    publish_release(answered, "0.1.0", out=tmp_path, by=None)
    publish_release(answered, "0.1.1", out=tmp_path, by=None)
    folders = [str(tmp_path / f"portraits-0.1.{patch}") for patch in (0, 1)]
    out = StringIO()
    call_command("unpack_release", folders[0], json=True, stdout=out)
    assert json.loads(out.getvalue()) == {
        "folder": folders[0],
        "images": f"{folders[0]}/images",
        "written": 1,
        "there": 0,
    }
    out = StringIO()
    call_command("diff_releases", *folders, json=True, stdout=out)
    assert json.loads(out.getvalue())["level"] == "patch"
    out = StringIO()
    call_command("diff_releases", *folders, stdout=out)
    assert out.getvalue() == "patch: the same data\n"
    with pytest.raises(CommandError, match="is not a release"):
        call_command("diff_releases", folders[0], str(tmp_path))
    with pytest.raises(CommandError, match="is not a release"):
        call_command("unpack_release", str(tmp_path))


def test_the_release_command_prints_one_json_object(answered, tmp_path):
    out = StringIO()
    call_command("release", "portraits", "0.1.0", out=str(tmp_path), json=True, stdout=out)
    output = json.loads(out.getvalue())
    release = Release.objects.get()
    assert output["folder"] == release.folder
    assert output["manifest_sha256"] == release.manifest_hash
    assert output["images"] == sum(output["splits"].values()) == 1


def test_commands_that_cannot_do_anything_say_why(answered, tmp_path):
    with pytest.raises(CommandError, match="three whole numbers"):
        call_command("release", "portraits", "one", out=str(tmp_path))
    with pytest.raises(CommandError, match="there are: portraits"):
        call_command("release", "nowhere", "1.0.0", out=str(tmp_path))


def test_a_release_that_does_not_hold_ends_with_status_1_and_names_what_does_not_fit(answered, tmp_path):
    release = publish_release(answered, "0.1.0", out=tmp_path, by=None)
    (Path(release.folder) / "CHANGELOG.md").write_text("mine\n")
    process = subprocess.run(
        [sys.executable, ROOT / "manage.py", "verify_release", release.folder, "--json"],
        env=os.environ | {"DATABASE_URL": "postgres://nobody:nothing@127.0.0.1:1/nowhere"},
        capture_output=True,
        check=False,
    )
    assert process.returncode == 1
    assert json.loads(process.stdout)["findings"] == ["CHANGELOG.md: its hash is not the one in MANIFEST.sha256"]
    assert b"does not hold: 1 findings" in process.stderr


def test_the_embedded_image_is_the_copy_without_metadata(judged_campaign, tmp_path):
    release = publish_release(judged_campaign, "0.1.0", out=tmp_path, by=None)
    stored = dict(Image.objects.values_list("sha256", "stripped_sha256"))
    for row in rows_of(release.folder):
        assert hashlib.sha256(row["image"]["bytes"]).hexdigest() == row["image_sha256"] == stored[row["sha256"]]
