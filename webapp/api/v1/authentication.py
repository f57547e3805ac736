"""Who sends a request: the person whose session it is, on a page that was made for them."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request


class PageAuthentication(SessionAuthentication):
    """A session, which has to be that of the person whose page sends the request, where it says whose it is.

    All tabs share one session: after somebody else has signed in, an older page would go on in the new name.
    """

    def authenticate(self, request: Request) -> tuple[Any, None] | None:
        """Return who is signed in, None when nobody is. Raise AuthenticationFailed for another person's page."""
        signed_in = super().authenticate(request)
        page = request.headers.get("X-Person", "")
        if signed_in and page and page != signed_in[0].pseudonym:
            raise AuthenticationFailed(_("somebody else is signed in by now; nothing is stored in their name"))
        return signed_in
