"""What of a campaign stands in its release, and what stays out with a reason."""

import json
from io import StringIO
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from django.core.management import CommandError, call_command

from annotation.actions.answers import annotate
from annotation.actions.assignments.assign import next_assignment
from annotation.actions.releases.build_release import build_release
from annotation.actions.releases.publish_release import publish_release
from annotation.actions.releases.verify_release import verify_release
from annotation.actions.releases.withdraw import withdraw_image
from annotation.actions.reviews.review import adjudicate_case
from annotation.dataset.contents.benchmarks import read_list, write_list
from annotation.dataset.format.frozen import Scope
from annotation.dataset.verify.verify import verify
from annotation.errors import Conflict, ReleaseRefused
from annotation.models import Case, Image
from tests.harness.factories import (
    SECRET_WORDS,
    force_arm,
    judge,
    make_campaign,
    make_content,
    make_image,
    prefill_all,
)
from tests.harness.published import record_of, rows_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick")]


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
