from pathlib import Path

import pytest
from jinja2 import DictLoader

from annotation.dataset.format.facts import program
from annotation.dataset.pages import markdown

PAGE = """\
{{ name }} is judged
  by {{ raters | listed }}
  {% if seen %}, with a model in sight{% endif %}.

{% if note %}
> {{ note | one_line }}

{% endif %}
| Name |
| --- |
{% for name in names %}
| {{ name | cell }} |
{% endfor %}
"""


@pytest.fixture
def page(monkeypatch):
    monkeypatch.setattr(markdown._environment(), "loader", DictLoader({"PAGE.md.jinja": PAGE}))
    values = {"name": "It", "raters": ["ann", "bob"], "seen": True, "note": "", "names": ["a"]}
    return lambda **more: markdown.render("PAGE.md", **values | more)


def test_wrapped_lines_are_one_line_and_tags_leave_none(page):
    assert page() == "It is judged by ann, bob, with a model in sight.\n\n| Name |\n| --- |\n| a |\n"
    assert page(raters=[], seen=False).startswith("It is judged by none.\n\n| Name |")


def test_what_people_wrote_breaks_no_table_and_no_quotation(page):
    text = page(note="first\n\n# second", names=["a | b", "c\nd"])
    assert "\n> first # second\n" in text
    assert text.endswith("| a \\| b |\n| c d |\n")


def test_a_value_that_is_missing_is_an_error_never_a_gap(page):
    with pytest.raises(LookupError, match=r"PAGE\.md: 'raters' is undefined"):
        markdown.render("PAGE.md", name="It")


def test_the_templates_are_found_from_anywhere(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert markdown.TEMPLATES.is_absolute()
    assert {path.name for path in markdown.TEMPLATES.iterdir()} == {
        f"{page}.md.jinja" for page in ("README", "PROTOCOL", "DATASHEET", "LEAKAGE", "CHANGELOG")
    }


def test_a_release_written_by_other_templates_is_known_by_its_writer(monkeypatch):
    before, read = program.__wrapped__(), Path.read_bytes
    monkeypatch.setattr(Path, "read_bytes", lambda path: read(path) + (b" " if path.suffix == ".jinja" else b""))
    assert program.__wrapped__() != before
