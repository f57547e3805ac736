"""A second factor, demanded of whoever has certain roles: until they have one they reach their account only."""

from __future__ import annotations

from collections.abc import Callable

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext

from annotation.roles import is_administrator
from webapp.access import roles_of

# What whoever has yet to set one up may open.
OPEN = ("/account/", "/sign-in/", "/sign-out/", "/language/", "/static/", "/health/", "/.well-known/", "/invitation/")
FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def lacks_demanded_factor(request: HttpRequest) -> bool:
    """Tell whether somebody is signed in of whom a second factor is demanded, and who has none."""
    demanded = settings.REQUIRE_SECOND_FACTOR
    if not demanded or not request.user.is_authenticated:
        return False
    is_demanded = "administrator" in demanded and is_administrator(request.user)
    if not is_demanded and roles_of(request).isdisjoint(demanded):
        return False
    return not Authenticator.objects.filter(user=request.user.pk, type__in=FACTORS).exists()


class DemandSecondFactor:
    """Middleware that leads whoever lacks it to where a second factor is set up."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        # Read before anybody is asked for: images and scripts need no account.
        if not settings.REQUIRE_SECOND_FACTOR or request.path_info.startswith(OPEN):
            return self.get_response(request)
        if not lacks_demanded_factor(request):
            return self.get_response(request)
        if request.path_info.startswith("/api/"):
            words = gettext("Your role asks for a second factor. Set one up in your account.")
            return JsonResponse({"error": words}, status=403)
        return redirect("account")
