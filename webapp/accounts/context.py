"""What templates may ask about who is signed in, looked up when first asked."""

from __future__ import annotations

from functools import cache
from typing import Any
from zoneinfo import available_timezones

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from annotation.models import ROLE_NAMES, Campaign
from annotation.roles import AUDIT, ORGANISE, Roles
from webapp.access import roles_of


def memberships(request: HttpRequest) -> dict[str, Any]:
    """Return the person's `roles` anywhere, `role_names`, and the keys of campaigns they may organise and audit."""
    # Lazy, as this runs for every page, and many ask for none of it.
    roles = SimpleLazyObject(lambda: roles_of(request))
    return {
        "roles": roles,
        "role_names": SimpleLazyObject(lambda: [name for role, name in ROLE_NAMES.items() if role in roles]),
        "organised": SimpleLazyObject(lambda: _campaigns(request, ORGANISE)),
        "audited": SimpleLazyObject(lambda: _campaigns(request, AUDIT)),
    }


def time_zone(request: HttpRequest) -> dict[str, str]:
    """Return the `time_zone` that the person's browser has told, else the installation's."""
    told = request.COOKIES.get("timezone", "")
    return {"time_zone": told if told in _time_zones() else settings.TIME_ZONE}


@cache
def _time_zones() -> frozenset[str]:
    # Read from many files, once.
    return frozenset(available_timezones())


def _campaigns(request: HttpRequest, roles: Roles) -> set[int]:
    return set(Campaign.objects.in_which(request.user, roles).values_list("pk", flat=True))


def institution(request: HttpRequest) -> dict[str, str]:
    """Return the name of the `institution` whose people sign in with its accounts, "" where there is none."""
    return {"institution": settings.OIDC_NAME if settings.OIDC_URL else ""}
