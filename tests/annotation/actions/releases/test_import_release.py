"""A release that is imported: what it states of itself and of its rows is understood, or refused with its place."""

import re
from typing import get_args

import pytest

from annotation.actions.images.add_to_campaign import add_images
from annotation.actions.ratings.import_ratings import import_ratings
from annotation.errors import RatingsRefused
from annotation.imports.release_records import consensus_of
from annotation.imports.rows import Cause, Rule
from annotation.imports.vocabulary import Vocabulary
from annotation.models import (
    Annotation,
    Campaign,
    Case,
    Consensus,
    RubricVersion,
)
from tests.harness.factories import (
    judge,
    make_campaign,
    make_rubric,
)
from tests.harness.round_trip import released, restate, rewrite, rows_of
from tests.harness.tampering import triggers_dropped

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick")]


@pytest.mark.parametrize(
    ("stated", "name", "annotations"),
    [
        ({"rubric_sha256": "0" * 64}, "artimuse 2", 9),
        ({"other_rubrics": {"artimuse 1": "0" * 64}}, "artimuse 1", 5),
    ],
)
def test_an_answer_by_a_version_of_other_content_is_refused_with_its_place(first, target, stated, name, annotations):
    restate(first, **stated)
    report = import_ratings(target, first, by=None)
    assert report.annotations == annotations, "those by the version that is the same"
    problem = next(problem for problem in report.refused if "answer" in problem.place)
    assert (problem.place[:21], problem.field) == ("data/train-00000-of-0", "rubric_version")
    reason = f"{name!r} has another content here; accepted: artimuse 1, artimuse 2, or one with the same content"
    assert problem.reason.startswith(reason)
    assert {problem.field for problem in report.refused} == {"rubric_version"}


def rename_version(folder, old, new):
    """Let the answers of a release go by another name of their rubric."""

    def rename(row):
        for given in row["annotations"]:
            given["rubric_version"] = new if given["rubric_version"] == old else given["rubric_version"]

    rewrite(folder, rename)


def test_a_version_of_the_same_content_stands_for_one_that_is_not_known_here(first, target):
    same = RubricVersion.objects.get(number=1).content_hash
    restate(first, rubric_name="other 2", rubric_sha256=same)
    report = import_ratings(target, first, by=None)
    assert (report.consensuses, report.prefills, report.refused) == (1, 4, [])


def test_so_it_does_for_a_further_version(first, target):
    rename_version(first, "artimuse 1", "other 1")
    restate(first, other_rubrics={})
    refused = import_ratings(target, first, by=None).refused
    assert {problem.reason.split(";")[0] for problem in refused} == {"'other 1' is not known here"}
    restate(first, other_rubrics={"other 1": RubricVersion.objects.get(number=1).content_hash})
    assert import_ratings(target, first, by=None).refused == []
    versions = target.annotations.filter(imported=True).values_list("rubric_version__number", flat=True)
    assert sorted(set(versions)) == [1, 2]


@pytest.mark.parametrize("others", [None, ["artimuse 1"], {"artimuse 1": None}])
def test_a_release_that_states_its_rubrics_otherwise_is_refused(first, target, others):
    restate(first, other_rubrics=others)
    with pytest.raises(RatingsRefused, match=r"release\.json: other_rubrics: an object from versions to SHA-256s"):
        import_ratings(target, first, by=None)


@pytest.mark.parametrize("lost", ["campaign", "released_at", "rubric_name"])
def test_a_release_that_does_not_say_what_it_is_is_refused(first, target, lost):
    restate(first, **{lost: None})
    with pytest.raises(RatingsRefused, match="an object with campaign, released_at, rubric_name is accepted"):
        import_ratings(target, first, by=None)


def test_a_release_is_known_by_its_campaign_and_no_other_source(first, target):
    with pytest.raises(RatingsRefused, match="a release is known by its campaign"):
        import_ratings(target, first, by=None, source="mine")


def test_simulated_answers_go_into_a_demo_only(alice, bob, tmp_path):
    source = make_campaign("source", people=(alice,), images=1, is_demo=True)
    judge(source, alice)
    with triggers_dropped():
        Annotation._base_manager.update(simulated=True)
    target = make_campaign("target", people=(bob,), images=0, is_demo=False)
    add_images(target, source.images.all(), by=None)
    folder = released("source", "1.0.0", tmp_path)
    [problem] = import_ratings(target, folder, by=None).refused
    assert (problem.field, problem.reason) == ("simulated", "only a demo campaign takes simulated answers")
    Campaign.objects.filter(pk=target.pk).update(is_demo=True)
    target.refresh_from_db()
    import_ratings(target, folder, by=None)
    assert Annotation.objects.get(imported=True).simulated


@pytest.mark.parametrize(
    ("lost", "place", "field", "reason"),
    [
        (lambda row: row.update(annotations=None), "", "annotations", "a list is accepted"),
        (lambda row: row.update(prefills=None), "", "prefills", "a list is accepted"),
        (lambda row: row["annotations"].insert(0, None), ", annotations 1", "rater", "a text is accepted"),
        (lambda row: row["annotations"][1].update(rater=None), ", annotations 2", "rater", "a text is accepted"),
        (
            lambda row: row["annotations"][0].update(repeat=None),
            ", annotations 1",
            "repeat",
            "true or false is accepted",
        ),
        (
            lambda row: row["annotations"][0].update(judgements=None),
            ", annotations 1",
            "judgements",
            "an object is accepted",
        ),
        (lambda row: row["prefills"][0].update(critiques=None), ", prefills 1", "critiques", "an object is accepted"),
    ],
)
def test_what_a_row_lacks_is_named_and_the_rest_is_kept(first, target, lost, place, field, reason):
    [sha256, *_others] = sorted(rows_of(first))
    rewrite(first, lambda row: row["sha256"] == sha256 and lost(row))
    report = import_ratings(target, first, by=None)
    problem = report.refused[0]
    assert (problem.field, problem.reason) == (field, reason)
    assert re.fullmatch(rf"data/\w+-\d+-of-\d+\.parquet, row \d+{place}", problem.place)
    assert report.annotations >= 9


def test_the_words_of_a_consensus_are_those_of_the_models():
    assert (list(get_args(Rule)), list(get_args(Cause))) == (Case.Rule.values, Consensus.Cause.values)


@pytest.mark.parametrize(
    ("row", "field", "reason"),
    [
        ({"rule": "whim"}, "rule", "'whim' is unknown; accepted: spread, category, flag"),
        ({"cause": "mood"}, "cause", "'mood' is unknown; accepted: taste, rubric, oversight, slip, category"),
        ({"subcategory": "selfie"}, "subcategory", "'selfie' is unknown; accepted: daily_photo"),
        ({"scores": {"beauty": 7.0}}, "beauty: score", "the attribute is unknown; accepted: composition_design"),
        ({"scores": {"overall_gestalt": 7.3}}, "overall_gestalt: score", "7.3 is not on the scale"),
        ({"reason": "a\x00b"}, "reason", "a text is accepted"),
    ],
)
def test_a_consensus_that_is_not_understood_is_refused_with_its_field(row, field, reason):
    words = Vocabulary(make_rubric().rubric, {})
    good = {"rule": "spread", "cause": "taste", "reason": "Both.", "subcategory": "", "scores": {}}
    assert next(consensus_of(good, "a.jpg", "row 1, consensus", words)).reason == "Both."
    [problem] = consensus_of(good | row, "a.jpg", "row 1, consensus", words)
    assert (problem.place, problem.field) == ("row 1, consensus", field)
    assert problem.reason.startswith(reason)
