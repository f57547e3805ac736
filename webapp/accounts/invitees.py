"""Read whom to invite from a list that was pasted, or a table: one person a line."""

from __future__ import annotations

import csv
import io
import re

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from annotation.errors import FieldsInvalid
from annotation.phrases import phrase as _
from annotation.roles import Role, roles_clash

from .invite import Invitee

MOST = 200
COLUMNS = ("email", "name", "roles", "categories")
MAILBOX = re.compile(r"(?P<name>[^<>]*)<(?P<email>[^<>]*)>\s*")
ROLES = frozenset(map(str, Role))


def read_invitees(text: str, accepted_categories: tuple[str, ...] = ()) -> list[Invitee]:
    """Return the people of a list. Raise FieldsInvalid with what is wrong on each line, the line as its field.

    A line is an address, `Name <address>`, or `address, name`; with a header that names `email`, a table with commas,
    semicolons or tabs and the columns email, name, roles and categories.
    """
    errors: dict[str, str] = {}
    invitees: list[Invitee] = []
    seen: dict[str, int] = {}
    columns: list[str] | None = None
    rows = csv.reader(io.StringIO(text.strip("\ufeff")), delimiter=delimiter_of(text), strict=True)
    while True:
        try:
            cells = next(rows, None)
        except csv.Error:
            errors[place(rows.line_num)] = _("a quotation mark is not closed, or stands where none can")
            break
        if cells is None:
            break
        cells = [cell.strip() for cell in cells]
        if not any(cells):
            continue
        if columns is None and not invitees and "email" in (named := [column_name(cell) for cell in cells]):
            columns = named
            if unknown := [cell for cell, name in zip(cells, named, strict=True) if name not in COLUMNS]:
                errors[place(rows.line_num)] = _(
                    "column %(name)r is unknown; accepted: %(accepted)s", name=unknown[0], accepted=", ".join(COLUMNS)
                )
                break
            continue
        try:
            invitee = read_line(cells, columns, rows.line_num, accepted_categories)
            key = invitee.email.lower()
            if key in seen:
                raise ValueError(_("%(email)s stands on line %(line)s already", email=invitee.email, line=seen[key]))
            seen[key] = rows.line_num
            invitees.append(invitee)
        except ValueError as error:
            errors[place(rows.line_num)] = error.args[0]
    if not errors and not invitees:
        errors[""] = _("nobody is named: one address a line is accepted")
    if len(invitees) > MOST:
        errors[""] = _("at most %(most)s people at a time are accepted, not %(n)s", most=MOST, n=len(invitees))
    if errors:
        raise FieldsInvalid(errors)
    return invitees


def place(line: int) -> str:
    """Return how a line is called."""
    return _("line %(line)s", line=line)


def column_name(cell: str) -> str:
    """Return a column's name, however its header spells it."""
    return cell.lower().replace("-", "").replace("_", "")


def delimiter_of(text: str) -> str:
    """Return what stands between the cells of the first line that holds anything."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    return max(",;\t", key=first.count)


def read_line(
    cells: list[str], columns: list[str] | None, line: int, accepted_categories: tuple[str, ...] = ()
) -> Invitee:
    """Return the person of one line. Raise ValueError saying what is wrong."""
    if columns is None:
        named = read_plain(cells)
    elif len(cells) > len(columns):
        raise ValueError(_("%(n)s cells, but %(columns)s columns", n=len(cells), columns=len(columns)))
    else:
        named = dict(zip(columns, cells, strict=False))
    email = named.get("email", "")
    try:
        validate_email(email)
    except ValidationError:
        raise ValueError(_("%(text)r is no e-mail address", text=email[:100])) from None
    name = named.get("name", "")
    if len(name) > 150:
        raise ValueError(_("a name has at most 150 characters"))
    roles = words_of(named.get("roles", ""), "roles", tuple(sorted(ROLES)))
    if roles_clash([Role(role) for role in roles]):
        raise ValueError(_("annotator and adjudicator do not go together with the other roles"))
    categories = words_of(named.get("categories", ""), "categories", accepted_categories)
    return Invitee(email, name, frozenset(map(Role, roles)), tuple(categories), line)


def read_plain(cells: list[str]) -> dict[str, str]:
    """Return the columns of a line without a header: an address, `Name <address>`, or an address and a name."""
    if match := MAILBOX.fullmatch(cells[0]):
        return {"email": match["email"].strip(), "name": match["name"].strip()}
    if len(cells) > 2:
        raise ValueError(_("an address and a name are accepted; for more, name the columns on the first line"))
    return {"email": cells[0], "name": cells[1] if len(cells) == 2 else ""}


def words_of(cell: str, column: str, accepted: tuple[str, ...]) -> list[str]:
    """Return the words of a cell, which spaces, commas or semicolons stand between."""
    words = [word for word in re.split(r"[\s,;/|]+", cell) if word]
    for word in words:
        if word not in accepted:
            raise ValueError(
                _(
                    "%(column)s: %(word)r is unknown; accepted: %(accepted)s",
                    column=column,
                    word=word[:100],
                    accepted=", ".join(accepted),
                )
            )
    return words
