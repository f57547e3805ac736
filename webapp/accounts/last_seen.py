"""When people were last here: noted now and then, as nobody waits for it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.usersessions.models import UserSession
from django.core.cache import caches
from django.db import DatabaseError
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone

NOTED_EVERY = 300  # Seconds.


class NoteActivity:
    """Middleware that notes, at most every few minutes, that a session is in use."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        # After the answer, and only where the session was read anyway: images ask for no account but once.
        session, key = request.session, request.session.session_key
        is_listed = bool(key) and session.accessed and AUTHENTICATION_METHODS_SESSION_KEY in session
        if is_listed and caches["process"].add(f"seen:{key}", True, NOTED_EVERY):
            # What was answered stays answered, even if a database is away or busy by now.
            with suppress(DatabaseError):
                UserSession.objects.filter(session_key=key).update(last_seen_at=timezone.now())
        return response
