"""What a browser says of its screen at the start of a sitting."""

from __future__ import annotations

from django.http import Http404
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from annotation import policy
from annotation.actions.assignments.check_viewing import check_viewing
from annotation.roles import Role
from webapp.access import person


@api_view(["POST"])
def check(request: Request) -> Response:
    """Store the viewing conditions of an annotator."""
    annotator = person(request)
    if not policy.has_role(annotator, Role.ANNOTATOR):
        raise Http404
    check_viewing(request.data, by=annotator)
    return Response({}, status=201)
