"""From a release into another campaign and out again: nothing is lost on the way, and nothing is mixed up."""

import json
import re
import shutil
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import get_args

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.utils import timezone

from annotation.actions.answers.annotate import commit_annotation, revise_annotation
from annotation.actions.answers.verify_events import verify_events
from annotation.actions.assignments.assign import next_assignment
from annotation.actions.campaigns.open_campaign import open_campaign
from annotation.actions.images.add_to_campaign import add_images
from annotation.actions.jobs.runs import start_run
from annotation.actions.ratings.import_ratings import import_ratings
from annotation.actions.reviews.review import adjudicate_case, open_case
from annotation.actions.rubrics.change_rubric import adopt_rubric
from annotation.actions.rubrics.draft_rubric import draft_version, publish_version
from annotation.dataset.verify.verify import verify
from annotation.errors import RatingsRefused
from annotation.imports.release_records import consensus_of
from annotation.imports.rows import Cause, Rule
from annotation.imports.vocabulary import Vocabulary
from annotation.models import (
    Annotation,
    Campaign,
    Case,
    Consensus,
    Event,
    ImportedConsensus,
    ImportedPrefill,
    Prefill,
    Revision,
    RubricVersion,
    Run,
)
from tests.harness.factories import (
    SECRET_WORDS,
    force_arm,
    judge,
    make_campaign,
    make_content,
    make_rubric,
    make_user,
    prefill_all,
)
from tests.harness.tampering import triggers_dropped

User = get_user_model()

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick")]

IN_MARCH = datetime(2026, 3, 4, 12, tzinfo=UTC)
PINS = [{"x": 0.1, "y": 0.9}, {"x": 0, "y": 0, "width": 1, "height": 0.5}]


def reworded(semantic=()):
    content = json.loads(json.dumps(make_rubric().content))
    content["attributes"][6]["definition"]["en"] = "Do all parts fuse?"
    return publish_version(draft_version(make_rubric(), content), semantic=semantic)


def annotation(person, campaign, given, now=None):
    assignment = next_assignment(campaign, person, now=now or timezone.now())
    number = Campaign.objects.get(pk=campaign.pk).rubric_version.number
    return commit_annotation(assignment, given | {"rubric_version": number}, by=person)


@pytest.fixture
def source(alice, bob, carol, rita):
    """A campaign of four images, with all that an answer can be: in three arms, by two versions, revised, pinned."""
    campaign = make_campaign(
        "source", people=(alice, bob, carol), images=4, annotations_per_image=3, repeat_share=100, repeat_gap_days=7
    )
    prefill_all(campaign)
    force_arm(campaign, blind=100)
    pinned = make_content(6)
    pinned["judgements"]["overall_gestalt"] |= {"pins": PINS, "pasted": 12, "critique": "线条清晰", "language": ""}
    annotation(alice, campaign, pinned)
    for _ in range(3):
        annotation(alice, campaign, make_content(6))
    force_arm(campaign, reveal=100)
    disputed = annotation(bob, campaign, make_content(6, overall_gestalt=10))
    final = make_content(5, subcategory="sketch")
    final["judgements"]["overall_gestalt"] |= {"critique": f"{SECRET_WORDS}!", "critique_origin": "edited"}
    revise_annotation(disputed, final, by=bob)
    for _ in range(3):
        revise_annotation(annotation(bob, campaign, make_content(6.5)), make_content(6.5), by=bob)
    adopt_rubric(campaign, reworded(), by=None)
    campaign.refresh_from_db()
    force_arm(campaign, assisted=100)
    for score in (6, 6.5, 7, 7.5):
        annotation(carol, campaign, make_content(score))
    adjudicate_case(Case.objects.get(), by=rita, cause="slip", reason="A slip; 手滑。", scores={"overall_gestalt": 7.5})
    force_arm(campaign, blind=100)
    annotation(alice, campaign, make_content(7), now=timezone.now() + timedelta(days=8))
    late = Annotation.objects.filter(annotator=carol).last()
    with triggers_dropped():
        Annotation._base_manager.filter(pk=late.pk).update(surplus=True)
        Revision._base_manager.update(created_at=IN_MARCH)
    return campaign


@pytest.fixture
def dave():
    return make_user("dave")


@pytest.fixture
def erin():
    return make_user("erin")


