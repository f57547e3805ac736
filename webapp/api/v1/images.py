"""Images for those who may see them: copies without metadata, never the original, nothing of a withdrawn one."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.views.decorators.http import require_GET, require_safe

from annotation.actions.assignments.compare import may_compare_image
from annotation.actions.assignments.look_ahead import may_fetch_image
from annotation.actions.jobs.references import signed_image
from annotation.images.tiles import read_tile
from annotation.models import Image

FIELDS = {"display": "display", "thumbnail": "thumbnail", "full": "stripped"}


@require_safe
@login_required
def image(request: HttpRequest, pk: int, size: str) -> HttpResponseBase:
    """Send one copy of an image; of a withdrawn one a tombstone, to whoever might see it before."""
    if size not in FIELDS:
        raise Http404
    row = Image.objects.visible_to(request.user).filter(pk=pk).first()
    if row is None:
        row = get_object_or_404(Image, pk=pk)
        # Only the copy that the page shows first is worth fetching before the image is handed out.
        is_upcoming = size == "display" and may_fetch_image(request.user, row)
        if not is_upcoming and not may_compare_image(request.user, row):
            raise Http404
    if row.is_withdrawn:
        return tombstone(request, size)
    field = getattr(row, FIELDS[size])
    return if_changed(request, row, lambda: FileResponse(field.open("rb")))


@require_safe
@login_required
def tile(request: HttpRequest, pk: int, level: int, column: int, row: int) -> HttpResponseBase:
    """Send one tile of a large image, to whom the image itself is sent."""
    tiled_images = Image.objects.exclude(tiles="")
    image = tiled_images.visible_to(request.user).filter(pk=pk).first()
    if image is None:
        image = get_object_or_404(tiled_images, pk=pk)
        if not may_fetch_image(request.user, image) and not may_compare_image(request.user, image):
            raise Http404
    if image.is_withdrawn:
        return tombstone(request, "tile")
    tiles = image.tiles

    def send_tile() -> HttpResponse:
        with tiles.open("rb") as archive:
            tile_bytes = read_tile(archive, level, column, row)
        if tile_bytes is None:
            raise Http404
        return HttpResponse(tile_bytes, content_type="image/jpeg")

    return if_changed(request, image, send_tile)


def if_changed(request: HttpRequest, row: Image, send: Callable[[], HttpResponseBase]) -> HttpResponseBase:
    """Send a copy, or say that the browser's own still holds; it asks each time, as the image may be withdrawn."""
    # An address never changes what it holds, so the image's hash tells enough.
    etag = quote_etag(row.stripped_sha256)
    response: HttpResponseBase | None = get_conditional_response(request, etag=etag)
    if response is None:
        response = send()
    response["ETag"] = etag
    # Never public: a cache between us and the browser would hand the image to whoever asks next.
    response["Cache-Control"] = "private, no-cache"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def tombstone(request: HttpRequest, size: str) -> HttpResponse:
    """Say that an image was withdrawn; in a list with a picture that says so, elsewhere with nothing to look at."""
    # Never in the place where an image is judged: what stands there was not the image.
    if size != "thumbnail":
        response = HttpResponse(status=410)
    else:
        response = render(request, "webapp/withdrawn.svg", status=410, content_type="image/svg+xml")
    response["Cache-Control"] = "private, no-store"
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
