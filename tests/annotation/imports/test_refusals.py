"""What the readers of foreign files refuse, word for word: place, field and what is accepted."""

import json

import pytest
import yaml

from annotation.errors import RatingsRefused
from annotation.imports import artimuse, connoisseur, label_studio, long_csv
from annotation.imports.records import ForeignAnnotation, Problem
from annotation.imports.release_records import consensus_of, prefill_of
from annotation.imports.vocabulary import Version, Vocabulary, check_mapping
from annotation.rubric.schema import parse
from tests.harness.factories import RUBRIC_FILE

RUBRIC = parse(yaml.safe_load(RUBRIC_FILE.read_text(encoding="utf-8")))
WORDS = Vocabulary(RUBRIC, {}, [Version("artimuse 1", "ab", RUBRIC)])
ATTRIBUTES, SUBCATEGORIES = ", ".join(RUBRIC.by_key), ", ".join(RUBRIC.subcategories)
STEPS = "0 to 10 in steps of 0.5"
ARMS = "blind, reveal, assisted"
ORIGINS = "own, accepted, bulk, edited"
UNKNOWN_ATTRIBUTE = f"the attribute is unknown; accepted: {ATTRIBUTES}"
UNKNOWN_VERSION = "'artimuse 9' is not known here; accepted: artimuse 1, or one with the same content as one of these"
TWICE = "stands twice with different values"
A_CODE = "a code of at most 10 characters is accepted, such as en or zh-hans"
A_CRITIQUE = "a text of at most 10000 characters is accepted"


def problems_of(items):
    return [(item.field, item.reason) for item in items if isinstance(item, Problem)]


def file_of(tmp_path, name, content):
    path = tmp_path / name
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


HEADER = "image,rater,attribute,score,critique,language,subcategory,arm,seconds"
GOOD = "1.jpg,ada,overall_gestalt,7,,,,,"
LONG_CSV = [
    ("1.jpg,ada,visual_elements,7.3,,,,,", "visual_elements: score", f"7.3 is not on the scale: {STEPS}"),
    ("1.jpg,ada,visual_elements,1e400,,,,,", "visual_elements: score", f"inf is not on the scale: {STEPS}"),
    ("1.jpg,ada,visual_elements,good,,,,,", "visual_elements: score", f"'good' is not a number; accepted: {STEPS}"),
    ("1.jpg,ada,visual_elements,Inf,,,,,", "visual_elements: score", f"'Inf' is not a number; accepted: {STEPS}"),
    ("1.jpg,ada,visual_elements,1_0,,,,,", "visual_elements: score", f"'1_0' is not a number; accepted: {STEPS}"),
    ("1.jpg,ada,overall_gestalt,8,,,,,", "overall_gestalt: score", TWICE),
    ("1.jpg,ada,beauty,7,,,,,", "beauty: score", UNKNOWN_ATTRIBUTE),
    ("1.jpg,ada,beauty,,Fine.,,,,", "beauty: critique", UNKNOWN_ATTRIBUTE),
    (f"1.jpg,ada,visual_elements,,{'x' * 10_001},,,,", "visual_elements: critique", A_CRITIQUE),
    ("1.jpg,ada,visual_elements,,a\x00b,,,,", "visual_elements: critique", A_CRITIQUE),
    ("1.jpg,ada,visual_elements,7,,,selfie,,", "subcategory", f"'selfie' is unknown; accepted: {SUBCATEGORIES}"),
    ("1.jpg,ada,visual_elements,7,,,,sober,", "arm", f"'sober' is unknown; accepted: {ARMS}"),
    ("1.jpg,ada,visual_elements,7,,,,,soon", "seconds", "'soon' is not a number; accepted: seconds"),
    ("1.jpg,ben,visual_elements,,,,,,", "answer", "holds neither a score nor a critique"),
    (f"1.jpg,{'b' * 201},visual_elements,7,,,,,", "rater", "a name of at most 200 characters is accepted"),
    ("1.jpg,ada,visual_elements", "row", "9 fields are accepted, as in the header, not 3"),
]


@pytest.mark.parametrize(("row", "field", "reason"), LONG_CSV)
def test_a_row_of_a_long_csv_is_refused_with_place_and_field(tmp_path, row, field, reason):
    items = list(long_csv.read(file_of(tmp_path, "old.csv", f"{HEADER}\n{GOOD}\n{row}\n"), WORDS))
    assert [item for item in items if isinstance(item, Problem)] == [Problem("old.csv, row 3", field, reason)]