@pytest.fixture
def target(source, dave, erin):
    """A campaign of the same images, by the first version, which dave has judged."""
    campaign = make_campaign("target", people=(dave, erin), images=0, annotations_per_image=2)
    add_images(campaign, source.images.all(), by=None)
    open_campaign(campaign, by=None)
    for _ in range(4):
        judge(campaign, dave, 4)
    return campaign


def run(*words, **options):
    out = StringIO()
    call_command(*words, json=True, stdout=out, stderr=StringIO(), **options)
    return json.loads(out.getvalue())


def released(slug, version, out):
    folder = Path(run("release", slug, version, out=str(out))["folder"])
    assert verify(folder).findings == []
    return folder


def rows_of(folder):
    """Return the rows of a release without their images, by image."""
    shards = sorted((folder / "data").glob("*.parquet"))
    return {row["sha256"]: row for shard in shards for row in pq.read_table(shard).drop(["image"]).to_pylist()}


def told(folder, *, imported):
    """Return what a release says: answers by rater, whoever that is, and by image what was adjudicated and proposed."""
    raters, beside_them = defaultdict(list), {}
    for sha256, row in sorted(rows_of(folder).items()):
        for given in row["annotations"]:
            if given["imported"] is imported:
                may_differ = ("rater", "campaign", "imported", "counted")
                raters[given["rater"]].append((sha256, {k: v for k, v in given.items() if k not in may_differ}))
        stands = [row["consensus"], *row["prefills"]]
        beside_them[sha256] = [{k: v for k, v in one.items() if k != "imported"} if one else None for one in stands]
        assert {one["imported"] for one in stands if one} <= {imported}
    return sorted(raters.values(), key=str), beside_them


@pytest.mark.engine
def test_a_release_comes_back_whole_through_another_campaign(source, target, tmp_path):
    first = released("source", "1.0.0", tmp_path)
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
def test_a_second_import_changes_nothing(source, target, tmp_path):
    first = released("source", "1.0.0", tmp_path)
    run("import_ratings", first, campaign="target")
    kinds = (Annotation, Revision, ImportedConsensus, ImportedPrefill, Event)
    before = [kind.objects.count() for kind in kinds]
    report = run("import_ratings", first, campaign="target")
    assert (report["annotations"], report["known"], report["refused"]) == (0, 19, [])
    assert [kind.objects.count() for kind in kinds] == before
    assert verify_events(target) == []


def test_what_was_imported_enters_no_score_blocks_nobody_and_is_no_prefill(source, target, rita, tmp_path):
    first = released("source", "1.0.0", tmp_path)
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


def test_auditors_read_what_was_imported_with_its_mark_and_annotators_never_see_it(
    source, target, arthur, erin, client, tmp_path
):
    import_ratings(target, released("source", "1.0.0", tmp_path), by=None)
    client.force_login(arthur)
    image = ImportedConsensus.objects.get().image_id
    page = client.get(f"/audit/target/images/{image}/").content.decode()
    assert "Adjudicated elsewhere: source" in page
    assert "Shown elsewhere (source), to nobody here" in page
    assert SECRET_WORDS in page
    force_arm(target, assisted=100)
    given = next_assignment(target, erin)
    assert given.shown_prefill is None
    client.force_login(erin)
    assert SECRET_WORDS not in client.get(f"/api/v1/assignments/{given.pk}/").content.decode()


def test_what_is_imported_after_a_release_does_not_change_its_record(source, target, tmp_path):
    first = released("source", "1.0.0", tmp_path)
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


def restate(folder, **changed):
    """Let a release state something else of itself."""
    path = folder / "release.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changed))


@pytest.mark.parametrize(
    ("stated", "name", "annotations"),
    [
        ({"rubric_sha256": "0" * 64}, "artimuse 2", 9),
        ({"other_rubrics": {"artimuse 1": "0" * 64}}, "artimuse 1", 5),
    ],
)
def test_an_answer_by_a_version_of_other_content_is_refused_with_its_place(
    source, target, tmp_path, stated, name, annotations
):
    folder = released("source", "1.0.0", tmp_path)
    restate(folder, **stated)
    report = import_ratings(target, folder, by=None)
    assert report.annotations == annotations, "those by the version that is the same"
    problem = next(problem for problem in report.refused if "answer" in problem.place)
    assert (problem.place[:21], problem.field) == ("data/train-00000-of-0", "rubric_version")
    reason = f"{name!r} has another content here; accepted: artimuse 1, artimuse 2, or one with the same content"
    assert problem.reason.startswith(reason)
    assert {problem.field for problem in report.refused} == {"rubric_version"}


