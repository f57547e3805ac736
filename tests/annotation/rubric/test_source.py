import json

import pytest

from annotation.errors import RubricInvalid
from annotation.rubric.schema import parse
from annotation.rubric.source import dump, load
from tests.harness.factories import rubric_content


def test_what_is_written_is_read_back_the_same():
    content = json.loads(rubric_content())
    text = dump(content)
    assert load(text) == content
    assert "中国画" in text


def test_fields_stand_in_the_order_people_read_them():
    shuffled = json.loads(rubric_content(), object_pairs_hook=lambda pairs: dict(reversed(pairs)))
    assert dump(shuffled) == dump(json.loads(rubric_content()))
    assert dump(shuffled).startswith("slug: artimuse\ntitle:\n  en: ")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("slug: a\ntitle: {en: A", "line 2 is no YAML: "),
        ("a: &x [1]\nb: *x", "aliases"),
        ("slug: 2026-01-01", "text and numbers are accepted, nothing else"),
        ("slug: .nan", "text and numbers are accepted, nothing else"),
        ('slug: "a\\0b"', "NUL"),
        ("slug: \x07", "this is no YAML"),
        ("[" * 3000 + "]" * 3000, "line 1 is no YAML: brackets deeper than 40 levels"),
        ("[" * 100_000, "brackets deeper than 40 levels"),
        ("{a: " * 50_000, "brackets deeper than 40 levels"),
        ("- " * 100_000, "deeper than 40 levels"),
        ("? " * 100_000, "deeper than 40 levels"),
        ("a: 1\nb: 2\na: 3", "line 3 is no YAML: 'a' stands twice"),
        ("a: {b: 1, b: 2}", "'b' stands twice"),
        ("x" * 300_001, "at most 300,000 characters"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_place(text, message):
    with pytest.raises(RubricInvalid, match=message):
        load(text)


def test_a_wording_with_a_control_character_is_named():
    content = json.loads(rubric_content())
    content["attributes"][1]["name"]["en"] = "Visual\x07 Elements"
    with pytest.raises(RubricInvalid, match=r"attributes\[1\].name.en: holds characters that cannot be stored"):
        parse(content)
