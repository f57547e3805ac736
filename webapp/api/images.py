"""Serve pictures to those who may see them: copies without metadata, never the original."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from annotation.models import Image

FIELDS = {"display": "display", "thumbnail": "thumbnail", "full": "stripped"}


@require_safe
@login_required
def image(request: HttpRequest, pk: int, size: str) -> FileResponse:
    """Send one copy of a picture. The copies never change, so a browser may keep them."""
    row = get_object_or_404(Image.objects.visible_to(request.user), pk=pk)
    if size not in FIELDS:
        raise Http404
    response = FileResponse(getattr(row, FIELDS[size]).open("rb"))
    response["Cache-Control"] = "private, max-age=31536000, immutable"
    response["X-Content-Type-Options"] = "nosniff"
    return response