def rewrite(folder, change):
    """Change each row of a release."""
    for shard in sorted((folder / "data").glob("*.parquet")):
        rows = pq.read_table(shard).to_pylist()
        for row in rows:
            change(row)
        pq.write_table(pa.Table.from_pylist(rows), shard)


def rename_version(folder, old, new):
    """Let the answers of a release go by another name of their rubric."""

    def rename(row):
        for given in row["annotations"]:
            given["rubric_version"] = new if given["rubric_version"] == old else given["rubric_version"]

    rewrite(folder, rename)


def test_a_version_of_the_same_content_stands_for_one_that_is_not_known_here(source, target, tmp_path):
    folder = released("source", "1.0.0", tmp_path)
    same = RubricVersion.objects.get(number=1).content_hash
    restate(folder, rubric_name="other 2", rubric_sha256=same)
    report = import_ratings(target, folder, by=None)
    assert (report.consensuses, report.prefills, report.refused) == (1, 4, [])


def test_so_it_does_for_a_further_version(source, target, tmp_path):
    folder = released("source", "1.0.0", tmp_path)
    rename_version(folder, "artimuse 1", "other 1")
    restate(folder, other_rubrics={})
    refused = import_ratings(target, folder, by=None).refused
    assert {problem.reason.split(";")[0] for problem in refused} == {"'other 1' is not known here"}
    restate(folder, other_rubrics={"other 1": RubricVersion.objects.get(number=1).content_hash})
    assert import_ratings(target, folder, by=None).refused == []
    versions = target.annotations.filter(imported=True).values_list("rubric_version__number", flat=True)
    assert sorted(set(versions)) == [1, 2]


@pytest.mark.parametrize("others", [None, ["artimuse 1"], {"artimuse 1": None}])
def test_a_release_that_states_its_rubrics_otherwise_is_refused(source, target, tmp_path, others):
    folder = released("source", "1.0.0", tmp_path)
    restate(folder, other_rubrics=others)
    with pytest.raises(RatingsRefused, match=r"release\.json: other_rubrics: an object from versions to SHA-256s"):
        import_ratings(target, folder, by=None)


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


def test_a_release_under_another_name_and_a_later_one_add_only_what_is_new(source, target, tmp_path):
    first = released("source", "1.0.0", tmp_path)

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
def test_what_a_later_release_says_anew_is_a_further_revision_and_an_older_one_changes_nothing(
    source, target, tmp_path
):
    first = released("source", "1.0.0", tmp_path)
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
def test_a_first_answer_or_a_mark_that_changed_is_refused_and_what_was_there_stays(source, target, tmp_path):
    first = released("source", "1.0.0", tmp_path)
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


@pytest.mark.parametrize("lost", ["campaign", "released_at", "rubric_name"])
def test_a_release_that_does_not_say_what_it_is_is_refused(source, target, tmp_path, lost):
    folder = released("source", "1.0.0", tmp_path)
    restate(folder, **{lost: None})
    with pytest.raises(RatingsRefused, match="an object with campaign, released_at, rubric_name is accepted"):
        import_ratings(target, folder, by=None)


def test_a_release_is_known_by_its_campaign_and_no_other_source(source, target, tmp_path):
    folder = released("source", "1.0.0", tmp_path)
    with pytest.raises(RatingsRefused, match="a release is known by its campaign"):
        import_ratings(target, folder, by=None, source="mine")


def test_simulated_answers_go_into_a_demo_only(alice, dave, tmp_path):
    source = make_campaign("source", people=(alice,), images=1, is_demo=True)
    judge(source, alice)
    with triggers_dropped():
        Annotation._base_manager.update(simulated=True)
    target = make_campaign("target", people=(dave,), images=0, is_demo=False)
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
def test_what_a_row_lacks_is_named_and_the_rest_is_kept(source, target, tmp_path, lost, place, field, reason):
    folder = released("source", "1.0.0", tmp_path)
    [sha256, *_others] = sorted(rows_of(folder))
    rewrite(folder, lambda row: row["sha256"] == sha256 and lost(row))
    report = import_ratings(target, folder, by=None)
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
