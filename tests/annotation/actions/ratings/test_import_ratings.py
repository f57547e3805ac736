import json
import zipfile
from io import StringIO
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from django.core.management import CommandError, call_command

from annotation.actions.agreement.measure_agreement import measure_agreement
from annotation.actions.answers.annotate import commit_annotation, revise_annotation
from annotation.actions.answers.verify_events import verify_events
from annotation.actions.assignments.assign import next_assignment
from annotation.actions.campaigns.open_campaign import open_campaign
from annotation.actions.images.add_to_campaign import add_images
from annotation.actions.ratings.import_ratings import import_ratings
from annotation.actions.releases.publish_release import publish_release
from annotation.dataset.verify.verify import verify
from annotation.errors import RatingsRefused
from annotation.models import Annotation, Campaign, Event, Image, Judgement, ReferenceScore, Revision
from tests.harness.factories import SECRET_WORDS, force_arm, judge, make_campaign, make_content, prefill_all, somebody
from tests.harness.installation import ROOT

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

LABEL_STUDIO = ROOT / "fixtures" / "imports" / "label-studio-1.23.json"


def make_target_campaign():
    campaign = make_campaign(people=(somebody("alice"),), images=8)
    for number, image in enumerate(campaign.images.order_by("pk")):
        Image.objects.filter(pk=image.pk).update(original_name=f"{number:02}.jpg")


@pytest.fixture
def target_campaign(recall):
    """A campaign of eight images called 00.jpg to 07.jpg, and nobody's answers."""
    recall(make_target_campaign)
    return Campaign.objects.get()


