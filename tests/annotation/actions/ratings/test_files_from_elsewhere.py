"""Names of images, persons who stand twice, and values that one database would take and another refuse."""

import json
from pathlib import Path

import pytest
from django.core.management import call_command

from annotation.actions.images.add_to_campaign import add_images
from annotation.actions.ratings.import_ratings import import_ratings
from annotation.actions.releases.publish_release import publish_release
from annotation.errors import RatingsRefused
from annotation.models import Annotation, Image, ReferenceScore
from tests.harness.factories import judge, make_campaign

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

SCORED = [{"from_name": "overall_gestalt", "type": "number", "value": {"number": 7.5}}]


@pytest.fixture
def campaign(alice):
    return make_campaign(people=(alice,), images=2)


def name(campaign, *names):
    for image, given in zip(campaign.images.order_by("pk"), names, strict=False):
        Image.objects.filter(pk=image.pk).update(original_name=given)


def export(tmp_path, *annotations, image="heron.jpg"):
    path = tmp_path / "export.json"
    path.write_text(json.dumps([{"id": 1, "data": {"image": image}, "annotations": list(annotations)}]), "utf-8")
    return path


def table(tmp_path, text, file="old.csv"):
    path = tmp_path / file
    path.write_text(text, "utf-8")
    return path


NAMES = [
    ("heron.jpg", "/data/upload/3/6f1c2b9a-heron.jpg"),
    ("my photo.jpg", "https://files.example.org/set/my%20photo.jpg"),
    ("my photo.jpg", "my+photo.jpg"),
    ("my photo (1).jpg", "/data/upload/3/6f1c2b9a-my_photo_1.jpg"),
    ("my photo.jpg", "https://files.example.org/set/my%2520photo.jpg"),
    ("山水.jpg", "/data/local-files/?d=set/%E5%B1%B1%E6%B0%B4.jpg"),
    ("100%25.jpg", "100%25.jpg"),
    ("caf\u00e9.jpg", "cafe\u0301.jpg"),
    ("cafe\u0301.jpg", "caf\u00e9.jpg"),
    ("Heron.JPG", "heron.jpg"),
    ("6f1c2b9a-heron.jpg", "heron.jpg"),
    ("17_714.jpg", "image17_714"),
]


@pytest.mark.parametrize(("here", "there"), NAMES)
def test_an_image_is_found_by_the_name_that_another_program_has_for_it(campaign, tmp_path, here, there):
    name(campaign, here, "other.jpg")
    report = import_ratings(
        campaign, export(tmp_path, {"id": 11, "completed_by": 5, "result": SCORED}, image=there), by=None
    )
    assert (report.annotations, report.refused) == (1, [])
    assert Annotation.objects.get().image.original_name == here


def test_the_address_of_an_image_in_a_table_is_read_without_what_signs_it(campaign, tmp_path):
    name(campaign, "my photo.jpg", "other.jpg")
    address = "https://files.example.org/set/my%20photo.jpg?X-Amz-Signature=ab/cd=&x=1"
    report = import_ratings(campaign, table(tmp_path, f"image,gt_score\n{address},4\n"), by=None)
    assert (report.reference_scores, report.refused) == (1, [])


def test_the_very_name_goes_before_one_that_is_only_like_it(campaign, tmp_path):
    name(campaign, "6f1c2b9a-heron.jpg", "heron.jpg")
    import_ratings(campaign, export(tmp_path, {"id": 11, "completed_by": 5, "result": SCORED}), by=None)
    assert Annotation.objects.get().image.original_name == "heron.jpg"


def test_a_name_that_is_like_two_is_refused(campaign, tmp_path):
    name(campaign, "6f1c2b9a-heron.jpg", "7f1c2b9a-heron.jpg")
    report = import_ratings(campaign, export(tmp_path, {"id": 11, "completed_by": 5, "result": SCORED}), by=None)
    assert [problem.reason for problem in report.refused] == [
        "'heron.jpg' is the name of 2 images of the campaign; its SHA-256 is accepted"
    ]


def test_a_person_who_stands_twice_in_a_file_is_told_so(campaign, tmp_path):
    name(campaign, "heron.jpg")
    other = [SCORED[0] | {"value": {"number": 4}}]
    people = [{"id": 11, "completed_by": 5, "result": SCORED}, {"id": 12, "completed_by": 5, "result": other}]
    report = import_ratings(campaign, export(tmp_path, *people, people[0] | {"id": 13}), by=None)
    assert (report.annotations, report.known) == (1, 0)
    assert [(problem.place, problem.reason) for problem in report.refused] == [
        (
            "export.json, task 1, annotation 12",
            "stands twice in this file with different content, "
            "first at export.json, task 1, annotation 11, which is the one that counts",
        )
    ]


