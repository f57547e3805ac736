"""Which campaigns' rows a person may see, by the role tables that policy asks too."""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any

from django.db.models import Q

from annotation.roles import ADMINISTRATORS, Roles, is_administrator

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

NO_ROW = Q(pk__in=[])


def with_role(user: AbstractBaseUser | AnonymousUser, roles: Roles, campaign: str = "pk") -> Q:
    """Match rows of campaigns in which this person has one of the roles; `campaign` leads from a row to its campaign.

    Where it leads to several, keep distinct rows.
    """
    if not user.is_active:
        return NO_ROW
    if is_administrator(user):
        # Who reads everything judges nothing, whatever an older membership says.
        return ~NO_ROW if ADMINISTRATORS & roles else NO_ROW
    # A subquery and not a join: joins over several memberships would multiply the rows matched.
    memberships: Any = getattr(user, "memberships")  # noqa: B009
    return Q(**{f"{campaign}__in": memberships.filter(any_of(roles)).values("campaign")})


def any_of(roles: Roles) -> Q:
    """Match memberships that hold one of the roles."""
    # Sorted, as a set has another order in each process and the same question should be the same SQL.
    return reduce(or_, (Q(**{role: True}) for role in sorted(roles)))