def put(tmp_path, name, content):
    path = tmp_path / name
    path.write_text(content if isinstance(content, str) else json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return path


def places(report):
    return [(problem.place, problem.field) for problem in report.refused]


def test_a_real_export_of_label_studio(target_campaign):
    report = import_ratings(target_campaign, LABEL_STUDIO, by=None)
    assert (report.format, report.annotations, report.raters) == ("label-studio", 17, 3)
    assert [(problem.field, problem.reason) for problem in report.refused] == [
        ("was_cancelled", "the rater skipped this image")
    ]
    first = Annotation.objects.order_by("pk").first()
    assert (first.image.original_name, first.imported, first.assignment, first.declared_arm) == (
        "00.jpg",
        True,
        None,
        "",
    )
    revision = first.revisions.get()
    assert (revision.subcategory, revision.seconds) == ("aigc", 26)
    judgements = {judgement.attribute: judgement for judgement in revision.judgements.all()}
    assert judgements["composition_design"].steps == 9
    assert judgements["composition_design"].critique == "Balanced, calm; the light is “soft” & even."
    assert judgements["visual_elements"].critique == 'Line one.\nLine two with, comma and "quotes".'
    assert (judgements["comprehensive_evaluation"].steps, len(judgements)) == (None, 8)
    assert Judgement.objects.filter(critique="线条清晰，构图均衡。", critique_language="zh-hans").exists()
    assert Revision.objects.filter(holistic=None).count() == 1
    assert report.partial == 17  # Nobody was asked for a score of the overall judgement there.
    assert verify_events(target_campaign) == []


def test_a_second_run_changes_nothing(target_campaign):
    import_ratings(target_campaign, LABEL_STUDIO, by=None)
    n_events = Event.objects.count()
    report = import_ratings(target_campaign, LABEL_STUDIO, by=None)
    assert (report.annotations, report.known, Revision.objects.count(), Event.objects.count()) == (0, 17, 17, n_events)


def test_imported_answers_are_released_with_their_mark_and_stay_out_of_every_figure(target_campaign, alice, tmp_path):
    judge(target_campaign, alice, 7)
    before = measure_agreement(target_campaign, by=None, replicates=10).figures
    import_ratings(target_campaign, LABEL_STUDIO, by=None)
    assert measure_agreement(target_campaign, by=None, replicates=10).figures == before
    assert target_campaign.progress()["annotations"] == 1
    release = publish_release(target_campaign, "1.0.0", out=tmp_path, by=None)
    assert verify(Path(release.folder)).findings == []
    [row] = pq.read_table(Path(release.folder) / "scores").to_pylist()
    assert (row["n"], row["gt_score"]) == (1, 7)
    ratings = pq.read_table(Path(release.folder) / "ratings").to_pylist()
    marks = {(given["imported"], given["counted"], given["arm"]) for given in ratings}
    assert marks == {(False, True, "blind"), (True, False, None)}


def test_a_release_of_ours_comes_back_as_it_was(alice, bob, tmp_path):
    source = make_campaign("source", people=(alice, bob), images=3, annotations_per_image=2)
    for person, score in ((alice, 7), (alice, 6.5), (bob, 4), (bob, 9), (bob, 2)):
        judge(source, person, score)
    pinned = make_content(3)
    pinned["judgements"]["overall_gestalt"]["pins"] = [
        {"x": 0.1, "y": 0.9},
        {"x": 0, "y": 0, "width": 1, "height": 0.5},
    ]
    commit_annotation(next_assignment(source, alice), pinned, by=alice)
    release = publish_release(source, "1.0.0", out=tmp_path, by=None)
    target = make_campaign("target", images=0)
    add_images(target, source.images.all(), by=None)
    report = import_ratings(target, Path(release.folder), by=None)
    assert (report.format, report.annotations, report.partial, report.refused) == ("connoisseur", 6, 0, [])

    def told(campaign):
        judged = Judgement.objects.filter(revision__annotation__campaign=campaign)
        fields = ("revision__annotation__image", "revision__holistic", "revision__subcategory", "revision__seconds")
        origins = ("score_origin", "critique_origin", "edit_distance", "pasted", "revision__seconds_to_first_score")
        told = judged.values_list(*fields, *origins, "attribute", "steps", "critique", "critique_language", "pins")
        return sorted(told, key=str)

    assert told(target) == told(source)
    assert sum(len(pins) for *_, pins in told(target)) == 2
    assert import_ratings(target, Path(release.folder), by=None).known == 6
    assert set(target.annotations.values_list("declared_arm", flat=True)) == {"blind"}


def test_what_came_from_a_model_and_what_was_pasted_comes_back_too(alice, bob, carol, tmp_path):
    source = make_campaign("source", people=(alice, bob), images=1, annotations_per_image=2)
    model = prefill_all(source)
    force_arm(source, reveal=100)
    first = make_content(6)
    first["judgements"]["overall_gestalt"]["pasted"] = 12
    annotation = commit_annotation(next_assignment(source, alice), first, by=alice)
    final = make_content(6)
    final["judgements"]["overall_gestalt"] |= {"critique": f"{SECRET_WORDS}!", "critique_origin": "edited"}
    revise_annotation(annotation, final, by=alice)
    force_arm(source, assisted=100)
    judge(source, bob, 4)
    release = publish_release(source, "1.0.0", out=tmp_path, by=None)
    target = make_campaign("target", people=(carol,), images=0, annotations_per_image=1)
    add_images(target, source.images.all(), by=None)
    open_campaign(target, by=None)
    report = import_ratings(target, Path(release.folder), by=None)
    assert (report.annotations, report.refused) == (3, [])
    gestalt = Judgement.objects.filter(attribute="overall_gestalt", revision__annotation__campaign=target)
    found = gestalt.filter(revision__annotation__declared_arm="reveal").order_by("revision__number")
    own, edited = found.values_list("critique_origin", "edit_distance", "pasted")
    assert own == ("own", None, 12)
    assert edited[0] == "edited"
    assert edited[1] > 0
    assert set(target.annotations.values_list("declared_model", flat=True)) == {str(model)}
    judge(target, carol)
    again = publish_release(target, "1.0.0", out=tmp_path / "again", by=None)
    assert told_of(again, imported=True) == told_of(release, imported=False), "released anew they say the same"


def told_of(release, *, imported):
    rows = pq.read_table(Path(release.folder) / "ratings").to_pylist()
    marks = ("sha256", "arm", "kind", "shown_model", "seconds", "seconds_to_first_score", "origins", "scores")
    return sorted(str([row[mark] for mark in marks]) for row in rows if row["imported"] is imported)


LONG = """image,rater,attribute,score,critique,subcategory,arm,seconds
00.jpg,ada,Composition & Design,7.5,"Calm, ""quiet"".",Portrait,blind,30
00.jpg,ada,构图设计,7.5,,,,
images/01.jpg,ada,overall_gestalt,8,,,,
02,ben,visual elements,6,,,,
"""


def test_a_long_csv_takes_attributes_and_images_by_any_of_their_names(target_campaign, tmp_path):
    report = import_ratings(target_campaign, put(tmp_path, "old.csv", LONG), by=None)
    assert (report.annotations, report.partial, report.raters, report.refused) == (3, 3, 2, [])
    first = Annotation.objects.get(image__original_name="00.jpg")
    assert (first.declared_arm, first.revisions.get().subcategory) == ("blind", "portrait")
    [judged] = first.revisions.get().judgements.all()
    assert (judged.attribute, judged.steps, judged.critique) == ("composition_design", 15, 'Calm, "quiet".')
    assert not first.annotator.is_active
    assert not first.annotator.has_usable_password()


def test_raters_of_a_named_source_are_the_same_in_every_file(target_campaign, tmp_path):
    first = import_ratings(target_campaign, put(tmp_path, "march.csv", LONG), by=None, source="old panel")
    second = put(tmp_path, "april.csv", LONG + "03.jpg,ben,overall_gestalt,5,,,,\n")
    report = import_ratings(target_campaign, second, by=None, source="old panel")
    assert (first.annotations, report.annotations, report.known) == (3, 1, 3)
    annotations = Annotation.objects.filter(imported_from="old panel", declared_rater="ben")
    assert (annotations.count(), len(set(annotations.values_list("annotator", flat=True)))) == (2, 1)
    out = StringIO()
    call_command("import_ratings", str(second), campaign="portraits", source="old panel", stdout=out)
    assert "0 revised, 4 known; 0 refused" in out.getvalue()
    report = import_ratings(target_campaign, second, by=None)
    assert (report.annotations, report.known, report.raters) == (4, 0, 2), (
        "without a source, a file is known by its name"
    )
    changed = put(tmp_path, "may.csv", LONG.replace("overall_gestalt,8", "overall_gestalt,9"))
    [problem] = import_ratings(target_campaign, changed, by=None, source="old panel").refused
    assert (problem.field, problem.reason) == (
        "answer",
        "another one was imported from this source before, which stays",
    )


@pytest.mark.parametrize("source", ["x" * 201, "a\x00b"])
def test_a_source_that_cannot_be_kept_is_refused(target_campaign, tmp_path, source):
    with pytest.raises(RatingsRefused, match="the source: a name of at most 200 characters is accepted"):
        import_ratings(target_campaign, put(tmp_path, "old.csv", LONG), by=None, source=source)


@pytest.mark.parametrize(
    ("row", "field", "reason"),
    [
        ("00.jpg,ada,overall_gestalt,7.3,,,,", "overall_gestalt: score", "7.3 is not on the scale: 0 to 10 in steps"),
        ("00.jpg,ada,overall_gestalt,1e400,,,,", "overall_gestalt: score", "inf is not on the scale: 0 to 10 in steps"),
        ("00.jpg,ada,overall_gestalt,good,,,,", "overall_gestalt: score", "'good' is not a number; accepted: 0 to 10"),
        ("00.jpg,ada,overall_gestalt,Inf,,,,", "overall_gestalt: score", "'Inf' is not a number; accepted: 0 to 10"),
        ("00.jpg,ada,overall_gestalt,1_0,,,,", "overall_gestalt: score", "'1_0' is not a number; accepted: 0 to 10"),
        ("00.jpg,ada,beauty,7,,,,", "beauty: score", "the attribute is unknown; accepted: composition_design"),
        ("99.jpg,ada,overall_gestalt,7,,,,", "image", "the campaign has no image '99.jpg'"),
        ("00.jpg,ada,overall_gestalt,7,,selfie,,", "subcategory", "'selfie' is unknown; accepted: daily_photo"),
        ("00.jpg,ada,overall_gestalt,7,,,sober,", "arm", "'sober' is unknown; accepted: blind, reveal, assisted"),
        ("00.jpg,ada,overall_gestalt,7,,,,soon", "seconds", "'soon' is not a number; accepted: seconds"),
        ("00.jpg,ada,overall_gestalt,,,,,", "answer", "holds neither a score nor a critique"),
        ("00.jpg,ada,overall_gestalt", "row", "8 fields are accepted, as in the header, not 3"),
    ],
)
def test_what_is_wrong_is_named_with_file_row_and_field_and_the_rest_is_kept(
    target_campaign, tmp_path, row, field, reason
):
    head, good = LONG.splitlines()[0], "05.jpg,ben,overall_gestalt,7,,,,"
    report = import_ratings(target_campaign, put(tmp_path, "old.csv", f"{head}\n{good}\n{row}\n"), by=None)
    [problem] = report.refused
    assert (problem.place, problem.field) == ("old.csv, row 3", field)
    assert problem.reason.startswith(reason)
    assert report.annotations == Annotation.objects.count() == 1


def test_a_mapping_translates_what_a_file_calls_otherwise(target_campaign, tmp_path):
    path = put(tmp_path, "old.csv", "image,judge,attribute,score,subcategory\nA,7,Harmony,8,Selfie\n")
    mapping = {
        "columns": {"image": "image", "judge": "rater"},
        "attributes": {"Harmony": "composition_design"},
        "subcategories": {"Selfie": "portrait"},
        "images": {"A": "03.jpg"},
        "arm": "assisted",
    }
    report = import_ratings(target_campaign, path, by=None, mapping=mapping)
    assert report.refused == []
    annotation = Annotation.objects.get()
    assert (annotation.image.original_name, annotation.declared_arm) == ("03.jpg", "assisted")


def renamed_export(tmp_path):
    """Be the real export, its images under another key, beside a key of its own that looks like one."""
    content = json.loads(LABEL_STUDIO.read_text(encoding="utf-8"))
    for item in content:
        item["data"] = {"photo": item["data"]["image"], "sha": item["data"]["sha"]}
    return put(tmp_path, "export.json", content)


def test_a_mapping_names_the_key_of_images_in_an_export_of_label_studio(target_campaign, tmp_path):
    path = renamed_export(tmp_path)
    problems = import_ratings(target_campaign, path, by=None).refused
    assert "the campaign has no image '11-0'" in problems[0].reason
    report = import_ratings(target_campaign, path, by=None, mapping={"columns": {"photo": "image"}})
    assert (report.annotations, places(report)) == (17, [(places(report)[0][0], "was_cancelled")])


@pytest.mark.parametrize(
    ("images", "name"),
    [
        ({"/data/local-files/?d=images/00.jpg": "07.jpg"}, "07.jpg"),
        ({"00.jpg": "06.jpg"}, "06.jpg"),
        ({"00.jpg": "06.jpg", "/data/local-files/?d=images/00.jpg": "07.jpg"}, "07.jpg"),
    ],
)
def test_a_mapping_takes_the_whole_value_of_an_image_before_its_last_part(target_campaign, images, name):
    import_ratings(target_campaign, LABEL_STUDIO, by=None, mapping={"images": images})
    assert Annotation.objects.order_by("pk").first().image.original_name == name


@pytest.mark.parametrize(
    ("mapping", "reason"),
    [
        ({"rater": {}}, "'rater' is unknown"),
        ({"arm": "sober"}, "arm: 'sober'"),
        ({"images": 3}, "images: an object"),
        ([1], "an object"),
    ],
)
def test_a_wrong_mapping_is_refused(target_campaign, tmp_path, mapping, reason):
    with pytest.raises(RatingsRefused, match=reason):
        import_ratings(target_campaign, put(tmp_path, "old.csv", LONG), by=None, mapping=mapping)


def test_a_workbook_as_mapping_is_named_with_what_is_accepted(target_campaign, tmp_path):
    book = tmp_path / "mapping.xlsx"
    with zipfile.ZipFile(book, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    path = put(tmp_path, "old.csv", LONG)
    with pytest.raises(
        CommandError, match=r"^mapping\.xlsx: is an Excel workbook; a mapping in JSON or YAML is accepted$"
    ):
        call_command("import_ratings", str(path), campaign="portraits", mapping=book)
    assert not Annotation.objects.exists()


def test_bare_scores_of_artimuse_become_reference_scores_never_answers(target_campaign, tmp_path):
    scores = [{"image": "image00.jpg", "gt_score": 4.08}, {"image": "01.jpg", "gt_score": "4"}, {"gt_score": 1}]
    path = put(tmp_path, "test_scores.json", scores)
    report = import_ratings(target_campaign, path, by=None)
    assert (report.format, report.reference_scores, report.annotations) == ("artimuse", 1, 0)
    assert places(report) == [("test_scores.json, item 2", "gt_score"), ("test_scores.json, item 3", "image")]
    reference = ReferenceScore.objects.get()
    assert (reference.image.original_name, reference.score, reference.source) == ("00.jpg", 4.08, "test_scores.json")
    assert not Annotation.objects.exists()
    assert import_ratings(target_campaign, path, by=None).known == 1


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ("Inf", "'Inf' is not a number; accepted: 0 to 100"),
        ("inf", "'inf' is not a number; accepted: 0 to 100"),
        ("1_0", "'1_0' is not a number; accepted: 0 to 100"),
        ("1e400", "1e400 is not on the scale; accepted: 0 to 100"),
        ("1e308", "1e308 is not on the scale; accepted: 0 to 100"),
        ("-1", "-1 is not on the scale; accepted: 0 to 100"),
    ],
)
def test_a_reference_score_off_every_scale_is_refused_and_the_rest_is_kept(target_campaign, tmp_path, given, reason):
    report = import_ratings(
        target_campaign, put(tmp_path, "s.csv", f"image,gt_score\n00.jpg,{given}\n01.jpg,.5\n"), by=None
    )
    assert [(it.place, it.field, it.reason) for it in report.refused] == [("s.csv, row 2", "gt_score", reason)]
    assert report.reference_scores == 1


