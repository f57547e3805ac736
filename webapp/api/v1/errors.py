"""Turn the domain's errors into JSON answers: one clear sentence, and a message per field where there are fields."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.utils.translation import gettext as _
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import exception_handler

from annotation.errors import BadInput, Conflict, ConnoisseurError, FieldsInvalid, ImageWithdrawn, NotAllowed, WorkEnded
from webapp.wording import say, translate

from . import describe
from .assignments import own_assignment

STATUS: tuple[tuple[type[ConnoisseurError], int], ...] = (
    (BadInput, status.HTTP_400_BAD_REQUEST),
    # Before what it is a kind of: a page takes such an image away.
    (ImageWithdrawn, status.HTTP_410_GONE),
    (Conflict, status.HTTP_409_CONFLICT),
    # Whoever may not do a thing cannot learn that it exists.
    (NotAllowed, status.HTTP_404_NOT_FOUND),
)


def answer_error(error: Exception, context: dict[str, Any]) -> Response | None:
    """Return the JSON answer to an error, or None for one that is ours to fix."""
    if isinstance(error, ConnoisseurError):
        return _answer(error, context)
    if isinstance(error, RequestDataTooBig):
        words = _("too much at once; at most 2.5 MB are accepted")
        return Response({"error": words}, status=status.HTTP_413_REQUEST_ENTITY_TOO_LARGE)
    response = exception_handler(error, context)
    if response is None:
        return None
    detail = response.data.get("detail", "") if isinstance(response.data, dict) else ""
    response.data = {"error": str(detail) or _("the request is not understood")}
    # By sessions alone REST framework answers 403, so the status cannot tell who is signed out from who is refused.
    if isinstance(error, exceptions.NotAuthenticated | exceptions.AuthenticationFailed):
        response.data["signed_out"] = True
    return response


def _answer(error: ConnoisseurError, context: dict[str, Any]) -> Response:
    code = next(code for kind, code in STATUS if isinstance(error, kind))
    # The error's own words name the person and the rule; they are for the log.
    if isinstance(error, NotAllowed):
        return Response({"error": _("not found")}, status=code)
    body: dict[str, Any] = {"error": say(error)}
    if isinstance(error, FieldsInvalid):
        body["fields"] = {field: translate(message) for field, message in error.errors.items() if field}
    # Where work has ended there are no two versions to choose from.
    if isinstance(error, Conflict) and not isinstance(error, WorkEnded) and "pk" in context["kwargs"]:
        # How things stand, so that the page can show both.
        body["assignment"] = describe.assignment(own_assignment(context["request"], context["kwargs"]["pk"]))
    return Response(body, status=code)
