"""The files of withdrawn images: erased from storage, or sealed where nobody has asked for them to be gone.

Nothing of a withdrawn image is served, whatever lies in storage: views, signed addresses and references for workers ask
for its withdrawals. This takes away what others could still get at, such as an address that a bucket has signed.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable

from django.contrib.auth.models import AbstractBaseUser
from django.core.files.base import ContentFile
from django.db import transaction

from annotation.actions.events.record import record_event
from annotation.models import Image
from annotation.models.images import sealed_path

# Made from the others, and made again by whoever takes the image back into a campaign of another installation.
COPIES = ("display", "thumbnail", "tiles")
SOURCES = ("original", "stripped")
DESCRIPTION = ("title", "note", "author", "source")

logger = logging.getLogger(__name__)


def remove_files(image: Image, *, erase: bool, by: AbstractBaseUser | None) -> str:
    """Erase or seal the files of a withdrawn image and return its `files`, as of now.

    Called outside of a transaction, as no rollback brings files back. What a storage that is down refuses is left for
    `remove_unfinished`; a second call does nothing.
    """
    try:
        if erase and image.files != Image.Files.ERASED:
            _erase_files(image, by)
        elif not erase and image.files == Image.Files.SERVED:
            _seal_files(image, by)
    # Each storage has errors of its own. That the image is withdrawn stands, whatever becomes of its files.
    except Exception:
        logger.exception("the files of withdrawn image %s could not be removed", image.sha256)
        image.refresh_from_db()
    return str(image.files)


def remove_unfinished() -> list[Image]:
    """Remove the files of withdrawn images that are still in storage; return those images, with what came of it."""
    images = list(Image.objects.withdrawn().filter(files=Image.Files.SERVED))
    for image in images:
        remove_files(image, erase=any(withdrawal.erases for withdrawal in image.withdrawals.all()), by=None)
    return images


def _erase_files(image: Image, by: AbstractBaseUser | None) -> None:
    _delete(image, (*COPIES, *SOURCES))
    with transaction.atomic():
        # Each by itself shows or names what is to be forgotten. Hashes stay: by them the image is known if it returns.
        image.miniature = b""
        for name in DESCRIPTION:
            setattr(image, name, "")
        image.original_name = f"{image.sha256[:12]}.{image.extension}"
        image.embeddings.all().delete()
        _note_files(image, Image.Files.ERASED, by, ("miniature", "original_name", *DESCRIPTION))


def _seal_files(image: Image, by: AbstractBaseUser | None) -> None:
    storage = image.original.storage
    old_names = {name: str(getattr(image, name).name) for name in SOURCES}
    for name, old in old_names.items():
        with storage.open(old, "rb") as file:
            content = file.read()
        # Moved, so that no address signed before leads to it. What lies there is left from a try that broke off.
        new = sealed_path(image, name)
        storage.delete(new)
        storage.save(new, ContentFile(content))
        getattr(image, name).name = new
    with transaction.atomic():
        _note_files(image, Image.Files.SEALED, by, SOURCES)
    for old in old_names.values():
        storage.delete(old)
    _delete(image, COPIES)


def _delete(image: Image, names: Iterable[str]) -> None:
    for name in names:
        file = getattr(image, name)
        if file:
            file.storage.delete(file.name)


def _note_files(image: Image, files: Image.Files, by: AbstractBaseUser | None, fields: Iterable[str]) -> None:
    image.files = files
    image.save(update_fields=["files", *fields])
    details = {"image": image.sha256, "files": str(files)}
    for campaign in image.campaigns.order_by("pk"):
        record_event(campaign, f"image.{files}", image, by=by, content=details, details=details)
