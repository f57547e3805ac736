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


def tries(subject: str) -> int:
    """Count one more try for a subject and return how many there were in its window."""
    key = f"sign-in:{hashlib.sha256(subject.encode()).hexdigest()}"
    cache.add(key, 0, timeout=WINDOW)
    try:
        return cache.incr(key)
    except ValueError:  # The window ended between the two lines.
        return 1


class SignInForm(AuthenticationForm):
    """Ask for name and password, at most so many times a minute from one address and for one account."""

    error_messages = {
        "invalid_login": _("This name and password do not go together. Both are case-sensitive."),
        "inactive": _("This account is closed."),
        "too_many": _("Too many tries. Wait a minute, then try again."),
    }

    def clean(self) -> dict[str, Any]:
        """Check the password, unless it has been tried too often."""
        address = BaseThrottle().get_ident(cast(Request, self.request))
        account = self.cleaned_data.get("username", "").casefold()
        counts = tries(f"address {address}"), tries(f"account {account}")
        if counts[0] > TRIES_PER_ADDRESS or counts[1] > TRIES_PER_ACCOUNT:
            raise ValidationError(self.error_messages["too_many"], code="too_many")
        return super().clean()
