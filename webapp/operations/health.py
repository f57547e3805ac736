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

from annotation.models import Campaign


@require_safe
@never_cache
def health(request: HttpRequest) -> JsonResponse:
    """Answer "ok" when the database answers and has its tables, else 503."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        prepared = is_prepared()
    except DatabaseError:
        return JsonResponse({"status": "the database does not answer"}, status=503)
    if not prepared:
        return JsonResponse({"status": "the database has no tables yet: run manage.py migrate"}, status=503)
    return JsonResponse({"status": "ok"})


def is_prepared() -> bool:
    """Tell whether the database has its tables. Raise DatabaseError where it does not answer."""
    return Campaign._meta.db_table in connection.introspection.table_names()


def _lacks_tables() -> bool:
    try:
        return not is_prepared()
    except DatabaseError:
        return False


def answer_probes(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Middleware that answers who asks for health, under whatever name and without TLS."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        return health(request) if request.path_info == "/health/" else get_response(request)

    return answer


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer an error of ours: 503 while the database cannot be used, so that a program tries again, else 500."""
    # Django calls this while the error is being handled, and hands it over in no other way.
    outage = isinstance(sys.exc_info()[1], OperationalError | InterfaceError)
    error = sys.exc_info()[1]
    # As SQLite and PostgreSQL say it; only then is the database asked, which may be away.
    is_missing = any(words in str(error) for words in ("no such table", "does not exist"))
    is_bare = isinstance(error, DatabaseError) and is_missing and _lacks_tables()
    status = 503 if outage or is_bare else 500
    words = (
        _("The database cannot be used at the moment. Nothing was half saved; try again.")
        if outage
        else _("Something went wrong on our side. Nothing was half saved; try again.")
    )
    if is_bare:
        words = _("The database has no tables yet. Whoever runs this installation has to run manage.py migrate first.")
    # By the address, not by what is accepted: a program that names no type would get a page.
    if request.path.startswith("/api/"):
        response: HttpResponse = JsonResponse({"error": words}, status=status)
    else:
        response = render(request, "500.html", {"words": words}, status=status)
    if outage:
        response["Retry-After"] = "5"
    return response
