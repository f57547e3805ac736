"""Embeddings by which copies of an image are recognised, one an image and version of an embedder."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .images import Image
from .model_versions import ModelVersion


class ImageEmbedding(models.Model):
    """One version's embedding of an image: little-endian float32 numbers of length one."""

    # Unlike answers these can be made again, so nothing stands in the way of removing them.
    image = models.ForeignKey(Image, on_delete=models.CASCADE, related_name="embeddings")
    model_version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="embeddings")
    vector = models.BinaryField(_("embedding"))
    made_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("embedding of an image")
        constraints = [
            models.UniqueConstraint(fields=["model_version", "image"], name="an_image_has_one_embedding_a_version"),
        ]

    def __str__(self) -> str:
        return f"{self.image}: {self.model_version}"
