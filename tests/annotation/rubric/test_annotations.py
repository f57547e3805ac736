import copy
import uuid

import pytest
import yaml

from annotation.errors import AnnotationInvalid
from annotation.rubric.annotations import ShownPrefill, read_annotation
from annotation.rubric.schema import parse
from tests.harness.factories import RUBRIC_FILE

RUBRIC = parse(yaml.safe_load(RUBRIC_FILE.read_text(encoding="utf-8")))


def annotation(**changes):
    data = {
        "key": str(uuid.uuid4()),
        "rubric_version": 1,
        "subcategory": "portrait",
        "judgements": {key: {"score": 7.5, "critique": "Words."} for key in RUBRIC.by_key},
    }
    return data | changes


def errors_of(data, prefill=None):
    with pytest.raises(AnnotationInvalid) as caught:
        read_annotation(data, RUBRIC, 1, prefill)
    return caught.value.errors


def changed(attribute="overall_gestalt", **fields):
    data = copy.deepcopy(annotation())
    data["judgements"][attribute] |= fields
    return data


def test_a_complete_answer_is_read():
    read = read_annotation(annotation(seconds=12.4), RUBRIC, 1, None)
    assert read.steps() == dict.fromkeys(RUBRIC.by_key, 15)
    assert read.seconds == 12


BAD_SCORES = [
    (10.5, "10.5 is not on the scale: 0 to 10 in steps of 0.5"),
    (-0.5, "-0.5 is not on the scale: 0 to 10 in steps of 0.5"),
    (1500, "1500 is not on the scale: 0 to 10 in steps of 0.5"),
    (7.3, "7.3 is not on the scale: 0 to 10 in steps of 0.5"),
    (float("nan"), "nan is not on the scale: 0 to 10 in steps of 0.5"),
    ("7.5", "'7.5' is not a number; accepted: 0 to 10 in steps of 0.5"),
    (True, "True is not a number; accepted: 0 to 10 in steps of 0.5"),
    (None, "is missing; accepted: 0 to 10 in steps of 0.5"),
    (int("9" * 210), f"{'9' * 40}… is not on the scale: 0 to 10 in steps of 0.5"),
    ([7], "[7] is not a number; accepted: 0 to 10 in steps of 0.5"),
    (float("inf"), "inf is not on the scale: 0 to 10 in steps of 0.5"),
    ("9" * 400, f"'{'9' * 39}… is not a number; accepted: 0 to 10 in steps of 0.5"),
]


@pytest.mark.parametrize(("score", "message"), BAD_SCORES)
def test_a_score_off_the_scale_or_between_steps_is_refused(score, message):
    assert errors_of(changed(score=score)) == {"scores.overall_gestalt": message}


def test_a_missing_attribute_is_named():
    data = annotation()
    del data["judgements"]["overall_gestalt"]
    assert errors_of(data) == {"scores.overall_gestalt": "is missing; accepted: 0 to 10 in steps of 0.5"}


SUBCATEGORIES = ", ".join(RUBRIC.subcategories)
ATTRIBUTES = ", ".join(sorted(RUBRIC.by_key))
FIELDS = "drawn, judgements, key, rubric_version, seconds, seconds_to_first_score, subcategory"
JUDGEMENT_FIELDS = "critique, critique_origin, language, pasted, pins, score, score_origin"
SECONDS = "seconds from 0 to 86400 are accepted"
A_KEY = "a UUID is accepted, the same on every retry"
AN_OBJECT = "an object with an entry for each attribute is accepted"
BAD_ANNOTATIONS = [
    ({"subcategory": "selfie"}, "subcategory", f"'selfie' is unknown; accepted: {SUBCATEGORIES}"),
    ({"subcategory": None}, "subcategory", f"is missing; accepted: {SUBCATEGORIES}"),
    ({"subcategory": ""}, "subcategory", f"is missing; accepted: {SUBCATEGORIES}"),
    ({"subcategory": ["portrait"]}, "subcategory", f"['portrait'] is unknown; accepted: {SUBCATEGORIES}"),
    ({"subcategory": "x" * 50}, "subcategory", f"'{'x' * 39}… is unknown; accepted: {SUBCATEGORIES}"),
    ({"subcategory": "\ud800"}, "subcategory", f"'\\ud800' is unknown; accepted: {SUBCATEGORIES}"),
    ({"rubric_version": 2}, "rubric_version", "version 1 is in force, not 2; reload the page"),
    ({"rubric_version": "1"}, "rubric_version", "version 1 is in force, not '1'; reload the page"),
    ({"rubric_version": None}, "rubric_version", "version 1 is in force, not None; reload the page"),
    ({"key": "again"}, "key", A_KEY),
    ({"key": None}, "key", A_KEY),
    ({"key": 5}, "key", A_KEY),
    ({"seconds": -1}, "seconds", SECONDS),
    ({"seconds": 86_401}, "seconds", SECONDS),
    ({"seconds": "long"}, "seconds", SECONDS),
    ({"seconds": "12"}, "seconds", SECONDS),
    ({"seconds": True}, "seconds", SECONDS),
    ({"seconds": float("nan")}, "seconds", SECONDS),
    ({"seconds_to_first_score": float("inf")}, "seconds_to_first_score", SECONDS),
    ({"seconds_to_first_score": []}, "seconds_to_first_score", SECONDS),
    ({"mood": "fine"}, "mood", f"is unknown; accepted: {FIELDS}"),
    ({"x" * 50: 1}, f"{'x' * 40}…", f"is unknown; accepted: {FIELDS}"),
    ({"\ud800": 1}, "?", f"is unknown; accepted: {FIELDS}"),
    ({"judgements": []}, "judgements", AN_OBJECT),
    ({"judgements": None}, "judgements", AN_OBJECT),
    ({"judgements": "none"}, "judgements", AN_OBJECT),
]


