"""Tie images whose embeddings say that they show nearly the same, or may, and say what came of it in a release.

What is tied does not depend on the order in which embeddings come: each pair is looked at once both are there, keeps
the highest cosine, and is sure as soon as any measure is. What a person has decided stands.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.db.models import Count, F, Q, QuerySet

from annotation.dataset.format.facts import Embedder, EmbeddingFigures
from annotation.images.embeddings import AT_A_TIME, SURE, UNSURE, Embeddings, judge, near, to_whole_numbers
from annotation.images.likeness import Verdict
from annotation.images.likeness import judge as judge_looks
from annotation.models import CampaignImage, Image, ImageEmbedding, NearDuplicatePair

from .group_images import STATES, measure_likenesses, regroup_images

Cosines = dict[tuple[int, int], int]  # The cosine of a pair, the older image first.


def pair_near_duplicates(embeddings: Sequence[ImageEmbedding]) -> int:
    """Tie images with new embeddings, all of one version, to what they resemble; return how many pairs are new.

    The embeddings are stored already. Call it within a transaction that holds the lock on groups.
    """
    if not embeddings:
        return 0
    cosines = _compare_embeddings(embeddings)
    keys = [embedding.image_id for embedding in embeddings]
    pairs_of_images = NearDuplicatePair.objects.filter(Q(one__in=keys) | Q(other__in=keys))
    pairs = {(pair.one_id, pair.other_id): pair for pair in pairs_of_images}
    closer_pairs = [
        pairs[ends] for ends, cosine in cosines.items() if ends in pairs and (pairs[ends].cosine or 0) < cosine
    ]
    for pair in closer_pairs:
        pair.cosine = cosines[pair.one_id, pair.other_id]
        # Whatever a person has said of the pair stands, and what hashes are sure of stays sure.
        if pair.state == NearDuplicatePair.State.UNDECIDED:
            pair.state = STATES[judge(pair.cosine)]
    NearDuplicatePair.objects.bulk_update(closer_pairs, ["cosine", "state"], batch_size=500)
    new_cosines = {ends: cosine for ends, cosine in cosines.items() if ends not in pairs}
    if new_cosines:
        _create_pairs(new_cosines)
    return len(new_cosines)


def embedding_figures(entries: QuerySet[CampaignImage]) -> EmbeddingFigures | None:
    """Return what a release of these images states of embeddings; None where none has any."""
    images = entries.order_by().values("image")
    embeddings = ImageEmbedding.objects.filter(image__in=images)
    versions = embeddings.annotate(embedder=F("model_version__name"), version=F("model_version__version"))
    embedders = list(
        versions.values("embedder", "version").annotate(images=Count("pk")).order_by("embedder", "version")
    )
    if not embedders:
        return None
    pairs = NearDuplicatePair.objects.by_cosine().filter(one__in=images, other__in=images)
    # What looks alone would have said: a release states how many pairs hang on embeddings only.
    verdicts = [judge_looks(bits, likeness) for bits, likeness in pairs.values_list("bits", "likeness")]
    return EmbeddingFigures(
        embedders=tuple(Embedder(**row) for row in embedders),
        of=entries.count(),
        sure=SURE,
        unsure=UNSURE,
        pairs=len(verdicts),
        pairs_by_cosine_alone=verdicts.count(Verdict.OTHER),
    )


def _compare_embeddings(embeddings: Sequence[ImageEmbedding]) -> Cosines:
    """Return the pairs that new embeddings make with all of their version, themselves included."""
    rows = to_whole_numbers([bytes(embedding.vector) for embedding in embeddings])
    cosines: Cosines = {}
    for keys, vectors in _stored_embeddings(embeddings[0]):
        for cosine, row, column in near(rows, vectors):
            older, newer = sorted((embeddings[row].image_id, keys[column]))
            # New ones are stored already, so that each meets itself.
            if older != newer:
                cosines[older, newer] = cosine
    return dict(sorted(cosines.items()))


def _stored_embeddings(example: ImageEmbedding) -> Iterator[tuple[list[int], Embeddings]]:
    """Yield the embeddings of one version with the keys of their images, some at a time."""
    embeddings = ImageEmbedding.objects.filter(model_version=example.model_version_id).order_by("image_id")
    last = 0
    # By key and in parts, as the vectors of all campaigns together may not fit into memory.
    while rows := list(embeddings.filter(image__gt=last).values_list("image_id", "vector")[:AT_A_TIME]):
        last = rows[-1][0]
        yield [image for image, _vector in rows], to_whole_numbers([bytes(vector) for _image, vector in rows])


def _create_pairs(cosines: Cosines) -> None:
    """Make pairs, with what hashes and miniatures say of them, and group their images anew."""
    images = Image.objects.in_bulk({key for ends in cosines for key in ends})
    older_by_newer: dict[int, list[int]] = {}
    for one, other in cosines:
        older_by_newer.setdefault(other, []).append(one)
    # Grouped by the newer image, whose miniature is then held against all its partners at once.
    likenesses = {
        other: measure_likenesses(bytes(images[other].miniature), ones) for other, ones in older_by_newer.items()
    }
    NearDuplicatePair.objects.bulk_create(
        (
            NearDuplicatePair(
                one_id=one,
                other_id=other,
                bits=_count_bits(images[one], images[other]),
                likeness=likenesses[other][one],
                cosine=cosine,
                state=STATES[judge(cosine)],
            )
            for (one, other), cosine in cosines.items()
        ),
        batch_size=500,
    )
    regroup_images({image.group_id for image in images.values()})


def _count_bits(older: Image, newer: Image) -> int:
    """Return by how many bits two hashes differ, the newer image turned and mirrored in every way that is known."""
    # Turning one of the two is enough: only how they lie to each other matters.
    plain = int(older.perceptual_hash, 16)
    return min((int(digits, 16) ^ plain).bit_count() for digits in newer.all_hashes)
