"""When people were last here: noted now and then, as nobody waits for it."""

from __future__ import annotations

from collections.abc import Callable

from allauth.usersessions.models import UserSession
from django.core.cache import caches
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
        key = request.session.session_key
        if key and request.session.accessed and caches["process"].add(f"seen:{key}", True, NOTED_EVERY):
            UserSession.objects.filter(session_key=key).update(last_seen_at=timezone.now())
        return response
