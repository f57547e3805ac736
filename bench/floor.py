"""The least that storing something over HTTP takes: a bare Django view that stores one row with a commit."""

from __future__ import annotations

from typing import Any

import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import transaction
from django.http import HttpRequest, JsonResponse
from django.urls import path


def store_row(request: HttpRequest) -> JsonResponse:
    """Store a row, and say so."""
    from annotation.models import ViewingCheck  # noqa: PLC0415  no model is there when this module is read

    with transaction.atomic():
        row = ViewingCheck.objects.create(user_id=int(request.GET["user"]), screen={"width": 1})
    return JsonResponse({"stored": row.pk})


urlpatterns: list[Any] = [path("", store_row)]
django.setup()
# In no request at all, so that what is measured is the view and the database.
settings.ROOT_URLCONF = "bench.floor"
settings.MIDDLEWARE = []
application = get_wsgi_application()
