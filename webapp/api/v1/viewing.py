"""What a browser says of its screen at the start of a sitting."""

from __future__ import annotations

from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from annotation.actions.assignments.check_viewing import check_viewing
from webapp.access import person


@api_view(["POST"])
def check(request: Request) -> Response:
    """Store the viewing conditions of an annotator."""
    check_viewing(request.data, by=person(request))
    return Response({}, status=201)
