"""What a form had sent, in the words of its page: for the page that says why it was held back.

Rooms add their forms to `FORMS`, each by what makes one for a campaign and a person; fields without one stand in
`LABELS`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import groupby

from django import forms
from django.utils.translation import gettext_lazy as _

from annotation.models import Campaign
from webapp.accounts.models import User

from .facts import label_of, words_of

FORMS: list[Callable[[Campaign, User], forms.Form]] = []

LABELS = {"text": _("Your words"), "verb": _("What to do"), "verdict": _("Verdict"), "person": _("Person")}
# What the buttons say that send these.
BUTTONS = {
    "open": _("Open"),
    "pause": _("Pause"),
    "resume": _("Resume"),
    "close": _("Close"),
    "reopen": _("Reopen"),
    "through": _("Let through"),
    "anew": _("Ask anew"),
    "panel": _("Take the panel's answers anew"),
    "same": _("The same"),
    "different": _("Different"),
}


def read_sent(campaign: Campaign, user: User, sent: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the label and the words of each field that a form sent; what people do not see on its page is left out."""
    rows = list(sent)
    fields = _fields_named(campaign, user, {name for name, _value in rows})
    read = []
    for name, group in groupby(rows, key=lambda row: row[0]):
        values = [value for _name, value in group]
        if field := fields.get(name):
            read.append((label_of(field, name), ", ".join(map(words_of(field), values))))
        elif name in LABELS:
            read.append((str(LABELS[name]), ", ".join(str(BUTTONS.get(value, value)) for value in values)))
    return read


def _fields_named(campaign: Campaign, user: User, names: set[str]) -> dict[str, forms.Field]:
    """Return the fields of the first form that has all these: boxes that are not ticked are not sent."""
    candidates = (make(campaign, user).fields for make in FORMS)
    return next((fields for fields in candidates if names and names <= fields.keys()), {})
