"""Middleware that holds for every page: what no address may hold, and what no browser may keep."""

from __future__ import annotations

from collections.abc import Callable

from django.core.exceptions import SuspiciousOperation
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase

View = Callable[[HttpRequest], HttpResponseBase]
ZERO_BYTE = "\0"


def refuse_zero_bytes(get_response: View) -> View:
    """Find nothing under an address with a zero byte, which one database takes for text, the other for an error."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        if ZERO_BYTE in request.path_info:
            raise Http404
        if any(ZERO_BYTE in value for values in request.GET.lists() for value in (values[0], *values[1])):
            raise SuspiciousOperation("a zero byte in the query")
        return get_response(request)

    return answer


def keep_nothing(get_response: View) -> View:
    """Ask browsers and proxies to keep no page and no answer: each is for one person, and may hold others' work."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        # Images and the like say themselves for how long they are good.
        response.headers.setdefault("Cache-Control", "private, no-store")
        if request.path_info == "/sign-out/" and request.method == "POST":
            # Not the storage, where unsent work waits, nor cookies, of which one says that this browser is known.
            response.headers["Clear-Site-Data"] = '"cache"'
        return response

    return answer
