import pytest

from mlworker import environment
from mlworker.contract import PredictorError
from mlworker.variables import Variables

env = Variables(ValueError)


@pytest.fixture(autouse=True)
def unset(monkeypatch):
    monkeypatch.delenv("SOMETHING", raising=False)


@pytest.mark.parametrize(
    ("text", "reader", "value"),
    [
        ("$HOME is a text", lambda: env.text("SOMETHING"), "$HOME is a text"),
        ("", lambda: env.text("SOMETHING", "by default"), "by default"),
        ("a, b,,c ", lambda: env.texts("SOMETHING"), ["a", "b", "c"]),
        (",", lambda: env.texts("SOMETHING", ["x"]), ["x"]),
        ("web", lambda: env.choice("SOMETHING", ("folder", "web"), "folder"), "web"),
        ("", lambda: env.choice("SOMETHING", ("folder", "web"), "folder"), "folder"),
        ("True", lambda: env.flag("SOMETHING"), True),
        ("off", lambda: env.flag("SOMETHING"), False),
        ("", lambda: env.flag("SOMETHING"), False),
        (" 12 ", lambda: env.whole_number("SOMETHING", 7), 12),
        ("", lambda: env.whole_number("SOMETHING", 7), 7),
        ("0.5", lambda: env.number("SOMETHING", 1.0), 0.5),
        ("1, 2.5", lambda: env.numbers("SOMETHING", "0,0"), [1.0, 2.5]),
        ('{"a": 1}', lambda: env.json_object("SOMETHING"), {"a": 1}),
        ("", lambda: env.json_object("SOMETHING"), {}),
    ],
)
def test_a_variable_is_read(monkeypatch, text, reader, value):
    monkeypatch.setenv("SOMETHING", text)
    assert reader() == value


@pytest.mark.parametrize(
    ("value", "reader", "line"),
    [
        ("ftp", lambda: env.choice("SOMETHING", ("folder", "web", "storage"), "web"), "folder, web or storage is"),
        ("maybe", lambda: env.flag("SOMETHING"), "on or off is"),
        ("many", lambda: env.whole_number("SOMETHING", 7, least=1), "a whole number from 1 on is"),
        ("-1", lambda: env.whole_number("SOMETHING", 7), "a whole number from 0 on is"),
        ("nan", lambda: env.number("SOMETHING", 1.0), "a number, zero or more, is"),
        ("1,2,3", lambda: env.numbers("SOMETHING", "0,0"), "a list of 2 numbers, zero or more, is"),
        ("[1]", lambda: env.json_object("SOMETHING"), "a JSON object is"),
        ("{", lambda: env.json_object("SOMETHING"), "a JSON object is"),
    ],
)
def test_a_wrong_one_is_one_line_that_names_it_and_what_is_accepted(monkeypatch, value, reader, line):
    monkeypatch.setenv("SOMETHING", value)
    with pytest.raises(ValueError, match="SOMETHING") as caught:
        reader()
    assert str(caught.value) == f"SOMETHING: {line} accepted, not {value!r}"


def test_a_program_that_starts_ends_with_that_line(monkeypatch):
    monkeypatch.setenv("SOMETHING", "x" * 100)
    with pytest.raises(SystemExit, match=f"not '{'x' * 30}'$"):
        Variables().whole_number("SOMETHING", 7)


def test_a_wrong_one_that_is_read_while_a_model_is_asked_is_an_error_of_that_image(monkeypatch):
    monkeypatch.setenv("MLWORKER_IMAGE_SECONDS", "soon")
    with pytest.raises(
        PredictorError, match="MLWORKER_IMAGE_SECONDS: a whole number from 1 on is accepted, not 'soon'"
    ):
        environment.image_seconds()
