"""List the roles: one per person, given when the account is made."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """Say what a person comes here to do."""

    ANNOTATOR = "annotator"
    ADJUDICATOR = "adjudicator"
    ORGANISER = "organiser"
    AUDITOR = "auditor"