def test_an_image_whose_reference_score_stands_twice_is_told_so(campaign, tmp_path):
    name(campaign, "a4.jpg")
    path = table(tmp_path, "image,gt_score\na4.jpg,4.1\na4.jpg,5.2\na4.jpg,4.1\n")
    report = import_ratings(campaign, path, by=None)
    assert ReferenceScore.objects.get().score == 4.1
    assert (report.reference_scores, report.known) == (1, 0)
    assert [(problem.place, problem.field) for problem in report.refused] == [("old.csv, row 3", "gt_score")]
    assert "stands twice in this file" in report.refused[0].reason


HALF = "\ud800"
HOSTILE = [
    {"completed_by": "a\x00b"},
    {"completed_by": HALF},
    {"completed_by": "x" * 201},
    {"result": [{"from_name": "overall_gestalt_critique", "type": "textarea", "value": {"text": ["a\x00b"]}}]},
    {"result": [{"from_name": "overall_gestalt_critique", "type": "textarea", "value": {"text": [f"a{HALF}"]}}]},
    {"result": [{"from_name": f"harmony{HALF}", "type": "number", "value": {"number": 7}}]},
    {"result": [{"from_name": "overall_gestalt", "type": "number", "value": {"number": 1e308}}]},
    {"result": [{"from_name": "overall_gestalt", "type": "number", "value": {"number": float("inf")}}]},
    {"result": [{"from_name": "overall_gestalt", "type": "number", "value": {"number": 10**300}}]},
    {"result": [{"from_name": "subcategory", "type": "choices", "value": {"choices": [f"x{HALF}\x00"]}}]},
    {"result": [{"from_name": "subcategory", "type": "choices", "value": {"choices": ["x" * 500]}}]},
]


@pytest.mark.parametrize("hostile", HOSTILE)
def test_what_one_database_would_refuse_is_refused_on_both_and_the_rest_is_kept(campaign, tmp_path, hostile, capsys):
    name(campaign, "heron.jpg")
    good = {"id": 11, "completed_by": 5, "result": SCORED}
    bad = {"id": f"12{HALF}", "completed_by": 6, "result": SCORED} | hostile
    report = import_ratings(campaign, export(tmp_path, bad, good), by=None)
    assert (report.annotations, len(report.refused)) == (1, 1)
    assert "annotation 12" in report.refused[0].place
    call_command("import_ratings", str(tmp_path / "export.json"), campaign=campaign.slug, json=True)
    assert json.loads(capsys.readouterr().out)["known"] == 1


def test_a_long_language_refuses_that_answer_alone(campaign, tmp_path):
    name(campaign, "heron.jpg")
    head = "image,rater,attribute,score,critique,language\n"
    rows = "heron.jpg,r40,overall_gestalt,7,Firm,en\nheron.jpg,r41,overall_gestalt,7,构图,Simplified Chinese\n"
    report = import_ratings(campaign, table(tmp_path, head + rows), by=None)
    assert report.annotations == 1
    assert [(problem.place, problem.field) for problem in report.refused] == [
        ("old.csv, row 3", "overall_gestalt: language")
    ]


def test_scores_that_may_be_stars_bring_a_remark(campaign, tmp_path):
    name(campaign, "heron.jpg")
    head = "image,rater,attribute,score\n"
    rows = "heron.jpg,r,overall_gestalt,4\nheron.jpg,r,visual_elements,5\n"
    report = import_ratings(campaign, table(tmp_path, head + rows), by=None)
    assert report.remarks == [
        "all 2 scores are whole numbers up to 5, stored as points of 0 to 10; "
        "if the file's scale is another one, name it in the mapping"
    ]
    fresh = make_campaign("fresh", images=0)
    add_images(fresh, campaign.images.all(), by=None)
    assert import_ratings(fresh, table(tmp_path, head + rows), by=None, mapping={"scale": [1, 5]}).annotations == 1
    judged = Annotation.objects.get(campaign=fresh).revisions.get().judgements
    assert dict(judged.values_list("attribute", "steps")) == {"overall_gestalt": 15, "visual_elements": 20}


def test_a_release_whose_files_were_changed_is_refused_before_anything_is_read(campaign, alice, tmp_path):
    source = make_campaign("source", people=(alice,), images=1, annotations_per_image=1)
    judge(source, alice, 7)
    folder = Path(publish_release(source, "1.0.0", out=tmp_path, by=None).folder)
    (folder / ".DS_Store").write_bytes(b"x")
    (folder / "README.md").write_text("Another card.")
    (folder / "LICENSES.csv").unlink()
    with pytest.raises(RatingsRefused) as refused:
        import_ratings(campaign, folder, by=None)
    assert str(refused.value) == (
        f"{folder}: is not the release as it was made: LICENSES.csv: is missing "
        "(and 1 more, which `verify_release` lists)"
    )
    assert not campaign.annotations.exists()