def test_one_answer_tells_all_that_is_wrong_with_it(tmp_path):
    rows = "1.jpg,ada,overall_gestalt,9.9,,,selfie,sober,\n1.jpg,ada,overall_gestalt,,Fine.,,portrait,,\n"
    path = file_of(tmp_path, "old.csv", f"{HEADER}\n{rows}1.jpg,ada,overall_gestalt,,Bad.,,aigc,,\n")
    assert [(item.place, item.field, item.reason) for item in long_csv.read(path, WORDS)] == [
        ("old.csv, row 2", "overall_gestalt: score", f"9.9 is not on the scale: {STEPS}"),
        ("old.csv, row 2", "subcategory", f"'selfie' is unknown; accepted: {SUBCATEGORIES}"),
        ("old.csv, row 2", "arm", f"'sober' is unknown; accepted: {ARMS}"),
        ("old.csv, row 4", "overall_gestalt: critique", "stands twice with different texts"),
        ("old.csv, row 4", "subcategory", TWICE),
    ]


COLUMNS = "image, rater, attribute, score, critique, language, subcategory, arm, seconds, gt_score"
MAPPED = "or what a mapping names; one that it maps to null is left out"
HEADERS = [
    ("image,what", f"column 'what' is unknown; accepted: {COLUMNS}, {MAPPED}"),
    ("image,image,gt_score", f"a column stands twice; accepted: {COLUMNS}, {MAPPED}"),
    ("rater", "image, and attribute or gt_score, are needed"),
    ("image,score", "image, and attribute or gt_score, are needed"),
    ("", "image, and attribute or gt_score, are needed"),
]


@pytest.mark.parametrize(("header", "reason"), HEADERS)
def test_a_header_that_is_not_understood_refuses_the_file(tmp_path, header, reason):
    with pytest.raises(RatingsRefused) as refused:
        list(long_csv.read(file_of(tmp_path, "old.csv", f"{header}\n" if header else ""), WORDS))
    assert str(refused.value) == f"old.csv, row 1: {reason}"


NO_NUMBER = "is not a number; accepted: 0 to 100"
REFERENCES = [
    ({"gt_score": 4}, "image", "the name of an image is accepted"),
    ({"image": "", "gt_score": 4}, "image", "the name of an image is accepted"),
    ({"image": 5, "gt_score": 4}, "image", "the name of an image is accepted"),
    ({"image": "1.jpg"}, "gt_score", f"'None' {NO_NUMBER}"),
    ({"image": "1.jpg", "gt_score": "4"}, "gt_score", "a number is accepted, not the text '4'"),
    ({"image": "1.jpg", "gt_score": "4" * 50}, "gt_score", f"a number is accepted, not the text '{'4' * 40}…'"),
    ({"image": "1.jpg", "gt_score": True}, "gt_score", f"'True' {NO_NUMBER}"),
    ({"image": "1.jpg", "gt_score": [1]}, "gt_score", f"'[1]' {NO_NUMBER}"),
    ({"image": "1.jpg", "gt_score": 10**400}, "gt_score", f"'1{'0' * 39}…' {NO_NUMBER}"),
    ({"image": "1.jpg", "gt_score": -1}, "gt_score", "-1 is not on the scale; accepted: 0 to 100"),
    ({"image": "1.jpg", "gt_score": float("nan")}, "gt_score", "nan is not on the scale; accepted: 0 to 100"),
]


@pytest.mark.parametrize(("item", "field", "reason"), REFERENCES)
def test_a_reference_score_is_refused_with_place_and_field(tmp_path, item, field, reason):
    items = list(artimuse.read(file_of(tmp_path, "scores.json", [item]), WORDS))
    assert items == [Problem("scores.json, item 1", field, reason)]


A_CONVERSATION = "a question on an attribute and its answer are accepted"


@pytest.mark.parametrize(
    "conversations",
    [None, [], [{"value": "the aspect of Harmony."}], [{"value": "Hello."}, {"value": "Fine."}], [1, 2],
     [{"value": "the aspect of Harmony."}, {"value": 5}]],
)  # fmt: skip
def test_a_conversation_of_another_shape_is_refused_with_its_line(tmp_path, conversations):
    line = json.dumps({"image": "1.jpg", "conversations": conversations})
    items = list(artimuse.read(file_of(tmp_path, "texts.jsonl", f"{line}\n[]\n"), WORDS))
    assert items == [Problem(f"texts.jsonl, line {number}", "conversations", A_CONVERSATION) for number in (1, 2)]


