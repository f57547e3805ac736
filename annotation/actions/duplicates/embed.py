"""Embeddings as a kind of run: stored, and compared with all of their version for near duplicates."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import Any

from annotation.actions.events.record import record_event
from annotation.actions.jobs.kinds import RunKind
from annotation.actions.jobs.references import image_reference
from annotation.images.embeddings import objection
from annotation.models import Image, ImageEmbedding, ModelVersion, Run
from annotation.models.images import ImageQuerySet
from mlworker import contract

from .compare_embeddings import pair_near_duplicates
from .group_images import lock_groups


class EmbedKind(RunKind[contract.Embedding]):
    """An embedder asked for a vector of each image."""

    models = "embedder"

    def lacking(self, images: ImageQuerySet, version: ModelVersion) -> ImageQuerySet:
        """Keep the images, none of them withdrawn, without an embedding of this version."""
        return images.not_withdrawn().exclude(embeddings__model_version=version)

    def request_for(self, image: Image, run: Run) -> contract.EmbedRequest:
        """Return what the worker is asked about one image: the copy without metadata."""
        return contract.EmbedRequest(image_reference(image), image.stripped_sha256, run.model_version.name)

    def read_result(self, data: dict[str, Any]) -> contract.Embedding:
        """Return a worker's embedding."""
        return contract.Embedding.from_json(data)

    def store(self, results: Sequence[tuple[Image, contract.Embedding]], run: Run) -> dict[int, str]:
        """Store embeddings and make pairs of near duplicates; one of another size than its version's is refused."""
        # Of two images that come at the same time, the later one is compared with the earlier.
        lock_groups()
        images = Image.objects.filter(pk__in=[image.pk for image, _result in results])
        missing_ids = set(self.lacking(images, run.model_version).values_list("pk", flat=True))
        size = _vector_size(run.model_version)
        embeddings: list[ImageEmbedding] = []
        refusals: dict[int, str] = {}
        for image, result in results:
            vector, refusal = _read_vector(result.vector, size)
            if refusal:
                refusals[image.pk] = refusal
            elif image.pk in missing_ids:
                # The first embedding of a version sets the size for those that come in the same message, too.
                size = len(vector)
                embeddings.append(ImageEmbedding(image=image, model_version=run.model_version, vector=vector))
        if embeddings:
            _store_embeddings(embeddings, run)
        return refusals


def _store_embeddings(embeddings: list[ImageEmbedding], run: Run) -> None:
    ImageEmbedding.objects.bulk_create(embeddings)
    pairs = pair_near_duplicates(embeddings)
    content = [[embedding.image.sha256, bytes(embedding.vector).hex()] for embedding in embeddings]
    details = {"model": str(run.model_version), "images": len(embeddings), "pairs": pairs}
    record_event(run.campaign, "embed.stored", run, by=None, content=content, details=details)


def _vector_size(version: ModelVersion) -> int:
    """Return how many bytes this version's embeddings have; 0 while there is none."""
    embedding = version.embeddings.first()
    return len(embedding.vector) if embedding else 0


def _read_vector(text: str, size: int) -> tuple[bytes, str]:
    """Return an embedding from base64, or why it is none; `size` is how many bytes it should have, 0 for any."""
    try:
        vector = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        return b"", f"the embedding is no base64: {error}"
    refusal = objection(vector)
    if not refusal and size and len(vector) != size:
        refusal = f"the embedding has {len(vector) // 4} numbers, others of this version {size // 4}"
    return vector, refusal
