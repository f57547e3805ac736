"""Check who signs in, and how often it is tried."""

from __future__ import annotations

import secrets
from typing import Any, cast

from allauth.account import forms as account_forms
from allauth.account.internal.userkit import filter_users_by_email
from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from webapp.operations.access_log import address_of, record_access

from .tries import Limit, count_try, forget_old_tries, give_back, network_of

MINUTE, HOUR = 60, 3600
TRIES_PER_ADDRESS = 20
TRIES_PER_ACCOUNT = 10
# By whoever has never signed in as this account in the same browser, from wherever: guessers may have many addresses.
TRIES_BY_STRANGERS = 50

# A browser in which somebody signed in is known by a signed cookie, so that strangers who try their account day and
# night lock out strangers only.
KNOWN_BROWSER = "known-browser"
KNOWN_FOR = 365 * 24 * HOUR


class SignInForm(account_forms.LoginForm):
    """Name or e-mail, and password; after so many failures from one address, or on one account, no more for a while."""

    error_messages = {
        "too_many": _("Too many tries. Wait a minute, then try again."),
        "too_many_strangers": _(
            "Too many tries on this account. Sign in with a browser in which you did so before, or wait an hour."
        ),
    }
    seconds_refused = 0

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        name = {"autocomplete": "username", "autocapitalize": "none", "autofocus": True}
        self.fields["login"] = forms.CharField(
            label=_("Name or e-mail"), max_length=254, widget=forms.TextInput(attrs=name)
        )
        password = {"autocomplete": "current-password"}
        self.fields["password"] = forms.CharField(
            label=_("Password"), strip=False, widget=forms.PasswordInput(attrs=password)
        )

    def add_prefix(self, field_name: str) -> str:
        """Return under which name a field is sent: the first as browsers, which keep passwords, call it."""
        return super().add_prefix("username" if field_name == "login" else field_name)  # type: ignore[no-any-return]

    def clean(self) -> dict[str, Any]:
        """Check the password, unless it has been tried too often."""
        limits = self.limits()
        counted, self.seconds_refused = count_try(limits)
        if self.seconds_refused:
            record_access("sign-in refused: too many tries", request=self.request)
            code = "too_many" if self.seconds_refused <= MINUTE else "too_many_strangers"
            raise ValidationError(self.error_messages[code], code="too_many")
        cleaned: dict[str, Any] = super().clean()
        # What failed, for whatever reason, has been counted already.
        give_back(counted)
        forget_old_tries()
        return cleaned

    @property
    def account(self) -> str:
        """Return whose account is tried, as it is counted: by its name, whether that or the e-mail was typed."""
        typed = str(self.cleaned_data.get("login", ""))
        people = filter_users_by_email(typed, for_login=True) if "@" in typed else []
        return str(people[0].get_username() if len(people) == 1 else typed).casefold()

    def limits(self) -> list[Limit]:
        """Return what this try counts against, the address first: who reached that one adds to no other."""
        network = network_of(address_of(self.request))
        here = Limit(f"address {network}", TRIES_PER_ADDRESS, MINUTE)
        if browser := self.known_browser():
            return [here, Limit(f"account {self.account} in {browser}", TRIES_PER_ACCOUNT, MINUTE)]
        return [
            here,
            Limit(f"account {self.account} from {network}", TRIES_PER_ACCOUNT, MINUTE),
            Limit(f"account {self.account}", TRIES_BY_STRANGERS, HOUR),
        ]

    def known_browser(self) -> str:
        """Return the name of this browser where this very account has signed in with it before, else ""."""
        request = cast(HttpRequest, self.request)
        kept = request.get_signed_cookie(KNOWN_BROWSER, default="", salt=KNOWN_BROWSER, max_age=KNOWN_FOR)
        browser, _separator, account = str(kept).partition(" ")
        return browser if account == Limit(self.account, 0, 0).key else ""

    def browser_to_know(self) -> str:
        """Return what the cookie says from now on."""
        return f"{self.known_browser() or secrets.token_urlsafe(12)} {Limit(self.account, 0, 0).key}"
