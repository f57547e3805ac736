"""Have images described by a worker's embedder, store the embeddings, and tie what they say is nearly the same.

Nothing stands in the database but what came back: an image has an embedding, or a reason why there is none, or it lacks
both. Batches follow each other in a few chains; asking again begins with what is lacking then.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import F

from annotation.actions.events.record import record
from annotation.actions.jobs.prefill import WORKER_LOST
from annotation.actions.jobs.prefill_answers import FIRST_WAIT, LONGEST_WAIT, MOST_TRIES
from annotation.actions.jobs.references import reference
from annotation.errors import BadInput
from annotation.images.embeddings import objection
from annotation.models import Campaign, Image, ImageEmbedding
from annotation.phrases import phrase as _
from mlworker import contract, registry

from .compare_embeddings import tie
from .group_images import lock_groups


@dataclass(frozen=True)
class Batch:
    """Name the images, by keys, that a worker is asked about together.

    `chain` is the number of the chain that goes on after it, -1 for images asked about once more; `tries` is how often
    they were asked about before, `wait` how many seconds they are to wait.
    """

    campaign: int
    embedder: str
    version: str
    images: Sequence[int]
    chain: int = -1
    tries: int = 0
    wait: float = 0.0


@transaction.atomic
def start_embedding(campaign: Campaign, embedder: str, *, by: AbstractBaseUser | None) -> str:
    """Forget which images failed before, and return the version to ask for. Raise BadInput naming the embedders."""
    if embedder not in registry.names("embedder"):
        accepted = ", ".join(registry.names("embedder"))
        raise BadInput(_("model %(model)r is unknown; accepted: %(accepted)s", model=embedder, accepted=accepted))
    try:
        version = registry.version_of(embedder, "embedder")
    except contract.PredictorError as error:
        raise BadInput(_("model %(model)r cannot be asked: %(reason)s", model=embedder, reason=str(error))) from error
    ImageEmbedding.objects.by(embedder, version).failed().filter(image__in=campaign.images.all()).delete()
    lacking = campaign.images.without_embedding(embedder, version).count()
    details = {"embedder": embedder, "version": version, "images": lacking}
    record(campaign, "embedding.asked", campaign, by=by, content=details, details=details)
    return version


def first_batches(campaign: Campaign, embedder: str, version: str) -> list[Batch]:
    """Return the first batch of each chain over the images that lack an embedding."""
    heads = (Batch(campaign.pk, embedder, version, (), chain) for chain in range(settings.PREFILL_BATCHES_AHEAD))
    return [batch for head in heads if (batch := next_batch(head))]


def next_batch(batch: Batch) -> Batch | None:
    """Return the batch that follows in the chain, None at its end; the chains share the images out by their keys."""
    if batch.chain < 0:
        return None
    lacking = Campaign.objects.get(pk=batch.campaign).images.without_embedding(batch.embedder, batch.version)
    own = lacking.alias(chain=F("pk") % settings.PREFILL_BATCHES_AHEAD).filter(chain=batch.chain)
    later = own.filter(pk__gt=max(batch.images, default=0)).order_by("pk").values_list("pk", flat=True)
    keys = tuple(later[: settings.PREFILL_BATCH_SIZE])
    return replace(batch, images=keys) if keys else None


def requests_for(batch: Batch) -> list[contract.EmbedRequest]:
    """Return what the worker is asked: one request an image, for the copy without metadata."""
    images = Image.objects.filter(pk__in=batch.images).order_by("pk")
    return [contract.EmbedRequest(reference(image), image.stripped_sha256, batch.embedder) for image in images]


@transaction.atomic
def store_embeddings(batch: Batch, answers: Sequence[contract.Embedding]) -> Batch | None:
    """Store embeddings, set failed images aside, and tie what is nearly the same; return what is to be tried again.

    Storing again changes nothing. Whoever stores holds the lock on groups, so that of two images that come at the same
    time the later one is compared with the earlier.
    """
    lock_groups()
    by_image = {answer.sha256: answer for answer in answers}
    lacking = Image.objects.filter(pk__in=batch.images).without_embedding(batch.embedder, batch.version)
    size = _size(batch)
    again: list[tuple[int, float]] = []
    new = []
    for image in lacking.order_by("pk"):
        answer = by_image.get(image.stripped_sha256)
        if answer and answer.temporary and batch.tries + 1 < MOST_TRIES:
            again.append((image.pk, answer.retry_after))
            continue
        vector, error = _read(answer, batch, size)
        size = size or len(vector)
        new.append(
            ImageEmbedding(image=image, embedder=batch.embedder, version=batch.version, vector=vector, error=error)
        )
    if new:
        _keep(batch, new)
    return _again(batch, again) if again else None


def lose(batch: Batch) -> list[Batch]:
    """Return what to ask of a batch that broke a worker: each image by itself; one that was by itself is set aside."""
    if len(batch.images) > 1:
        return [replace(batch, images=(key,), chain=-1) for key in batch.images]
    store_embeddings(batch, [])
    return []


def _keep(batch: Batch, new: list[ImageEmbedding]) -> None:
    ImageEmbedding.objects.bulk_create(new)
    pairs = tie([one for one in new if one.vector])
    told = [[one.image.sha256, bytes(one.vector).hex(), one.error] for one in new]
    details = {
        "embedder": batch.embedder,
        "version": batch.version,
        "images": len(new),
        "pairs": pairs,
        "failed": {one.image.sha256: one.error for one in new if one.error},
    }
    campaign = Campaign.objects.get(pk=batch.campaign)
    record(campaign, "embedding.stored", campaign, by=None, content=told, details=details)


def _size(batch: Batch) -> int:
    """Return how many bytes this version's embeddings have; 0 while there is none."""
    known = ImageEmbedding.objects.by(batch.embedder, batch.version).described().first()
    return len(known.vector) if known else 0


def _read(answer: contract.Embedding | None, batch: Batch, size: int) -> tuple[bytes, str]:
    """Return the embedding of an answer, or why there is none."""
    if answer is None:
        return b"", WORKER_LOST
    if answer.error:
        return b"", answer.error
    if answer.model_version != batch.version:
        return b"", (
            f"the worker answered with version {answer.model_version}, not {batch.version}; "
            "give the application and its workers the same file and release"
        )
    try:
        vector = base64.b64decode(answer.vector, validate=True)
    except binascii.Error as error:
        return b"", f"the embedding is no base64: {error}"
    wrong = objection(vector)
    if not wrong and size and len(vector) != size:
        wrong = f"the embedding has {len(vector) // 4} numbers, others of this version {size // 4}"
    return (b"", wrong) if wrong else (vector, "")


def _again(batch: Batch, images: Sequence[tuple[int, float]]) -> Batch:
    """Return the batch in which these images are tried again, each time later, and no sooner than a server asked."""
    keys, waits = zip(*images, strict=True)
    wait = min(max(FIRST_WAIT * 2**batch.tries, *waits), LONGEST_WAIT)
    return replace(batch, images=keys, chain=-1, tries=batch.tries + 1, wait=wait)