def result(name="overall_gestalt", kind="number", **value):
    return {"from_name": name, "type": kind, "value": value}


SCORED = result(number=7)
LABEL_STUDIO = [
    ({"was_cancelled": True}, [("was_cancelled", "the rater skipped this image")]),
    ({"result": 5}, [("result", "a list is accepted")]),
    ({"result": [SCORED, 5]}, [("result", "an object with from_name, type and value is accepted")]),
    ({"result": [{"type": "number"}]}, [("result", "an object with from_name, type and value is accepted")]),
    ({"result": [SCORED], "completed_by": "x" * 201}, [("rater", "a name of at most 200 characters is accepted")]),
    ({"result": [SCORED], "lead_time": "long"}, [("seconds", "'long' is not a number; accepted: seconds")]),
    ({"result": [result(number=7.3)]}, [("overall_gestalt: score", f"7.3 is not on the scale: {STEPS}")]),
    ({"result": [result(number=None)]}, [("overall_gestalt: score", f"'None' is not a number; accepted: {STEPS}")]),
    ({"result": [result("beauty", number=7)]}, [("beauty: score", UNKNOWN_ATTRIBUTE)]),
    ({"result": [result("beauty_critique", "textarea", text=["Yes."])]}, [("beauty: critique", UNKNOWN_ATTRIBUTE)]),
    (
        {"result": [SCORED, result("note", "textarea", text=5)]},
        [("note: text", "a list of texts is accepted")],
    ),
    ({"result": [SCORED, result("kind", "choices", choices=[5])]}, [("kind: choices", "a list of texts is accepted")]),
    (
        {"result": [SCORED, result("kind", "choices", choices=["selfie"])]},
        [("subcategory", f"'selfie' is unknown; accepted: {SUBCATEGORIES}")],
    ),
    (
        {"result": [SCORED, result("area", "polygonlabels")]},
        [("area", "a result of type 'polygonlabels' is not understood; number, rating, textarea, choices are")],
    ),
    ({"result": []}, [("answer", "holds neither a score nor a critique")]),
]


@pytest.mark.parametrize(("annotation", "problems"), LABEL_STUDIO)
def test_an_annotation_of_label_studio_is_refused_with_place_and_field(tmp_path, annotation, problems):
    task = {"id": 5, "data": {"image": "1.jpg"}, "annotations": [{"id": 1, "completed_by": 2} | annotation]}
    items = list(label_studio.read(file_of(tmp_path, "export.json", [task]), WORDS))
    refused = [item for item in items if isinstance(item, Problem)]
    assert refused == [Problem("export.json, task 5, annotation 1", *problem) for problem in problems]


TASKS = [
    ({"annotations": []}, "task", "`data` as an object and `annotations` as a list are accepted"),
    ({"data": {}, "annotations": 5}, "task", "`data` as an object and `annotations` as a list are accepted"),
    ({"data": {}, "annotations": [5]}, "annotations", "objects are accepted"),
]


@pytest.mark.parametrize(("task", "field", "reason"), TASKS)
def test_a_task_of_label_studio_is_refused_with_place_and_field(tmp_path, task, field, reason):
    items = list(label_studio.read(file_of(tmp_path, "export.json", [task]), WORDS))
    assert items == [Problem("export.json, task 1", field, reason)]


ANNOTATION = {
    "rater": "R1", "kind": "first", "week": "2026-W01", "repeat": False, "surplus": False, "exposed": False,
    "simulated": False, "superseded": False, "campaign": None, "rubric_version": "artimuse 1", "shown_model": None,
    "subcategory": None, "arm": None, "seconds": None, "seconds_to_first_score": None, "judgements": {},
}  # fmt: skip
JUDGED = {"score": 7.0, "critique": "Fine.", "language": "en", "score_origin": "own", "critique_origin": "own"}


def judged(key="overall_gestalt", **change):
    return {"judgements": {"overall_gestalt": JUDGED, key: JUDGED | change}}