@pytest.mark.parametrize(("change", "field", "message"), BAD_ANNOTATIONS)
def test_a_wrong_field_is_named_with_what_is_accepted(change, field, message):
    assert errors_of(annotation(**change)) == {field: message}


MISSING = [
    ("key", A_KEY),
    ("rubric_version", "version 1 is in force, not None; reload the page"),
    ("subcategory", f"is missing; accepted: {SUBCATEGORIES}"),
    ("judgements", AN_OBJECT),
]


@pytest.mark.parametrize(("field", "message"), MISSING)
def test_a_missing_field_is_named_with_what_is_accepted(field, message):
    data = annotation()
    del data[field]
    assert errors_of(data) == {field: message}


def test_an_unknown_attribute_is_named_with_those_there_are():
    data = annotation()
    data["judgements"]["beauty"] = {}
    assert errors_of(data) == {"judgements.beauty": f"is unknown; accepted: {ATTRIBUTES}"}


A_CRITIQUE = "is missing; a text is accepted"
NOT_STORED = "holds a NUL or half a character, which cannot be stored"
ORIGINS = "own, accepted, bulk, edited"
BAD_JUDGEMENTS = [
    ({"critique": "  "}, "critiques.overall_gestalt", A_CRITIQUE),
    ({"critique": 5}, "critiques.overall_gestalt", A_CRITIQUE),
    ({"critique": None}, "critiques.overall_gestalt", A_CRITIQUE),
    ({"critique": "x" * 10_001}, "critiques.overall_gestalt", "has 10001 characters; at most 10000 are accepted"),
    ({"critique": "half \ud800"}, "critiques.overall_gestalt", NOT_STORED),
    ({"critique": "a\x00b"}, "critiques.overall_gestalt", NOT_STORED),
    ({"language": "fr"}, "languages.overall_gestalt", "'fr' is unknown; accepted: en, zh-hans"),
    ({"language": None}, "languages.overall_gestalt", "is missing; accepted: en, zh-hans"),
    ({"language": 1}, "languages.overall_gestalt", "1 is unknown; accepted: en, zh-hans"),
    ({"score_origin": "stolen"}, "origins.overall_gestalt", f"'stolen' is unknown; accepted: {ORIGINS}"),
    ({"score_origin": ""}, "origins.overall_gestalt", f"is missing; accepted: {ORIGINS}"),
    ({"critique_origin": "found"}, "origins.overall_gestalt", f"'found' is unknown; accepted: {ORIGINS}"),
    ({"critique_origin": None}, "origins.overall_gestalt", f"is missing; accepted: {ORIGINS}"),
    (
        {"score_origin": "accepted"},
        "origins.overall_gestalt",
        "no score was prefilled here; only 'own' is accepted",
    ),
    (
        {"critique_origin": "edited"},
        "origins.overall_gestalt",
        "no critique was prefilled here; only 'own' is accepted",
    ),
    ({"stars": 5}, "judgements.overall_gestalt.stars", f"is unknown; accepted: {JUDGEMENT_FIELDS}"),
]


@pytest.mark.parametrize(("change", "field", "message"), BAD_JUDGEMENTS)
def test_a_wrong_judgement_is_named_with_what_is_accepted(change, field, message):
    assert errors_of(changed(**change)) == {field: message}


BAD_SHAPES: list[tuple[object, str, str]] = [
    (None, "scores.overall_gestalt", "is missing; accepted: 0 to 10 in steps of 0.5"),
    (7.5, "judgements.overall_gestalt", "an object with score and critique is accepted"),
    ([], "judgements.overall_gestalt", "an object with score and critique is accepted"),
]


@pytest.mark.parametrize(("judgement", "field", "message"), BAD_SHAPES)
def test_a_judgement_of_another_shape_is_named(judgement, field, message):
    data = annotation()
    data["judgements"]["overall_gestalt"] = judgement
    assert errors_of(data) == {field: message}


@pytest.mark.parametrize("field", ["score", "critique"])
def test_a_judgement_needs_a_score_and_a_critique(field):
    data = annotation()
    del data["judgements"]["overall_gestalt"][field]
    message = {"score": "is missing; accepted: 0 to 10 in steps of 0.5", "critique": A_CRITIQUE}[field]
    assert errors_of(data) == {f"{field}s.overall_gestalt": message}


