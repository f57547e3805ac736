"""Make the tiles of large images that were imported before there were any.

They are copies, made again at any time from what is kept: no event tells of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from django.db import transaction

from annotation.errors import ImageRefused
from annotation.images.tiles import LEAST_PIXELS, cut_tiles
from annotation.models import Image
from annotation.models.images import tiles_path

from .import_images import files_undone_on_failure


@dataclass
class TilesReport:
    """How many images have tiles now, and which could not be read, with the reason."""

    made: int = 0
    refused: dict[str, str] = field(default_factory=dict)


def make_tiles(*, progress: Callable[[int, int], None] | None = None) -> TilesReport:
    """Cut every large image that has no tiles yet; a second run finds nothing left to do.

    `progress` is told how many images are done and how many there are.
    """
    report = TilesReport()
    image_ids = list(Image.objects.without_tiles(LEAST_PIXELS).values_list("pk", flat=True))
    for count, pk in enumerate(image_ids, 1):
        image = Image.objects.get(pk=pk)
        try:
            _write_tiles(image)
            report.made += 1
        # One lost file is no reason to leave the others without tiles.
        except (ImageRefused, OSError) as refusal:
            report.refused[image.original_name] = str(refusal)
        if progress:
            progress(count, len(image_ids))
    return report


def _write_tiles(image: Image) -> None:
    """Write the tiles and say so in the image's row, both or neither."""
    with image.stripped.open("rb") as file:
        archive = cut_tiles(file.read())
    image.tiles.name = tiles_path(image, "")
    with files_undone_on_failure(image.tiles.storage) as write, transaction.atomic():
        write(str(image.tiles.name), archive)
        image.save(update_fields=["tiles"])
