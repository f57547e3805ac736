"""Who signed in, failed to, took files along or got another role: a line of JSON each, for those who look after the
installation and the programs they collect logs with.

No line holds a password, a key of a session or what was typed as the name of an account that is not there.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any, cast

from django.db import transaction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

logger = logging.getLogger("connoisseur.access")
LONGEST_AGENT = 200
# Whom a change deep in the code is made for; None in commands and workers.
current_request: ContextVar[HttpRequest | None] = ContextVar("current_request", default=None)


def address_of(request: HttpRequest | None) -> str:
    """Return the client's address."""
    # It knows how many proxies to believe (NUM_PROXIES); a header alone could name any address.
    return str(BaseThrottle().get_ident(cast(Request, request)) or "") if request is not None else ""


def record_access(what: str, *, request: HttpRequest | None = None, **details: Any) -> None:
    """Write a line once the change is stored: who did what, when, from which address and with which program."""
    request = request or current_request.get()
    person = getattr(request, "user", None)
    line = {
        "at": timezone.now().isoformat(timespec="milliseconds"),
        "what": what,
        "who": person.get_username() if person is not None and person.is_authenticated else None,
        "from": address_of(request) or "this machine",
        "agent": request.headers.get("User-Agent", "")[:LONGEST_AGENT] if request is not None else "",
        **details,
    }
    # As ASCII: what a client sends cannot begin a line of its own.
    transaction.on_commit(lambda: logger.info(json.dumps(line)))


class RecordDownloads:
    """Middleware that records each file that somebody takes along, whatever page sends it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        token = current_request.set(request)
        try:
            response = self.get_response(request)
            if response.status_code == 200 and response.get("Content-Disposition", "").startswith("attachment"):
                record_access("downloaded", request=request, path=request.get_full_path())
        finally:
            current_request.reset(token)
        return response
