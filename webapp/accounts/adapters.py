"""How allauth is to act here: what it says, whom it lets in, whose address it counts."""

from __future__ import annotations

import ipaddress
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context as allauth_context
from django.contrib.sites.shortcuts import get_current_site
from django.http import HttpRequest
from django.urls import reverse
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
