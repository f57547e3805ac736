"""Check who signs in, and how often it is tried."""

from __future__ import annotations

import hashlib
from typing import Any, cast

from django.contrib.auth.forms import AuthenticationForm
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

WINDOW = 60  # seconds, beginning with the first try
TRIES_PER_ADDRESS = 20
TRIES_PER_ACCOUNT = 10


def key_of(subject: str) -> str:
    """Return under which key a subject's failures are counted."""
    # Hashed: a name may hold what no cache accepts in a key, and the cache need not know who signs in.
    return f"sign-in:{hashlib.sha256(subject.encode()).hexdigest()}"


def failures(subject: str) -> int:
    """Return how often a subject failed in its window."""
    return int(cache.get(key_of(subject), 0))


def count_failure(subject: str) -> None:
    """Count one more failure."""
    # To add and then count leaves the end of the window where it was; setting it anew would move it with every try.
    cache.add(key_of(subject), 0, timeout=WINDOW)
    try:
        cache.incr(key_of(subject))
    except ValueError:  # The window ended between the two lines.
        cache.set(key_of(subject), 1, timeout=WINDOW)


class SignInForm(AuthenticationForm):
    """Ask for name and password; after so many failures a minute from one address, or on one account, no more."""

    error_messages = {
        "invalid_login": _("This name and password do not go together. Both are case-sensitive."),
        "inactive": _("This account is closed."),
        "too_many": _("Too many tries. Wait a minute, then try again."),
    }

    def clean(self) -> dict[str, Any]:
        """Check the password, unless it has been tried too often."""
        # It knows how many proxies to believe (NUM_PROXIES); a header alone could name any address.
        address = BaseThrottle().get_ident(cast(Request, self.request))
        account = self.cleaned_data.get("username", "").casefold()
        # An account's failures count by address, so that a stranger cannot lock anybody out.
        here, both = f"address {address}", f"account {account} from {address}"
        if failures(here) >= TRIES_PER_ADDRESS or failures(both) >= TRIES_PER_ACCOUNT:
            raise ValidationError(self.error_messages["too_many"], code="too_many")
        try:
            return super().clean()
        except ValidationError:
            count_failure(here)
            count_failure(both)
            raise
