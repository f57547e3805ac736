"""How allauth is to act here: what it says, whom it lets in, whose address it counts."""

from __future__ import annotations

import base64
import hashlib
import ipaddress
import secrets
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context as allauth_context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.contrib import messages
from django.contrib.sites.shortcuts import get_current_site
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from webapp.operations.access_log import address_of

from .mail import send_in_background, sends_mail
from .models import User

NO_MATCH = _("This name and password do not go together. Mind capital letters in the password.")
NOWHERE = "0.0.0.0"  # noqa: S104  an address that nobody has


class AccountAdapter(DefaultAccountAdapter):
    """Sign-in by invitation only, with one answer for names that are there, are not, or are closed."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "username_password_mismatch": NO_MATCH,
        "email_password_mismatch": NO_MATCH,
    }

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count nothing here: the form that signs in counts before it comes to this."""

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """Return whose credentials these are; a closed account is answered as an unknown one."""
        user: User | None = super().authenticate(request, **credentials)
        return user if user is not None and user.is_active else None

    def is_ajax(self, request: HttpRequest) -> bool:
        """Tell that no script of allauth asks: ours are answered in our own words."""
        return False

    def add_message(
        self, request: HttpRequest, level: int, message_template: str | None = None, *args: Any, **options: Any
    ) -> None:
        """Say only what is said in words of ours; that somebody signed in, they see."""
        if options.get("message"):
            super().add_message(request, level, None, *args, **options)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send a message in the background, where there is a server for it."""
        request = allauth_context.request
        known = {"request": request, "email": email, "current_site": get_current_site(request)}
        if sends_mail():
            send_in_background(self.render_mail(template_prefix, email, known | context))

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Return where a changed password leads: to the account it is of."""
        return reverse("account")

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return the client's address, by as many proxies as are believed."""
        try:
            return str(ipaddress.ip_address(address_of(request)))
        except ValueError:  # A socket, or what a client made up.
            return NOWHERE

    def respond_user_inactive(self, request: HttpRequest, user: User) -> HttpResponse:
        """Answer a closed account, whose owner has shown who they are by other means than a password."""
        messages.error(request, str(_("This account is closed.")))
        return redirect("sign-in")

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """Return the ways to show once more who one is, first what is at hand: password, passkey, code."""
        words = {
            "reauthenticate": _("Use your password"),
            "mfa_reauthenticate:webauthn": _("Use a passkey"),
            "mfa_reauthenticate": _("Use a code of your app, or a recovery code"),
        }
        found = {method["id"]: method for method in super().get_reauthentication_methods(user)}
        return [found[name] | {"description": str(said)} for name, said in words.items() if name in found]

    def is_reauthentication_required(self, app: str) -> bool:
        """Tell whether grave changes ask who somebody is once more: wherever they have a way to show it."""
        return bool(self.get_reauthentication_methods(allauth_context.request.user))


class FactorAdapter(DefaultMFAAdapter):
    """Second factors, whose secrets are kept sealed by the installation's own."""

    error_messages = DefaultMFAAdapter.error_messages | {"incorrect_code": _("This code is not right.")}

    def encrypt(self, text: str) -> str:
        """Seal a secret, so that a copy of the database lets nobody in."""
        return seals().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Open a secret; of what another key sealed, return a random one, which no code fits."""
        try:
            return seals().decrypt(encrypted_text.encode()).decode()
        except InvalidToken:
            return base64.b32encode(secrets.token_bytes(20)).decode()

    def generate_authenticator_name(self, user: User, type: Any) -> str:  # noqa: A002  allauth's name for it
        """Return what a passkey is called until its owner says otherwise."""
        number = Authenticator.objects.filter(user=user, type=type).count() + 1
        return gettext("Passkey %(n)s") % {"n": number}

    def get_totp_label(self, user: User) -> str:
        """Return what an app calls the account."""
        return str(user.get_username())


def seals() -> MultiFernet:
    """Return what seals and opens secrets: by the key in force, and opens by those before it."""
    keys = map(str, [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS])
    derived = [hashlib.sha256(b"second factors " + key.encode()).digest() for key in keys]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in derived])