A_TEXT, TRUTH, AN_OBJECT = "a text is accepted", "true or false is accepted", "an object is accepted"
LACKING = [
    ({"rater": None}, "rater", A_TEXT),
    ({"kind": None}, "kind", A_TEXT),
    ({"week": None}, "week", A_TEXT),
    # One of our databases would take these, the other would not.
    ({"week": "2026-W001"}, "week", "a week is accepted, such as 2026-W05"),
    ({"campaign": "x" * 201}, "campaign", "a name of at most 200 characters is accepted"),
    ({"campaign": "a\x00b"}, "campaign", "a name of at most 200 characters is accepted"),
    ({"shown_model": "x" * 201}, "shown_model", "a name of at most 200 characters is accepted"),
    ({"shown_model": "a\x00b"}, "shown_model", "a name of at most 200 characters is accepted"),
    ({"repeat": None}, "repeat", TRUTH),
    ({"surplus": None}, "surplus", TRUTH),
    ({"exposed": None}, "exposed", TRUTH),
    ({"simulated": None}, "simulated", TRUTH),
    ({"judgements": None}, "judgements", AN_OBJECT),
]
RELEASED = [
    ({"rubric_version": "artimuse 9"}, [("rubric_version", UNKNOWN_VERSION)]),
    ({"judgements": {}}, [("answer", "holds neither a score nor a critique")]),
    ({"rater": "x" * 201} | judged(), [("rater", "a name of at most 200 characters is accepted")]),
    ({"arm": "sober"} | judged(), [("arm", f"'sober' is unknown; accepted: {ARMS}")]),
    ({"subcategory": "selfie"} | judged(), [("subcategory", f"'selfie' is unknown; accepted: {SUBCATEGORIES}")]),
    (judged(score=7.3), [("overall_gestalt: score", f"7.3 is not on the scale: {STEPS}")]),
    (judged("beauty"), [("beauty: score", UNKNOWN_ATTRIBUTE)]),
    (judged(critique="x" * 10_001), [("overall_gestalt: critique", A_CRITIQUE)]),
    (judged(score_origin="stolen"), [("overall_gestalt: score_origin", f"'stolen' is unknown; accepted: {ORIGINS}")]),
    (judged(critique_origin="x"), [("overall_gestalt: critique_origin", f"'x' is unknown; accepted: {ORIGINS}")]),
    (judged(edit_distance=-1), [("overall_gestalt: edit_distance", "-1 is no number of characters")]),
    (judged(pasted=2**31), [("overall_gestalt: pasted", f"{2**31} is no number of characters")]),
    (judged(edit_distance=2**31), [("overall_gestalt: edit_distance", f"{2**31} is no number of characters")]),
    (judged(language="Simplified Chinese"), [("overall_gestalt: language", A_CODE)]),
    (judged(language="en\x00"), [("overall_gestalt: language", A_CODE)]),
    (judged(pasted="3"), [("overall_gestalt: pasted", "'3' is no number of characters")]),
    (judged(pins=[{"x": 0.5, "y": 2.0}]), [("overall_gestalt: pins", "pin 1: y: 0 to 1 is accepted")]),
    (judged(pins=[{"x": 0.5, "y": None}]), [("overall_gestalt: pins", "pin 1: y: 0 to 1 is accepted")]),
]


def release_of(**rows):
    release = connoisseur._Release("artimuse 1", {}, WORDS)
    return list(release.image({"sha256": "ab", "annotations": [], "consensus": None, "prefills": []} | rows, "row 1"))


@pytest.mark.parametrize(("change", "field", "reason"), LACKING)
def test_what_an_answer_of_a_release_lacks_is_named(change, field, reason):
    assert release_of(annotations=[ANNOTATION | change]) == [Problem("row 1, annotations 1", field, reason)]


@pytest.mark.parametrize(("change", "problems"), RELEASED)
def test_an_answer_of_a_release_is_refused_with_place_and_field(change, problems):
    annotation = ANNOTATION | change
    items = release_of(annotations=[annotation])
    assert items == [Problem(f"row 1, first answer of {annotation['rater']}", *problem) for problem in problems]


def test_a_good_answer_of_a_release_is_read():
    [item] = release_of(annotations=[ANNOTATION | judged(pasted=3, pins=[{"x": 0.5, "y": 0.5, "width": None}])])
    assert isinstance(item, ForeignAnnotation)
    assert (item.steps, item.critiques, item.languages) == (
        {"overall_gestalt": 14},
        {"overall_gestalt": "Fine."},
        {"overall_gestalt": "en"},
    )
    assert item.pins == {"overall_gestalt": [{"x": 0.5, "y": 0.5}]}
    origins = {"score_origin": "own", "critique_origin": "own", "edit_distance": None, "pasted": 3}
    assert item.origins == {"overall_gestalt": origins}


