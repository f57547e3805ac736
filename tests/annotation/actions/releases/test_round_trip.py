"""From a release into another campaign and out again: nothing is lost on the way, and nothing is mixed up."""

import pytest

from annotation.actions.answers.verify_events import verify_events
from annotation.actions.assignments.assign import next_assignment
from annotation.actions.campaigns.open_campaign import open_campaign
from annotation.actions.images.add_to_campaign import add_images
from annotation.actions.jobs.runs import start_run
from annotation.actions.places.open_cases import open_case
from annotation.actions.ratings.import_ratings import import_ratings
from annotation.actions.reviews.review import adjudicate_case
from annotation.actions.rubrics.change_rubric import adopt_rubric
from annotation.models import (
    Annotation,
    Case,
    Consensus,
    Event,
    ImportedConsensus,
    ImportedPrefill,
    Prefill,
    Revision,
    Run,
)
from tests.harness.factories import (
    SECRET_WORDS,
    force_arm,
    judge,
    make_campaign,
    make_content,
)
from tests.harness.round_trip import annotation, released, reworded, rows_of, run, told
from tests.harness.tampering import triggers_dropped
from webapp.accounts.models import User

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick")]


@pytest.mark.engine
def test_a_release_comes_back_whole_through_another_campaign(first, target, tmp_path):
    report = run("import_ratings", first, campaign="target")
    assert (report["annotations"], report["consensuses"], report["prefills"]) == (14, 1, 4)
    assert (report["partial"], report["refused"], report["raters"]) == (0, [], 3)
    second = released("target", "1.0.0", tmp_path / "again")
    annotations, beside_them = told(first, imported=False)
    assert told(second, imported=True) == (annotations, beside_them)

    given = [one for rater in annotations for _sha256, one in rater]
    assert {one["arm"] for one in given} == {"blind", "reveal", "assisted"}
    assert {one["rubric_version"] for one in given} == {"artimuse 1", "artimuse 2"}
    assert {one["week"] for one in given} == {"2026-W10"}
    assert {one["kind"] for one in given} == {"first", "final"}
    assert [sum(one[mark] for one in given) for mark in ("repeat", "surplus")] == [1, 1]
    assert sum(bool(one["judgements"]["overall_gestalt"]["pins"]) for one in given) == 1
    assert {model for one in given if (model := one["shown_model"])} == {"fake 1"}
    assert [adjudicated["reason"] for adjudicated, *_rest in beside_them.values() if adjudicated] == ["A slip; 手滑。"]


@pytest.mark.engine
def test_a_second_import_changes_nothing(first, target):
    run("import_ratings", first, campaign="target")
    kinds = (Annotation, Revision, ImportedConsensus, ImportedPrefill, Event)
    before = [kind.objects.count() for kind in kinds]
    report = run("import_ratings", first, campaign="target")
    assert (report["annotations"], report["known"], report["refused"]) == (0, 19, [])
    assert [kind.objects.count() for kind in kinds] == before
    assert verify_events(target) == []


def test_what_was_imported_enters_no_score_blocks_nobody_and_is_no_prefill(first, target, rita, tmp_path):
    prefills, cases, consensuses = Prefill.objects.count(), Case.objects.count(), Consensus.objects.count()
    with triggers_dropped():
        Prefill._base_manager.filter(image__in=target.images.all()).exclude(assignments__isnull=False).delete()
    import_ratings(target, first, by=None)
    assert (Case.objects.count(), Consensus.objects.count()) == (cases, consensuses)
    assert Prefill.objects.count() <= prefills
    assert start_run(target, Run.Kind.PREFILL, "baseline", by=None).counts()["waiting"] == 4, (
        "an imported prefill is no answer to a run"
    )
    rows = rows_of(released("target", "1.0.0", tmp_path / "again"))
    assert {(row["gt_score"], row["gt_source"]) for row in rows.values()} == {(4, "raters")}
    [(sha256, row)] = [(sha256, row) for sha256, row in rows.items() if row["consensus"]]
    assert row["consensus"]["imported"]

    case = open_case(target.entries.get(image__sha256=sha256), Case.Rule.SPREAD, ["overall_gestalt"])
    adjudicate_case(case, by=rita, cause="taste", reason="Ours.", scores={"overall_gestalt": 9})
    row = rows_of(released("target", "2.0.0", tmp_path / "again"))[sha256]
    assert (row["consensus"]["reason"], row["consensus"]["imported"], row["gt_source"]) == ("Ours.", False, "consensus")


def test_auditors_read_what_was_imported_with_its_mark_and_annotators_never_see_it(first, target, arthur, client):
    import_ratings(target, first, by=None)
    client.force_login(arthur)
    image = ImportedConsensus.objects.get().image_id
    page = client.get(f"/audit/target/images/{image}/").content.decode()
    assert "Adjudicated elsewhere: source" in page
    assert "Shown elsewhere (source), to nobody here" in page
    assert SECRET_WORDS in page
    force_arm(target, assisted=100)
    erin = User.objects.get(username="erin")
    given = next_assignment(target, erin)
    assert given.shown_prefill is None
    client.force_login(erin)
    assert SECRET_WORDS not in client.get(f"/api/v1/assignments/{given.pk}/").content.decode()


def test_what_is_imported_after_a_release_does_not_change_its_record(first, target, tmp_path):
    before = released("target", "1.0.0", tmp_path / "again")
    assert run("release", "target", "1.0.1", out=str(tmp_path / "again"), preview=True)["level"] == "patch"
    import_ratings(target, first, by=None)
    assert run("release", "target", "1.0.1", out=str(tmp_path / "again"), preview=True)["level"] == "major"
    assert [row["consensus"] for row in rows_of(before).values()] == [None] * 4


def test_whoever_was_asked_again_after_a_change_of_the_rubric_keeps_both_answers(alice, bob, tmp_path):
    source = make_campaign("source", people=(alice,), images=2)
    for _ in range(2):
        annotation(alice, source, make_content(4))
    adopt_rubric(source, reworded(["attributes.overall_gestalt"]), by=None)
    source.refresh_from_db()
    for _ in range(2):
        annotation(alice, source, make_content(9))
    target = make_campaign("target", people=(bob,), images=0)
    add_images(target, source.images.all(), by=None)
    open_campaign(target, by=None)
    for _ in range(2):
        judge(target, bob)
    first = released("source", "1.0.0", tmp_path)
    assert import_ratings(target, first, by=None).refused == []
    assert told(released("target", "1.0.0", tmp_path / "again"), imported=True) == told(first, imported=False)
