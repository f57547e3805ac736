"""The report of agreement in a release is on the very answers inside it, and verification works it out again."""

import json
import runpy
import shutil
import tempfile
from pathlib import Path

import pytest

from annotation.actions.agreement.measure_agreement import measure_agreement, recompute_report
from annotation.actions.answers import annotate
from annotation.actions.assignments.assign import next_assignment
from annotation.actions.duplicates.decide_pair import decide_pair
from annotation.actions.images.add_to_campaign import add_images
from annotation.actions.releases.build_release import build_release
from annotation.actions.releases.contents import contents_of
from annotation.actions.releases.freeze_release import freeze_release
from annotation.actions.releases.preview_release import preview_release
from annotation.actions.releases.publish_release import publish_release
from annotation.actions.releases.release_report import attach_report
from annotation.actions.releases.verify_release import verify_release
from annotation.actions.releases.withdraw import withdraw_person
from annotation.dataset.format import manifest
from annotation.dataset.format.canonical import page
from annotation.dataset.format.frozen import Scope
from annotation.models import Campaign, Image, Release, Report
from tests.harness.factories import (
    force_arm,
    judge,
    make_campaign,
    make_content,
    make_image,
    make_user,
    prefill_all,
    tie,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick")]


def make_judged():
    alice, bob, carol = map(make_user, ("alice", "bob", "carol"))
    campaign = make_campaign(people=(alice, bob, carol), images=6, annotations_per_image=3)
    for place in range(6):
        judge(campaign, alice, 2 + place)
        judge(campaign, bob, 3 + place % 4)
    judge(campaign, carol, 4)
    judge(campaign, carol, 9)
    measure_agreement(campaign, by=None, replicates=20)


@pytest.fixture
def judged_campaign(recall):
    """A campaign of six images that alice and bob judged, with scores of their own for each; carol judged two."""
    recall(make_judged)
    return Campaign.objects.get()


def stated_in(release):
    return json.loads((Path(release.folder) / "release.json").read_text(encoding="utf-8"))


def holds_in_full(release):
    """Verify a release by our engine, and its headline by public packages."""
    checked = verify_release(Path(release.folder))
    assert checked.findings == []
    assert checked.remarks[0].startswith("agreement worked out again from the rows, intervals and tables")
    assert runpy.run_path(str(Path(release.folder) / "recompute.py"))["main"]() == 0
    return stated_in(release)


def doctored(release, change):
    """Return the findings on a copy that states something else, its hashes written anew as a careful forger would."""
    with tempfile.TemporaryDirectory() as copy:
        folder = Path(shutil.copytree(release.folder, copy, dirs_exist_ok=True))
        statement = stated_in(release)
        change(statement["agreement"])
        (folder / "release.json").write_text(page(statement), encoding="utf-8")
        manifest.write(folder)
        return [finding for finding in verify_release(folder).findings if "RELIABILITY" not in finding]


def test_a_release_of_everything_carries_the_newest_report(judged_campaign, tmp_path):
    release = publish_release(judged_campaign, "1.0.0", out=tmp_path, by=None)
    assert release.report == Report.objects.get()
    assert "excluded" not in release.report.query
    assert holds_in_full(release)["agreement"]["n_images"] == 6


@pytest.mark.parametrize("how", ["listed", "least answers", "held back"])
def test_a_report_leaves_out_what_the_release_leaves_out(judged_campaign, alice, how, tmp_path):
    scope, version = Scope(), "1.0.0"
    if how == "listed":
        images = Image.objects.order_by("pk")[:2]
        scope = Scope(listed={image.sha256: "A poor scan." for image in images})
    elif how == "least answers":
        scope = Scope(least_annotations=3)
    else:
        publish_release(judged_campaign, "1.0.0", out=tmp_path, by=None)
        newcomer = make_image()
        add_images(judged_campaign, [newcomer], by=None)
        judge(judged_campaign, alice)
        Image.objects.filter(pk=Image.objects.order_by("pk")[0].pk).update(split="test")
        for end in (Image.objects.filter(split="train").first(), Image.objects.filter(split="test").first()):
            tie(newcomer, end)
        version = "2.0.0"
    preview = preview_release(judged_campaign, version, out=tmp_path, scope=scope)
    release = publish_release(judged_campaign, version, out=tmp_path, by=None, scope=scope)
    assert not preview.report_is_current
    statement = holds_in_full(release)
    assert statement["agreement"]["n_images"] == statement["images"] == preview.images
    assert (
        statement["agreement"]["n_annotations"]
        == statement["annotations"]["counted"]
        == preview.counted - (how == "held back")
    )
    assert recompute_report(release.report, by=None).n_differences == 0
    assert judged_campaign.reports.whole().first() != release.report
    assert (
        publish_release(judged_campaign, f"{version[:-1]}1", out=tmp_path, by=None, scope=scope).report
        == release.report
    )


def test_what_somebody_withdrew_from_one_campaign_is_in_no_report_on_both(judged_campaign, bob, tmp_path):
    second = make_campaign("second", people=(bob,), images=2)
    judge(second, bob)
    judge(second, bob)
    withdraw_person(second, bob, by=None, reason="consent")
    release = publish_release(judged_campaign, "1.0.0", out=tmp_path, by=None, scope=Scope(also=("second",)))
    assert release.report.query["excluded"]["raters"] == [bob.pseudonym]
    assert holds_in_full(release)["agreement"]["n_raters"] == 2


@pytest.mark.engine
def test_an_answer_that_comes_after_the_freezing_is_in_neither(judged_campaign, carol, tmp_path):
    folder = tmp_path / "portraits-1.0.0"
    release = freeze_release(judged_campaign, "1.0.0", folder, by=None, released_at=judged_campaign.created_at)
    judge(judged_campaign, carol, 1)
    assert attach_report(release, contents_of(release)) == Report.objects.get()
    assert release.report.figures["n_annotations"] == 14
    again = freeze_release(
        judged_campaign, "1.1.0", tmp_path / "portraits-1.1.0", by=None, released_at=judged_campaign.created_at
    )
    assert attach_report(again, contents_of(again)).figures["n_annotations"] == 15


@pytest.mark.engine
def test_a_build_that_stopped_before_its_report_computes_it_when_it_goes_on(judged_campaign, tmp_path):
    release = freeze_release(
        judged_campaign, "1.0.0", tmp_path / "portraits-1.0.0", by=None, released_at=judged_campaign.created_at
    )
    assert release.report is None
    publish_release(judged_campaign, "1.0.0", out=tmp_path, by=None)
    assert holds_in_full(Release.objects.get())["agreement"]["n_annotations"] == 14


def test_what_was_held_back_and_is_placed_later_does_not_come_into_the_old_record(
    judged_campaign, alice, olga, tmp_path
):
    publish_release(judged_campaign, "1.0.0", out=tmp_path, by=None)
    newcomer = make_image()
    add_images(judged_campaign, [newcomer], by=None)
    judge(judged_campaign, alice)
    one = Image.objects.filter(split="train").first()
    other = Image.objects.exclude(split="").exclude(pk=one.pk).first()
    Image.objects.filter(pk=other.pk).update(split="test")
    tie(newcomer, one)
    pair = tie(newcomer, other, "undecided")
    held = publish_release(judged_campaign, "2.0.0", out=tmp_path, by=None)
    decide_pair(pair, same=False, by=olga, campaign=judged_campaign)
    placed = publish_release(judged_campaign, "3.0.0", out=tmp_path, by=None)
    assert (stated_in(held)["images"], stated_in(placed)["images"]) == (6, 7)
    (tmp_path / "again").mkdir()
    assert build_release(Release.objects.get(pk=held.pk), tmp_path / "again").manifest_sha256 == held.manifest_hash


def test_revisions_assisted_answers_and_the_model_do_not_break_the_working_out(alice, bob, tmp_path):
    campaign = make_campaign(people=(alice, bob), images=4, annotations_per_image=2, preset="commit-then-review")
    prefill_all(campaign)
    for person, score in ((alice, 4), (bob, 6)):
        for place, arm in enumerate(("reveal", "assisted", "blind", "reveal")):
            force_arm(campaign, **{arm: 100})
            assignment = next_assignment(campaign, person)
            annotation = annotate.commit_annotation(assignment, make_content(score + place), by=person)
            if arm == "reveal":
                annotate.revise_annotation(annotation, make_content(score + 1), by=person)
    statement = holds_in_full(publish_release(campaign, "1.0.0", out=tmp_path, by=None))
    assert {row["annotations"] for row in statement["agreement"]["by_annotations"]} == {
        "first",
        "final",
        "assisted",
        "all_final",
    }
    assert statement["agreement"]["arms"]


FORGERIES = {
    "holistic.interval": lambda told: told["holistic"].update(interval=[0.95, 0.99]),
    "holistic.alpha": lambda told: told["holistic"].update(alpha=0.99),
    "n_annotations": lambda told: told.update(n_annotations=9999),
    "distributions[0].mean": lambda told: told["distributions"][0].update(mean=9.9),
    "widest[0].sd": lambda told: told["widest"][0].update(sd=0.01),
    "by_annotations[1].alpha": lambda told: told["by_annotations"][1].update(alpha=0.9),
    "scopes[0].alpha": lambda told: told["scopes"][0].update(alpha=0.99),
    "holistic.details.raters[0].n": lambda told: told["holistic"]["details"]["raters"][0].update(n=999),
}


def test_a_doctored_figure_is_found_wherever_it_stands(judged_campaign, tmp_path):
    release = publish_release(judged_campaign, "1.0.0", out=tmp_path, by=None)

    def change_all(told):
        for change in FORGERIES.values():
            change(told)

    findings = doctored(release, change_all)
    for path in FORGERIES:
        assert any(finding.startswith(f"release.json: agreement.{path}") for finding in findings), path


def test_by_another_engine_the_headline_is_still_held_to_the_rows(judged_campaign, tmp_path, monkeypatch):
    release = publish_release(judged_campaign, "1.0.0", out=tmp_path, by=None)
    monkeypatch.setattr("annotation.actions.releases.rederive.engine_version", lambda: "another")
    checked = verify_release(Path(release.folder))
    assert checked.findings == []
    assert checked.remarks[0].startswith("alpha and counts of agreement worked out again")
    assert doctored(release, FORGERIES["holistic.interval"]) == []
    [finding] = doctored(release, FORGERIES["holistic.alpha"])
    assert finding.startswith("release.json: agreement.holistic.alpha is 0.99, but the rows give ")


def test_a_report_of_another_form_ends_in_a_sentence(judged_campaign, tmp_path):
    release = publish_release(judged_campaign, "1.0.0", out=tmp_path, by=None)
    for change in (
        lambda told: told.update(attributes=None),
        lambda told: told.update(attributes={"overall_gestalt": 1}),
        lambda told: told["holistic"]["details"].update(raters=3),
        lambda told: told["holistic"]["details"].update(raters=[1]),
        lambda told: told.update(holistic={"a": 1}),
        lambda told: told.update(subcategory=3),
        lambda told: told.update(scopes=[1]),
        lambda told: told.update(without=[]),
        lambda told: told.update(seed="x"),
    ):
        assert doctored(release, change)