@pytest.mark.parametrize("given", ["NaN", "Infinity", "-Infinity", "1e400", "1" + "0" * 399, "true", "null", "[1]"])
def test_so_it_is_in_a_file_of_artimuse(target_campaign, tmp_path, given):
    content = f'[{{"image": "00.jpg", "gt_score": {given}}}, {{"image": "01.jpg", "gt_score": 9.5}}]'
    report = import_ratings(target_campaign, put(tmp_path, "s.json", content), by=None)
    assert places(report) == [("s.json, item 1", "gt_score")]
    assert "accepted: 0 to 100" in report.refused[0].reason
    assert report.reference_scores == 1


def task(*results, image="00.jpg", **annotation):
    score = {"from_name": "overall_gestalt", "type": "number", "value": {"number": 7}}
    annotations = [{"id": 1, "completed_by": 2, "result": [score, *results]} | annotation]
    return {"id": 5, "data": {"image": image}, "annotations": annotations}


def said(name, kind, value):
    return {"from_name": name, "type": kind, "value": value}


@pytest.mark.parametrize(
    ("bad", "field", "reason"),
    [
        (task(result=5), "result", "a list is accepted"),
        (task(said("kind", "choices", {"choices": 5})), "kind: choices", "a list of texts is accepted"),
        (task(said("kind", "choices", {"choices": [5]})), "kind: choices", "a list of texts is accepted"),
        (
            task(said("overall_gestalt_critique", "textarea", {"text": [1, 2]})),
            "overall_gestalt_critique: text",
            "a list of texts is accepted",
        ),
        (task(said("visual_elements", "number", {"number": int("1" * 400)})), "visual_elements: score", "'1111111"),
        (task(lead_time=int("1" * 400)), "seconds", "'11111111"),
        (task(completed_by="\ud800"), "rater", "a name of at most 200 characters is accepted"),
    ],
)
def test_a_result_of_label_studio_of_another_shape_is_refused_with_its_place(
    target_campaign, tmp_path, bad, field, reason
):
    path = put(tmp_path, "export.json", json.dumps([bad, task(image="01.jpg")]))
    report = import_ratings(target_campaign, path, by=None)
    assert ("export.json, task 5, annotation 1", field) in places(report)
    assert report.refused[0].reason.startswith(reason)
    assert report.annotations == 1