LISTS = [({"annotations": None}, "annotations"), ({"prefills": 5}, "prefills")]


@pytest.mark.parametrize(("rows", "field"), LISTS)
def test_a_row_of_a_release_without_a_list_is_refused(rows, field):
    assert release_of(**rows) == [Problem("row 1", field, "a list is accepted")]


CONSENSUS = {"rule": "spread", "cause": "taste", "reason": "Both.", "subcategory": "", "scores": {}}
CONSENSUSES = [
    ({"rule": "whim"}, "rule", "'whim' is unknown; accepted: spread, category, flag"),
    ({"rule": None}, "rule", "is missing; accepted: spread, category, flag"),
    ({"cause": "mood"}, "cause", "'mood' is unknown; accepted: taste, rubric, oversight, slip, category"),
    ({"reason": "a\x00b"}, "reason", "a text is accepted"),
    ({"reason": None}, "reason", "a text is accepted"),
    ({"subcategory": "selfie"}, "subcategory", f"'selfie' is unknown; accepted: {SUBCATEGORIES}"),
    ({"scores": {"beauty": 7.0}}, "beauty: score", UNKNOWN_ATTRIBUTE),
    ({"scores": {"overall_gestalt": 7.3}}, "overall_gestalt: score", f"7.3 is not on the scale: {STEPS}"),
]


@pytest.mark.parametrize(("change", "field", "reason"), CONSENSUSES)
def test_a_consensus_is_refused_with_its_field(change, field, reason):
    assert list(consensus_of(CONSENSUS | change, "1.jpg", "row 1", WORDS)) == [Problem("row 1", field, reason)]


PREFILL = {"model": "critic 1", "score": 50.0, "scores": {}, "critiques": {}}
A_MODEL = "a name of 1 to 300 characters is accepted"
PREFILLS = [
    ({"model": ""}, "model", A_MODEL),
    ({"model": None}, "model", A_MODEL),
    ({"model": "x" * 301}, "model", A_MODEL),
    ({"model": "a\x00b"}, "model", A_MODEL),
    ({"score": 100.5}, "score", "100.5: 0 to 100 is accepted"),
    ({"score": float("nan")}, "score", "nan: 0 to 100 is accepted"),
    ({"scores": {"overall_gestalt": -1.0}}, "overall_gestalt: score", "-1.0: 0 to 100 is accepted"),
    ({"scores": {"beauty": 5.0}}, "beauty: score", UNKNOWN_ATTRIBUTE),
    ({"critiques": {"a\x00b": "Fine."}}, "a\x00b: critique", "a text without NUL is accepted"),
    ({"critiques": {"overall_gestalt": "a\x00b"}}, "overall_gestalt: critique", "a text without NUL is accepted"),
]


@pytest.mark.parametrize(("change", "field", "reason"), PREFILLS)
def test_a_prefill_is_refused_with_its_field(change, field, reason):
    assert list(prefill_of(PREFILL | change, "1.jpg", "row 1", WORDS)) == [Problem("row 1", field, reason)]


@pytest.mark.parametrize("read", [consensus_of, prefill_of])
def test_what_rests_on_an_unknown_rubric_is_refused(read):
    assert list(read({"scores": {}}, "1.jpg", "row 1", UNKNOWN_VERSION)) == [
        Problem("row 1", "rubric_version", UNKNOWN_VERSION)
    ]


KEYS = "attributes, subcategories, columns, images, arm, scale"
SCALE = "scale: the lowest and the highest score are accepted, as [1, 5], or these for each attribute"
MAPPINGS = [
    ([1], f"an object with {KEYS} is accepted"),
    ({"rater": {}}, f"'rater' is unknown; accepted: {KEYS}"),
    ({"arm": "sober"}, f"arm: 'sober' is unknown; accepted: {ARMS}"),
    ({"scale": 5}, SCALE),
    ({"scale": [5, 1]}, SCALE),
    ({"scale": {"overall_gestalt": [1, "5"]}}, SCALE),
    ({"images": 3}, "images: an object from their names to ours is accepted"),
]


@pytest.mark.parametrize(("mapping", "reason"), MAPPINGS)
def test_a_wrong_mapping_is_refused(mapping, reason):
    with pytest.raises(RatingsRefused) as refused:
        check_mapping(mapping)
    assert str(refused.value) == f"the mapping: {reason}"
