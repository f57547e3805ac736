"""Keep images by the hash of their bytes, with what is served of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from annotation.roles import ADJUDICATE, ANNOTATE, AUDIT, is_administrator

from .visibility import with_role

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser, AnonymousUser


# Two digits of the hash make 256 folders; a single one with all files would be slow to list.
def original_path(image: Image, filename: str) -> str:
    """Return where the bytes as they came are kept; they are never served."""
    return f"originals/{image.sha256[:2]}/{image.sha256}.{image.extension}"


def stripped_path(image: Image, filename: str) -> str:
    """Return where the full-size copy without metadata is kept."""
    return f"stripped/{image.sha256[:2]}/{image.sha256}.{image.extension}"


def display_path(image: Image, filename: str) -> str:
    """Return where the copy for the screen is kept."""
    return f"display/{image.sha256[:2]}/{image.sha256}.webp"


def thumbnail_path(image: Image, filename: str) -> str:
    """Return where the thumbnail is kept."""
    return f"thumbnails/{image.sha256[:2]}/{image.sha256}.webp"


def tiles_path(image: Image, filename: str) -> str:
    """Return where the tiles are kept, all in one file."""
    return f"tiles/{image.sha256[:2]}/{image.sha256}.zip"


def sealed_path(image: Image, field: str) -> str:
    """Return where the file of a field is kept once it is sealed."""
    return f"sealed/{field}/{image.sha256[:2]}/{image.sha256}.{image.extension}"


class NearDuplicateGroup(models.Model):
    """Images tied together because they show nearly the same, or may, directly or through others."""

    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("near-duplicate group")

    def __str__(self) -> str:
        return f"group {self.pk}"


class ImageQuerySet(models.QuerySet["Image"]):
    def visible_to(self, user: AbstractBaseUser | AnonymousUser) -> ImageQuerySet:
        """Keep the images this person may look at.

        All of a campaign to whoever reads it, those of cases to an adjudicator to whom they were never assigned, and
        to everybody those ever assigned to them where they still annotate.
        """
        if not user.is_active:
            return self.none()
        if is_administrator(user):
            return self
        # Ever assigned, not now: people may look again at what they judged or skipped.
        assigned = Q(assignments__annotator=user.pk)
        own = assigned & with_role(user, ANNOTATE, "assignments__campaign")
        cases = with_role(user, ADJUDICATE, "cases__campaign") & ~assigned
        return self.filter(with_role(user, AUDIT, "campaigns") | cases | own).distinct()

    def withdrawn(self) -> ImageQuerySet:
        """Keep the withdrawn images."""
        return self.filter(withdrawals__isnull=False).distinct()

    def not_withdrawn(self) -> ImageQuerySet:
        """Keep the images that may be shown, handed out and sent to models."""
        return self.filter(withdrawals=None)

    def without_tiles(self, least_pixels: int) -> ImageQuerySet:
        """Keep the images of more pixels than these that were imported before tiles were made."""
        untiled = self.not_withdrawn().filter(tiles="")
        return untiled.alias(pixels=F("width") * F("height")).filter(pixels__gt=least_pixels)


class Image(models.Model):
    """One image, known by the SHA-256 of its original bytes."""

    class Format(models.TextChoices):
        """The accepted file formats."""

        JPEG = "JPEG", "JPEG"
        PNG = "PNG", "PNG"
        WEBP = "WEBP", "WebP"

    class Files(models.TextChoices):
        """What is in storage of it; a withdrawn image is not served, whatever is."""

        SERVED = "served", _("in storage")
        SEALED = "sealed", _("sealed: kept in storage, never served")
        ERASED = "erased", _("erased from storage")

    sha256 = models.CharField(_("SHA-256"), max_length=64, unique=True)
    stripped_sha256 = models.CharField(_("SHA-256 of the copy without metadata"), max_length=64)
    perceptual_hash = models.CharField(_("perceptual hash"), max_length=16)
    turned_hashes = models.CharField(
        _("perceptual hashes of the image turned and mirrored"), max_length=112, blank=True
    )
    # Kept, so that a newcomer is compared with all images without opening their files.
    miniature = models.BinaryField(_("32 by 32 grey levels"), max_length=1024, default=b"")
    group = models.ForeignKey(
        NearDuplicateGroup, on_delete=models.PROTECT, related_name="images", verbose_name=_("near-duplicate group")
    )
    format = models.CharField(_("format"), max_length=4, choices=Format)
    width = models.PositiveIntegerField(_("width"))
    height = models.PositiveIntegerField(_("height"))
    byte_size = models.PositiveBigIntegerField(_("size in bytes"))
    original_name = models.CharField(_("file name"), max_length=255)
    original = models.FileField(_("original file"), upload_to=original_path, max_length=200)
    stripped = models.FileField(_("copy without metadata"), upload_to=stripped_path, max_length=200)
    display = models.FileField(_("copy for screens"), upload_to=display_path, max_length=200)
    thumbnail = models.FileField(_("thumbnail"), upload_to=thumbnail_path, max_length=200)
    tiles = models.FileField(_("tiles, where it is large"), upload_to=tiles_path, max_length=200, blank=True)
    files = models.CharField(_("files"), max_length=6, choices=Files, default=Files.SERVED)
    subcategory = models.CharField(_("subcategory in the manifest"), max_length=50, blank=True)
    licence = models.CharField(_("licence"), max_length=100, blank=True)
    author = models.CharField(_("author"), max_length=200, blank=True)
    source = models.CharField(_("source"), max_length=500, blank=True)
    title = models.CharField(_("title"), max_length=200, blank=True)
    note = models.CharField(_("note"), max_length=500, blank=True)
    # A property of the image, not of a campaign: it stays in its split in every release there will be.
    split = models.CharField(_("split"), max_length=10, blank=True)
    split_reason = models.CharField(_("why this split"), max_length=200, blank=True)
    split_group = models.CharField(_("name of its near-duplicate group in releases"), max_length=64, blank=True)
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)

    objects = ImageQuerySet.as_manager()

    class Meta:
        ordering = ["sha256"]
        verbose_name = _("image")
        verbose_name_plural = _("images")

    def __str__(self) -> str:
        return self.title or self.original_name

    @property
    def is_withdrawn(self) -> bool:
        """Tell whether it is gone for good: shown to nobody, handed out nowhere, sent to no model."""
        return self.withdrawals.exists()

    @property
    def all_hashes(self) -> list[str]:
        """Return its perceptual hash, then those of the image turned and mirrored, where they are known."""
        turned = self.turned_hashes
        return [self.perceptual_hash, *(turned[start : start + 16] for start in range(0, len(turned), 16))]

    def read_stripped(self) -> bytes:
        """Return the copy without metadata. Raise OSError when it is not there."""
        with self.stripped.open("rb") as file:
            data: bytes = file.read()
        return data

    @property
    def extension(self) -> str:
        """Return the file extension of its format."""
        # By what the bytes are, as the name they came under may lie.
        return {"JPEG": "jpg", "PNG": "png", "WEBP": "webp"}[self.format]