def asked(image, attribute, said, words="aspect of"):
    human = f"<image>\nPlease evaluate the aesthetic quality of this image from the {words} {attribute}."
    return json.dumps(
        {"image": image, "conversations": [{"from": "human", "value": human}, {"from": "gpt", "value": said}]}
    )


def test_texts_of_artimuse_become_critiques_of_an_unknown_rater(target_campaign, tmp_path):
    lines = [
        asked("image00.jpg", "Composition & Structure", "Calm."),
        asked("image00.jpg", "Overall Evaluation", "Good.", "attribute of"),
        asked("00.jpg", "Beauty", "No."),
        '{"image": "00.jpg"}',
    ]
    report = import_ratings(target_campaign, put(tmp_path, "texts.jsonl", "\n".join(lines)), by=None)
    assert (report.annotations, report.partial) == (1, 1)
    assert places(report) == [("texts.jsonl, line 4", "conversations"), ("texts.jsonl, line 3", "Beauty: critique")]
    judgements = Judgement.objects.order_by("pk").values_list("attribute", "steps", "critique")
    assert list(judgements) == [("composition_design", None, "Calm."), ("comprehensive_evaluation", None, "Good.")]
    assert Annotation.objects.get().declared_arm == ""


def test_a_name_of_two_images_is_refused(target_campaign, tmp_path):
    Image.objects.filter(original_name="01.jpg").update(original_name="00.jpg")
    report = import_ratings(target_campaign, put(tmp_path, "s.json", [{"image": "00.jpg", "gt_score": 4}]), by=None)
    assert "is the name of 2 images" in report.refused[0].reason


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.json", "{", "a.json: is not JSON"),
        ("a.json", '{"image": 1}', "a.json: a list of objects"),
        ("a.jsonl", "{}\n{", "a.jsonl, line 2: is not JSON"),
        ("a.csv", "image,what\n", r"a.csv, row 1: column 'what' is unknown; accepted: image, rater"),
        ("a.csv", "rater\n", r"a.csv, row 1: image, and attribute or gt_score, are needed"),
        ("a.csv", "", r"a.csv, row 1: image"),
        (
            "a.txt",
            "<annotations/>",
            "is XML or HTML, which is not read here; connoisseur, long-csv, label-studio, artimuse",
        ),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_as_a_whole(target_campaign, tmp_path, name, content, reason):
    with pytest.raises(RatingsRefused, match=reason):
        import_ratings(target_campaign, put(tmp_path, name, content), by=None)
    assert not Annotation.objects.exists()


def test_the_command_prints_what_the_docs_describe(target_campaign, tmp_path):
    out, errors = StringIO(), StringIO()
    call_command("import_ratings", str(LABEL_STUDIO), campaign="portraits", json=True, stdout=out, stderr=errors)
    output = json.loads(out.getvalue())
    assert (output["campaign"], output["annotations"], len(output["refused"])) == ("portraits", 17, 1)
    assert ": was_cancelled: the rater skipped this image" in errors.getvalue()
    docs = (ROOT / "docs" / "import.md").read_text(encoding="utf-8").split("## Answers from elsewhere")[1]
    assert [key for key in output if f"`{key}`" not in docs] == []
    path = put(tmp_path, "s.json", [{"image": "nowhere.jpg", "gt_score": 4}])
    with pytest.raises(CommandError, match="nothing could be imported"):
        call_command("import_ratings", str(path), campaign="portraits", stdout=StringIO(), stderr=StringIO())
    for name, content in (("empty.json", []), ("header.csv", LONG.splitlines()[0])):
        with pytest.raises(CommandError, match=rf"{name}: holds nothing to import, neither answers nor scores"):
            call_command("import_ratings", str(put(tmp_path, name, content)), campaign="portraits", stdout=StringIO())
    with pytest.raises(CommandError, match="is not there"):
        call_command("import_ratings", str(tmp_path / "none.csv"), campaign="portraits")
