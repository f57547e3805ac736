"""Images for those who may see them: copies without metadata, never the original."""

from __future__ import annotations

from typing import TypeVar

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET, require_safe

from annotation.actions.assignments.compare import may_compare_image
from annotation.actions.assignments.look_ahead import may_fetch_image
from annotation.actions.jobs.references import signed_image
from annotation.images.tiles import read_tile
from annotation.models import Image

ResponseType = TypeVar("ResponseType", bound=HttpResponseBase)

FIELDS = {"display": "display", "thumbnail": "thumbnail", "full": "stripped"}


@require_safe
@login_required
def image(request: HttpRequest, pk: int, size: str) -> FileResponse:
    """Send one copy of an image. The copies never change, so a browser may keep them."""
    if size not in FIELDS:
        raise Http404
    row = Image.objects.visible_to(request.user).filter(pk=pk).first()
    if row is None:
        row = get_object_or_404(Image, pk=pk)
        # Only the copy that the page shows first is worth fetching before the image is handed out.
        is_upcoming = size == "display" and may_fetch_image(request.user, row)
        if not is_upcoming and not may_compare_image(request.user, row):
            raise Http404
    return with_private_cache(FileResponse(getattr(row, FIELDS[size]).open("rb")))


@require_safe
@login_required
def tile(request: HttpRequest, pk: int, level: int, column: int, row: int) -> HttpResponse:
    """Send one tile of a large image, to whom the image itself is sent."""
    tiled_images = Image.objects.exclude(tiles="")
    image = tiled_images.visible_to(request.user).filter(pk=pk).first()
    if image is None:
        image = get_object_or_404(tiled_images, pk=pk)
        if not may_fetch_image(request.user, image) and not may_compare_image(request.user, image):
            raise Http404
    with image.tiles.open("rb") as archive:
        tile_bytes = read_tile(archive, level, column, row)
    if tile_bytes is None:
        raise Http404
    return with_private_cache(HttpResponse(tile_bytes, content_type="image/jpeg"))


def with_private_cache(response: ResponseType) -> ResponseType:
    """Let the browser of this one person keep what never changes."""
    # Never public: a cache between us and the browser would hand the image to whoever asks next.
    response["Cache-Control"] = "private, max-age=31536000, immutable"
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_GET
def signed_image_file(request: HttpRequest, token: str) -> FileResponse:
    """Send the copy without metadata to whoever holds a token of ours that has not ended: a model worker."""
    row = signed_image(token)
    if row is None:
        raise Http404
    try:
        response = FileResponse(row.stripped.open("rb"))
    except FileNotFoundError as error:
        raise Http404 from error
    # The address ends; a copy kept along the way would not.
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response
