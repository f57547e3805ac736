"""Lists of whom to invite, as people paste them, and what is wrong with a line."""

from __future__ import annotations

import pytest

from annotation.errors import FieldsInvalid
from annotation.roles import Role
from webapp.accounts.invitees import MOST, read_invitees

BOTH = "annotator and adjudicator do not go together with the other roles"


@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("ada@example.org", [("ada@example.org", "")]),
        ("\n ada@example.org \r\n\r\nbob@example.org\n", [("ada@example.org", ""), ("bob@example.org", "")]),
        ("Ada Byron <ada@example.org>", [("ada@example.org", "Ada Byron")]),
        ("ada@example.org, Ada Byron", [("ada@example.org", "Ada Byron")]),
        ("ada@example.org\tAda Byron", [("ada@example.org", "Ada Byron")]),
        ('ada@example.org;"Byron; Ada"', [("ada@example.org", "Byron; Ada")]),
        ("\ufeffemail,name\nada@example.org,艾达", [("ada@example.org", "艾达")]),
        ("Name;E-Mail\nAda;ada@example.org\n;bob@example.org", [("ada@example.org", "Ada"), ("bob@example.org", "")]),
    ],
)
def test_lists_and_tables_are_read_as_they_come(text: str, people: list[tuple[str, str]]):
    assert [(invitee.email, invitee.name) for invitee in read_invitees(text)] == people


def test_a_table_says_roles_and_categories_by_person():
    table = "email,roles,categories\nada@example.org,annotator adjudicator,photography\nbob@example.org,viewer,"
    ada, bob = read_invitees(table, ("photography",))
    assert (ada.roles, ada.categories) == ({Role.ANNOTATOR, Role.ADJUDICATOR}, ("photography",))
    assert (bob.roles, bob.categories) == ({Role.VIEWER}, ())


@pytest.mark.parametrize(
    ("text", "errors"),
    [
        ("ada.example.org", {"line 1": "'ada.example.org' is no e-mail address"}),
        (
            "ada@example.org\nbob\nADA@example.org",
            {"line 2": "'bob' is no e-mail address", "line 3": "ADA@example.org stands on line 1 already"},
        ),
        (
            "email,age\nada@example.org,7",
            {"line 1": "column 'age' is unknown; accepted: email, name, roles, categories"},
        ),
        ("email,name\nada@example.org,Ada,7", {"line 2": "3 cells, but 2 columns"}),
        ('email,name\nada@example.org,"Ada\n', {"line 2": "a quotation mark is not closed, or stands where none can"}),
        (
            "email,roles\nada@example.org,boss",
            {"line 2": "roles: 'boss' is unknown; accepted: adjudicator, annotator, auditor, organiser, viewer"},
        ),
        ("email,roles\nada@example.org,annotator viewer", {"line 2": BOTH}),
        (
            "email,categories\nada@example.org,poetry",
            {"line 2": "categories: 'poetry' is unknown; accepted: photography"},
        ),
        (
            "ada@example.org,Ada,annotator",
            {"line 1": "an address and a name are accepted; for more, name the columns on the first line"},
        ),
        (f"ada@example.org,{'a' * 151}", {"line 1": "a name has at most 150 characters"}),
        ("email,name\n", {"": "nobody is named: one address a line is accepted"}),
        (
            "\n".join(f"a{number}@example.org" for number in range(MOST + 1)),
            {"": "at most 200 people at a time are accepted, not 201"},
        ),
    ],
)
def test_each_line_that_is_wrong_is_named(text: str, errors: dict[str, str]):
    with pytest.raises(FieldsInvalid) as refusal:
        read_invitees(text, ("photography",))
    assert {str(place): str(words) for place, words in refusal.value.errors.items()} == errors
