"""One table of sentences for all that models refuse, in both languages."""

import pytest
import yaml
from django.utils import translation

from annotation.errors import AnnotationInvalid, FieldsInvalid, RubricInvalid
from annotation.rubric.annotations import read_annotation
from annotation.rubric.reading import SENTENCES, Content, path_of, read
from annotation.rubric.schema import parse
from tests.harness.factories import RUBRIC_FILE
from webapp.wording import say, translate

CONTENT = yaml.safe_load(RUBRIC_FILE.read_text(encoding="utf-8"))


class Inner(Content):
    score: float


class Outer(Content):
    inner: list[Inner]
    note: str | None = None


@pytest.mark.parametrize(
    ("data", "errors"),
    [
        (5, {"": "an object is accepted"}),
        ({}, {"inner": "is missing"}),
        ({"inner": [{"score": "7"}, {}]}, {"inner[0].score": "a number is accepted, not '7'",
                                           "inner[1].score": "is missing"}),
        ({"inner": [], "stars": 5}, {"stars": "is unknown; accepted: inner, note"}),
        ({"inner": [{"score": 1, "x": 2}]}, {"inner[0].x": "is unknown; accepted: score"}),
        ({"inner": [{"score": float("nan")}]}, {"inner[0].score": "nan is not accepted"}),
    ],
)  # fmt: skip
def test_every_wrong_field_is_named_by_its_place(data, errors):
    with pytest.raises(FieldsInvalid) as error:
        read(Outer, data)
    assert error.value.errors == errors


def test_a_place_is_written_as_people_read_it():
    assert path_of(("attributes", 2, "anchors", 0, "score")) == "attributes[2].anchors[0].score"


def test_a_refusal_and_what_is_accepted_are_said_in_chinese():
    data = {"judgements": {"overall_gestalt": {"score": 7.3, "critique": "Words."}}}
    with pytest.raises(AnnotationInvalid) as error:
        read_annotation(data, parse(CONTENT), 1, None)
    with translation.override("zh-hans"):
        assert translate(error.value.errors["scores.overall_gestalt"]) == ("7.3 不在量表上：0 到 10，步长 0.5")


def test_a_wrong_rubric_is_said_in_chinese_with_its_place():
    with pytest.raises(RubricInvalid) as error:
        parse(CONTENT | {"attributes": CONTENT["attributes"][:7]})
    with translation.override("zh-hans"):
        assert say(error.value).startswith("attributes：")


def test_every_sentence_is_translated():
    with translation.override("zh-hans"):
        assert [name for name, sentence in SENTENCES.items() if translation.gettext(sentence) == sentence] == []
