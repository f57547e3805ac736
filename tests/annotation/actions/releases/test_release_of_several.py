"""Releases of the answers of several campaigns, or by some versions of the rubric only."""

import json
from io import StringIO
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from django.core.management import CommandError, call_command

from annotation.actions.answers import annotate
from annotation.actions.assignments import assign
from annotation.actions.campaigns.open_campaign import open_campaign
from annotation.actions.images.add_to_campaign import add_images
from annotation.actions.releases.build_release import build_release
from annotation.actions.releases.check_release import likely_level
from annotation.actions.releases.contents import campaigns_of
from annotation.actions.releases.preview_release import preview_release
from annotation.actions.releases.publish_release import publish_release
from annotation.actions.releases.verify_release import verify_release
from annotation.actions.releases.withdraw import withdraw_person
from annotation.actions.rubrics import change_rubric
from annotation.dataset.format.frozen import Scope
from annotation.dataset.verify.verify import verify
from annotation.errors import ReleaseRefused
from annotation.models import Campaign, Event, Release, RubricVersion
from tests.annotation.actions.rubrics.test_change_rubric import published, reworded
from tests.harness.factories import judge, make_campaign, make_content, make_user
from webapp.accounts.models import User

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick")]

BOTH = Scope(also=("second",))
MEANING = ["attributes.overall_gestalt"]


def make_first():
    alice, bob = make_user("alice"), make_user("bob")
    campaign = make_campaign("first", people=(alice, bob), images=4, annotations_per_image=2)
    judge_all(campaign, alice, 6)
    judge_all(campaign, bob, 8)
    return campaign


def make_both():
    first, bob, carol = make_first(), User.objects.get(username="bob"), make_user("carol")
    campaign = make_campaign("second", people=(bob, carol), images=2, annotations_per_image=2, opened=False)
    add_images(campaign, first.images.order_by("pk")[:2], by=None)
    open_campaign(campaign, by=None)
    judge_all(campaign, bob, 2)
    judge_all(campaign, carol, 7)


@pytest.fixture
def first(request, recall):
    """A campaign of four images that alice and bob have judged."""
    recall(make_both if "second" in request.fixturenames else make_first)
    return Campaign.objects.get(slug="first")


@pytest.fixture
def second(first):
    """A campaign of four images, two of them of the first, that bob and carol have judged."""
    return Campaign.objects.get(slug="second")


def judge_all(campaign, person, score):
    for _ in range(campaign.entries.count()):
        judge(campaign, person, score)


def judge_all_by_the_second_version(campaign, person, score):
    campaign.refresh_from_db()
    for _ in range(campaign.entries.count()):
        assignment = assign.next_assignment(campaign, person)
        annotate.commit_annotation(assignment, make_content(score) | {"rubric_version": 2}, by=person)


def rows_of(release):
    shards = sorted((Path(release.folder) / "data").glob("*.parquet"))
    return {row["sha256"]: row for shard in shards for row in pq.read_table(shard).to_pylist()}


def told(row):
    return [
        (annotation["rater"], annotation["campaign"], annotation["repeat"], annotation["counted"])
        for annotation in row["annotations"]
    ]


@pytest.mark.engine
def test_answers_of_several_campaigns_go_in_and_nobody_counts_twice_on_an_image(
    first, second, alice, bob, carol, tmp_path
):
    release = publish_release(first, "1.0.0", out=tmp_path, by=None, scope=BOTH)
    rows = rows_of(release)
    assert len(rows) == 6
    shared, only_second = (
        rows[one.sha256] for one in (first.images.order_by("pk")[0], second.images.order_by("pk").last())
    )
    assert sorted(told(shared)) == sorted(
        [
            (alice.pseudonym, "first", False, True),
            (bob.pseudonym, "first", False, True),
            (bob.pseudonym, "second", True, False),
            (carol.pseudonym, "second", False, True),
        ]
    )
    assert (shared["gt_score"], shared["holistic"]["n"]) == (7.0, 3)
    assert {annotation["campaign"] for annotation in only_second["annotations"]} == {"second"}
    record = json.loads((Path(release.folder) / "release.json").read_text())
    checked = verify_release(Path(release.folder))
    assert (checked.findings, checked.rows_checked) == ([], True)
    assert record["scope"]["also"] == ["second"]
    assert record["agreement"]["holistic"]["n_annotations"] == 14
    assert "| second |" in (Path(release.folder) / "PROTOCOL.md").read_text()


def test_the_report_is_on_the_same_answers_and_that_of_one_campaign_stays_apart(first, second, tmp_path):
    own = publish_release(first, "1.0.0", out=tmp_path, by=None).report
    both = publish_release(first, "2.0.0", out=tmp_path, by=None, scope=BOTH).report
    second_report = publish_release(first, "2.0.1", out=tmp_path, by=None, scope=BOTH).report
    assert [cut["campaign"] for cut in both.query["also"]] == ["second"]
    assert (second_report, first.reports.whole().get()) == (both, own)


