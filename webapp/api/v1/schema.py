"""The JSON Schema of the API."""

from __future__ import annotations

from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from .schemas import json_schema


@api_view(["GET"])
def show(request: Request) -> Response:
    """Answer the JSON Schema of all that the API takes and answers."""
    return Response(json_schema())
