"""The roles a person may have in a campaign, what each of them opens, and which of them clash."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum
from typing import Any


class Role(StrEnum):
    """What a person comes to a campaign to do."""

    ORGANISER = "organiser"
    ANNOTATOR = "annotator"
    ADJUDICATOR = "adjudicator"
    AUDITOR = "auditor"
    VIEWER = "viewer"


Roles = frozenset[Role]

ORGANISE: Roles = frozenset({Role.ORGANISER})
ANNOTATE: Roles = frozenset({Role.ANNOTATOR})
ADJUDICATE: Roles = frozenset({Role.ADJUDICATOR})
# Reads every answer, image, figure and event.
AUDIT: Roles = ORGANISE | {Role.AUDITOR}
# Reads reports and releases.
VIEW: Roles = AUDIT | {Role.VIEWER}
JUDGE: Roles = ANNOTATE | ADJUDICATE

# What an administrator is in every campaign, without a membership.
ADMINISTRATORS: Roles = ORGANISE


def roles_clash(roles: Collection[Role]) -> bool:
    """Tell whether somebody would both judge images and read what others say of them."""
    return not JUDGE.isdisjoint(roles) and not VIEW.isdisjoint(roles)


def is_administrator(person: Any) -> bool:
    """Tell whether this person runs the installation: Django's superuser, with an account that is open."""
    return bool(getattr(person, "is_active", False) and getattr(person, "is_superuser", False))
