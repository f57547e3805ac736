"""Single sign-on: people of an institution come in by the account they have there (OpenID Connect).

Whoever comes must be expected: known from before, with a proven e-mail of an account here, or invited. An address
counts as theirs only where the institution says that it was verified.
"""

from __future__ import annotations

import re
import secrets
from typing import Any

import requests
from allauth.account.models import EmailAddress
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.openid_connect import views
from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from annotation.errors import BadInput, Conflict
from webapp.operations.access_log import record_access

from .invitation_pages import OPENED, room_of_invitation
from .invite import accept_with_new_account, what_is_wrong
from .models import Invitation, User

PROVIDER = "institution"
NOT_IN_NAMES = re.compile(r"[^\w.+-]")


class InstitutionAdapter(DefaultSocialAccountAdapter):
    """Let in whoever is expected, and nobody else."""

    def authenticate_by_email(self, sociallogin: SocialLogin) -> tuple[User, str] | None:
        """Return the account that has proven the address which the institution has verified, if any."""
        if email := verified_email(sociallogin):
            address = EmailAddress.objects.filter(email__iexact=email, verified=True).select_related("user").first()
            if address:
                return address.user, address.email
        return None

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Let somebody new in by their invitation; refuse whoever has none."""
        if sociallogin.is_existing:
            return
        invitation = invitation_for(request, verified_email(sociallogin))
        if invitation is None and not settings.OIDC_SIGN_UP:
            record_access("single sign-on refused: not invited", request=request)
            raise ImmediateHttpResponse(refuse(request))
        try:
            sociallogin.connect(request, make_account(sociallogin, invitation))
        except (BadInput, Conflict) as error:
            raise ImmediateHttpResponse(refuse(request)) from error
        request.session.pop(OPENED, None)
        if invitation:
            sociallogin.state["next"] = room_of_invitation(invitation)

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        """Tell that nobody is asked to fill in a form: whoever may come in has an account by now."""
        return False

    def on_authentication_error(self, request: HttpRequest, provider: Any, **_more: Any) -> None:
        """Go back to the sign-in page; what went wrong there helps nobody here."""
        raise ImmediateHttpResponse(give_up(request))


def verified_email(sociallogin: SocialLogin) -> str:
    """Return the address that the institution has verified, "" where there is none."""
    return next((str(address.email).lower() for address in sociallogin.email_addresses if address.verified), "")


def invitation_for(request: HttpRequest, email: str) -> Invitation | None:
    """Return the invitation that was opened in this session, else one that waits for the address."""
    rows = Invitation.objects.waiting().select_related("campaign__rubric_version", "invited_by")
    opened = list(rows.filter(token_hash=request.session.get(OPENED, "")))
    addressed = list(rows.filter(email__iexact=email)) if email else []
    return next((invitation for invitation in (*opened, *addressed) if not what_is_wrong(invitation)), None)


@transaction.atomic
def make_account(sociallogin: SocialLogin, invitation: Invitation | None) -> User:
    """Return a new account for somebody of the institution, without a password."""
    wanted, email = sociallogin.user, verified_email(sociallogin)
    username = free_name(wanted.username or email.partition("@")[0])
    name = " ".join(filter(None, (wanted.first_name, wanted.last_name)))[:150]
    if invitation:
        _accepted, person = accept_with_new_account(invitation, username=username, display_name=name, password=None)
    else:
        person = User(username=username, first_name=name)
        person.set_unusable_password()
    person.email = email or person.email
    person.save()
    if email:
        EmailAddress.objects.filter(user=person).delete()
        EmailAddress.objects.create(user=person, email=email, verified=True, primary=True)
    return person


def free_name(wanted: str) -> str:
    """Return a name for an account like the one wanted, which nobody has."""
    base = NOT_IN_NAMES.sub("-", wanted.partition("@")[0])[:100].strip("-") or "person"
    if not User.objects.filter(username__iexact=base).exists():
        return base
    return f"{base}-{secrets.token_hex(3)}"


def refuse(request: HttpRequest) -> HttpResponse:
    """Tell somebody of the institution that nobody has invited them."""
    return render(request, "accounts/not_invited.html", {"name": settings.OIDC_NAME}, status=403)


def give_up(request: HttpRequest) -> HttpResponse:
    """Go back to the sign-in page and say that nothing came of it."""
    words = gettext("Signing in with %(name)s came to nothing. Try again.") % {"name": settings.OIDC_NAME}
    messages.error(request, words)
    return redirect("sign-in")


@require_safe
def begin(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Lead to the institution."""
    try:
        return views.login(request, provider_id)  # type: ignore[no-any-return]
    except (requests.RequestException, ValueError, KeyError):
        return give_up(request)


@require_safe
def come_back(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Take in whom the institution sends back."""
    try:
        return views.callback(request, provider_id)  # type: ignore[no-any-return]
    except (requests.RequestException, ValueError, KeyError):
        return give_up(request)
