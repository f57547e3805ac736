"""Let people into their rooms: strangers sign in first, and a room one may not enter does not exist."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponseBase
from rest_framework.exceptions import NotAuthenticated
from rest_framework.request import Request

from annotation import policy
from annotation.errors import NotAllowed
from annotation.roles import Roles, is_administrator
from webapp.accounts.models import User

View = Callable[..., HttpResponseBase]


class SignedInRequest(HttpRequest):
    """The request of a person who is signed in."""

    user: User


def room_of(roles: Roles) -> Callable[[View], View]:
    """Open a room to whoever has one of these roles in some campaign; others who are signed in find nothing there."""
    return _guard(lambda request: not roles.isdisjoint(roles_of(request)))


def staff_required(view: View) -> View:
    """Open a view to staff; everybody else who is signed in finds nothing there."""
    return _guard(lambda request: request.user.is_staff)(view)


def administrators(view: View) -> View:
    """Open a view to administrators; everybody else who is signed in finds nothing there."""
    return _guard(lambda request: is_administrator(request.user))(view)


def _guard(may_enter: Callable[[Any], bool]) -> Callable[[View], View]:
    def decorate(view: View) -> View:
        @wraps(view)
        def guarded_view(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                # With the address asked for, so that an expired sign-in costs nobody their place.
                return redirect_to_login(request.get_full_path())
            if not may_enter(request):
                raise Http404
            try:
                return view(request, *args, **kwargs)
            except NotAllowed as refusal:
                # A 403 would say that there is something here to be refused.
                raise Http404 from refusal

        return guarded_view

    return decorate


def roles_of(request: HttpRequest) -> Roles:
    """Return the roles that whoever asks has in some campaign, looked up once a request."""
    # Kept on the request: the guard, the page and its menu all ask, and memberships may change before the next one.
    if not hasattr(request, "roles"):
        request.roles = policy.roles_anywhere(request.user)  # type: ignore[attr-defined]
    return request.roles  # type: ignore[attr-defined, no-any-return]


def person(request: HttpRequest | Request) -> User:
    """Return who is signed in. Raise NotAuthenticated when nobody is."""
    if isinstance(request.user, User):
        return request.user
    raise NotAuthenticated
