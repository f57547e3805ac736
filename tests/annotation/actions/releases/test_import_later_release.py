"""A release imported again, under another name or in a later version: only what is new is added."""

import shutil

import pytest

from annotation.actions.answers.verify_events import verify_events
from annotation.actions.ratings.import_ratings import import_ratings
from annotation.models import (
    Annotation,
    Event,
    ImportedConsensus,
    ImportedPrefill,
    Revision,
)
from tests.harness.round_trip import released, restate, rewrite, rows_of, run
from webapp.accounts.models import User

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick")]


KINDS = (Annotation, Revision, ImportedConsensus, ImportedPrefill, User, Event)


def count_all():
    return [kind.objects.count() for kind in KINDS]


def later(folder, version, change):
    """Be a later release than this one, under a name of its own: what it says is changed."""
    new = folder.with_name(f"a later one {version}")
    shutil.copytree(folder, new)
    rewrite(new, change)
    restate(new, version=version, released_at=f"2100-01-01T00:00:0{version[-1]}+00:00")
    return new


def test_a_release_under_another_name_and_a_later_one_add_only_what_is_new(first, target, tmp_path):

    def cut(row):
        early = [
            given for given in row["annotations"] if (given["kind"], given["rubric_version"]) == ("first", "artimuse 1")
        ]
        row.update(annotations=early, prefills=[], consensus=None)

    few = later(first, "0.0.1", cut)
    restate(few, released_at="2001-01-01T00:00:00+00:00")
    assert run("import_ratings", few, campaign="target")["annotations"] == 8
    report = run("import_ratings", first, campaign="target")
    assert (report["annotations"], report["known"], report["revised"]) == (6, 7, 0)
    assert [problem["field"] for problem in report["refused"]] == ["shown_model"], "bob had not seen it at first"
    others = shutil.copytree(first, tmp_path / "renamed"), released("source", "1.0.1", tmp_path), few
    before = count_all()
    for again in others:
        report = run("import_ratings", again, campaign="target")
        assert (report["annotations"], report["revised"]) == (0, 0)
        assert count_all() == before
    raters = target.annotations.filter(imported=True).values_list("annotator", "declared_rater").order_by().distinct()
    assert len(raters) == 3
    assert {name for _pk, name in raters} == {
        given["rater"] for row in rows_of(first).values() for given in row["annotations"]
    }
    assert verify_events(target) == []


def final_of(row):
    return next(given for given in row["annotations"] if given["kind"] == "final")


def disputed(row):
    return row["consensus"] is not None


@pytest.mark.engine
def test_what_a_later_release_says_anew_is_a_further_revision_and_an_older_one_changes_nothing(first, target, tmp_path):
    import_ratings(target, first, by=None)

    def change(row):
        if disputed(row):
            final_of(row)["judgements"]["overall_gestalt"]["critique"] = "Looked again."
            row["consensus"]["reason"] = "On second thoughts."

    new = later(first, "1.0.2", change)
    report = import_ratings(target, new, by=None)
    assert (report.annotations, report.consensuses, report.revised, report.refused) == (1, 1, 2, [])
    revision = Revision.objects.get(number=3)
    assert (revision.kind, revision.annotation.revisions.count()) == (Revision.Kind.CORRECTION, 3)
    before = count_all()
    assert import_ratings(target, new, by=None).known == 19
    assert import_ratings(target, first, by=None).known == 19
    assert count_all() == before
    [row] = [row for row in rows_of(released("target", "1.0.0", tmp_path / "again")).values() if disputed(row)]
    assert row["consensus"]["reason"] == "On second thoughts."
    assert final_of(row)["judgements"]["overall_gestalt"]["critique"] == "Looked again."
    assert verify_events(target) == []

    back = later(first, "1.0.3", lambda row: None)
    report = import_ratings(target, back, by=None)
    assert (report.annotations, report.consensuses, report.revised, report.refused) == (1, 1, 2, [])
    assert Revision.objects.filter(number=4).count() == 1


@pytest.mark.engine
def test_a_first_answer_or_a_mark_that_changed_is_refused_and_what_was_there_stays(first, target):
    import_ratings(target, first, by=None)
    before = count_all()

    def change(row):
        if disputed(row):
            for given in row["annotations"]:
                given["superseded"] = given["rater"] == final_of(row)["rater"]
            row["annotations"][0]["judgements"]["overall_gestalt"]["critique"] = "Never said."

    report = import_ratings(target, later(first, "1.0.2", change), by=None)
    assert sorted(problem.field for problem in report.refused) == ["answer", "superseded"]
    assert {problem.reason for problem in report.refused} == {
        "another one was imported from this source before, which stays"
    }
    assert count_all() == before
