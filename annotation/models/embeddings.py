"""Keep the embeddings by which copies of an image are told, one an image and version of an embedder."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .images import Image


class ImageEmbeddingQuerySet(models.QuerySet["ImageEmbedding"]):
    """Ask about many embeddings."""

    def by(self, embedder: str, version: str) -> ImageEmbeddingQuerySet:
        """Keep those of one version of an embedder."""
        return self.filter(embedder=embedder, version=version)

    def described(self) -> ImageEmbeddingQuerySet:
        """Keep the images that have an embedding."""
        return self.filter(error="")

    def failed(self) -> ImageEmbeddingQuerySet:
        """Keep the images that were set aside."""
        return self.exclude(error="")


class ImageEmbedding(models.Model):
    """Hold one version's embedding of an image: little-endian float32 numbers of length one; or why there is none."""

    image = models.ForeignKey(Image, on_delete=models.CASCADE, related_name="embeddings")
    embedder = models.CharField(_("embedder"), max_length=50)
    version = models.CharField(_("version of the embedder"), max_length=100)
    vector = models.BinaryField(_("embedding"), default=b"")
    error = models.TextField(_("error"), blank=True)
    made_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = ImageEmbeddingQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("embedding of an image")
        constraints = [
            models.UniqueConstraint(
                fields=["embedder", "version", "image"], name="an_image_has_one_embedding_a_version"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.image}: {self.error or f'{self.embedder} {self.version[:12]}'}"