def test_every_campaign_records_it_and_the_same_record_gives_the_same_bytes(first, second, bob, tmp_path):
    release = publish_release(first, "1.0.0", out=tmp_path, by=None, scope=BOTH)
    events = Event.objects.filter(verb="release.frozen", subject=f"release:{release.pk}")
    assert {event.chain.campaign for event in events} == {first, second}
    assert release.event_head == events.get(chain__campaign=first).hash
    change_rubric.adopt_rubric(first, published(reworded(), MEANING), by=None)
    (tmp_path / "again").mkdir()
    later = Release.objects.get(pk=release.pk)
    assert later.campaign.rubric_version.number == 2
    assert build_release(later, tmp_path / "again").manifest_sha256 == release.manifest_hash


@pytest.mark.engine
def test_what_is_withdrawn_from_the_second_marks_the_release_and_stays_out_of_the_next(first, second, carol, tmp_path):
    release = publish_release(first, "1.0.0", out=tmp_path, by=None, scope=BOTH)
    assert list(withdraw_person(second, carol, by=None, reason="consent").releases.all()) == [release]
    assert likely_level((first, second), BOTH) == "major"
    following = publish_release(first, "2.0.0", out=tmp_path, by=None, scope=BOTH)
    assert carol.pseudonym not in {annotation[0] for row in rows_of(following).values() for annotation in told(row)}


@pytest.mark.parametrize(
    ("scope", "level"), [(Scope(), "major"), (Scope(also=("second",), rubric_versions=(1,)), "major"), (BOTH, "patch")]
)
def test_other_answers_call_for_a_major_version(first, second, tmp_path, scope, level):
    publish_release(first, "1.0.0", out=tmp_path, by=None, scope=BOTH)
    assert likely_level(campaigns_of(first, scope.also), scope) == level


def test_campaigns_that_do_not_go_together_are_refused(first, second, alice, tmp_path):
    def refused(scope):
        with pytest.raises(ReleaseRefused) as caught:
            publish_release(first, "1.0.0", out=tmp_path, by=None, scope=scope)
        return str(caught.value)

    assert refused(Scope(also=("third",))) == "campaign third is unknown"
    assert "first is named twice" in refused(Scope(also=("first",)))
    assert "second is named twice" in refused(Scope(also=("second", "second")))
    assert refused(Scope(rubric_versions=(7,))) == "rubric version 7 is unknown; accepted: 1"
    make_campaign("play", people=(alice,), is_demo=True)
    assert "play is a demo, or first is" in refused(Scope(also=("play",)))
    change_rubric.adopt_rubric(second, published(reworded()), by=None)
    assert "second goes by artimuse 2, and first by artimuse 1" in refused(BOTH)


def test_only_answers_by_some_versions_of_the_rubric(first, alice, carol, tmp_path):
    campaign = make_campaign("third", people=(alice, carol), images=3, annotations_per_image=2)
    judge_all(campaign, alice, 6)
    change_rubric.adopt_rubric(campaign, published(reworded()), by=None)
    judge_all_by_the_second_version(campaign, carol, 7)
    release = publish_release(campaign, "1.0.0", out=tmp_path, by=None, scope=Scope(rubric_versions=(2,)))
    rows = rows_of(release).values()
    assert [(len(row["annotations"]), row["gt_score"]) for row in rows] == [(1, 7.0)] * 3
    assert {annotation["rubric_version"] for row in rows for annotation in row["annotations"]} == {"artimuse 2"}
    assert verify(Path(release.folder)).findings == []
    assert release.report.query["rubric_versions"] == [2]
    assert "these versions of the rubric are here: 2" in (Path(release.folder) / "PROTOCOL.md").read_text()


def test_an_answer_that_was_asked_for_again_stays_out_of_the_mean(first, alice, bob, tmp_path):
    change_rubric.adopt_rubric(first, published(reworded(), MEANING), by=None)
    judge_all_by_the_second_version(first, alice, 3)
    release = publish_release(first, "1.0.0", out=tmp_path, by=None)
    for row in rows_of(release).values():
        asked_again = sorted((annotation["superseded"], annotation["counted"]) for annotation in row["annotations"])
        assert asked_again == [(False, True), (True, False), (True, False)]
        assert (row["gt_score"], row["holistic"]["n"]) == (3.0, 1)
    assert verify(Path(release.folder)).findings == []
    record = json.loads((Path(release.folder) / "release.json").read_text())
    before = RubricVersion.objects.get(number=1)
    assert record["other_rubrics"] == {"artimuse 1": before.content_hash}
    assert json.loads((Path(release.folder) / "rubrics" / "artimuse-1.json").read_text()) == before.content


def test_the_command_takes_and_previews_them(first, second, tmp_path):
    out = StringIO()
    call_command("release", "first", "1.0.0", "--with", "second", "--preview", "--json", out=tmp_path, stdout=out)
    assert {
        key: json.loads(out.getvalue())[key] for key in ("images", "also", "annotations", "counted", "blockers")
    } == {
        "images": 6,
        "also": ["second"],
        "annotations": 16,
        "counted": 14,
        "blockers": [],
    }
    assert preview_release(first, "1.0.0", out=tmp_path).images == 4
    call_command(
        "release", "first", "1.0.0", "--with", "second", "--rubric-version", "1", out=tmp_path, stdout=StringIO()
    )
    with pytest.raises(CommandError, match="campaign third is unknown"):
        call_command("release", "first", "2.0.0", "--with", "third", out=tmp_path)