def test_all_errors_are_told_at_once():
    data = changed(score=7.3, critique="")
    data["subcategory"] = "selfie"
    assert set(errors_of(data)) == {"subcategory", "scores.overall_gestalt", "critiques.overall_gestalt"}


@pytest.mark.parametrize("data", [None, [], "text", 5])
def test_what_is_no_object_is_refused(data):
    assert errors_of(data) == {"annotation": "an object is accepted"}


def test_origins_are_held_against_the_prefill():
    prefill = ShownPrefill({"overall_gestalt": 15}, {"overall_gestalt": "Words!"})
    data = changed(score_origin="edited", critique_origin="accepted")
    read = read_annotation(data, RUBRIC, 1, prefill).judgements["overall_gestalt"]
    assert (read.score_origin, read.critique_origin, read.edit_distance) == ("accepted", "edited", 1)


def test_what_was_accepted_together_with_the_rest_is_marked_as_such():
    prefill = ShownPrefill({"overall_gestalt": 15}, {"overall_gestalt": "Words!"})
    data = changed(score=7.5, critique="Words!", score_origin="bulk", critique_origin="bulk")
    read = read_annotation(data, RUBRIC, 1, prefill).judgements["overall_gestalt"]
    assert (read.score_origin, read.critique_origin, read.edit_distance) == ("bulk", "bulk", 0)
    other = changed(score=3, critique="Words", score_origin="bulk", critique_origin="bulk")
    read = read_annotation(other, RUBRIC, 1, prefill).judgements["overall_gestalt"]
    assert (read.score_origin, read.critique_origin, read.edit_distance) == ("edited", "edited", 1)


def test_without_a_prefilled_score_none_can_be_accepted():
    prefill = ShownPrefill({"overall_gestalt": None}, {})
    message = "no score was prefilled here; only 'own' is accepted"
    assert errors_of(changed(score_origin="accepted"), prefill) == {"origins.overall_gestalt": message}


def test_a_critique_is_pinned_to_points_and_boxes():
    pins = [{"x": 0, "y": 1}, {"x": 0.1234567, "y": 0.2, "width": 0.8765433, "height": 0.8}]
    read = read_annotation(changed(pins=pins), RUBRIC, 1, None).judgements
    assert [pin.to_json() for pin in read["overall_gestalt"].pins] == [
        {"x": 0.0, "y": 1.0},
        {"x": 0.12346, "y": 0.2, "width": 0.87654, "height": 0.8},
    ]
    assert read["composition_design"].pins == []


BAD_PINS = [
    (None, "a list of points and boxes is accepted"),
    ([{"x": 0, "y": 0}] * 21, "21 pins; at most 20 are accepted"),
    ([{"x": 0, "y": 0}, {"x": 0}], "pin 2: an object with x, y; x, y, width, height is accepted"),
    ([[0.5, 0.5]], "pin 1: an object with x, y; x, y, width, height is accepted"),
    ([{"x": 0, "y": 0, "width": 0.1}], "pin 1: an object with x, y; x, y, width, height is accepted"),
    ("here", "a list of points and boxes is accepted"),
    ([{"x": 0, "y": 0, "z": 0}], "pin 1: an object with x, y; x, y, width, height is accepted"),
    ([{"x": 0.5, "y": 0, "width": 1.5, "height": 0.1}], "pin 1: width: 0 to 1 is accepted"),
    ([{"x": 0.5, "y": 0, "width": 0, "height": 0.1}], "pin 1: width: more than 0 is accepted"),
    ([{"x": 0.5, "y": 0.5, "width": 0.1, "height": 0.6}], "pin 1: the box must lie within the image"),
    ([{"x": 0, "y": 1.01}], "pin 1: y: 0 to 1 is accepted"),
    ([{"x": -0.01, "y": 0}], "pin 1: x: 0 to 1 is accepted"),
    ([{"x": float("nan"), "y": 0}], "pin 1: x: 0 to 1 is accepted"),
    ([{"x": "0.5", "y": 0}], "pin 1: x: 0 to 1 is accepted"),
    ([{"x": True, "y": 0}], "pin 1: x: 0 to 1 is accepted"),
    ([{"x": 0.5, "y": 0, "width": 0.1, "height": 0}], "pin 1: height: more than 0 is accepted"),
    ([{"x": 0.5, "y": 0, "width": 0.51, "height": 0.1}], "pin 1: the box must lie within the image"),
]


@pytest.mark.parametrize(("pins", "message"), BAD_PINS)
def test_a_wrong_pin_is_named_with_what_is_accepted(pins, message):
    assert errors_of(changed(pins=pins)) == {"pins.overall_gestalt": message}


@pytest.mark.parametrize("pasted", [-1, 1.5, "3", True, None])
def test_characters_pasted_are_a_whole_number(pasted):
    message = "a whole number of characters, 0 or more, is accepted"
    assert errors_of(changed(pasted=pasted)) == {"pasted.overall_gestalt": message}
