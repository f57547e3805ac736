"""Whether the application is well, and what people are told when it is not."""

from __future__ import annotations

import sys
from collections.abc import Callable

from django.db import DatabaseError, InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe


@require_safe
@never_cache
def health(request: HttpRequest) -> JsonResponse:
    """Answer "ok" when the database answers, else 503."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return JsonResponse({"status": "the database does not answer"}, status=503)
    return JsonResponse({"status": "ok"})


def answer_probes(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Middleware that answers who asks for health, under whatever name and without TLS."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        return health(request) if request.path_info == "/health/" else get_response(request)

    return answer


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer an error of ours: 503 while the database cannot be used, so that a program tries again, else 500."""
    # Django calls this while the error is being handled, and hands it over in no other way.
    outage = isinstance(sys.exc_info()[1], OperationalError | InterfaceError)
    status = 503 if outage else 500
    words = (
        _("The database cannot be used at the moment. Nothing was half saved; try again.")
        if outage
        else _("Something went wrong on our side. Nothing was half saved; try again.")
    )
    # By the address, not by what is accepted: a program that names no type would get a page.
    if request.path.startswith("/api/"):
        response: HttpResponse = JsonResponse({"error": words}, status=status)
    else:
        response = render(request, "500.html", {"words": words}, status=status)
    if outage:
        response["Retry-After"] = "5"
    return response
