"""Prefills as a kind of run: one per image and model version."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from annotation.actions.events.record import record_events
from annotation.actions.places.orders import images_ahead
from annotation.models import Campaign, Image, ModelVersion, Prefill, Run
from annotation.models.images import ImageQuerySet
from annotation.rubric import distribution
from mlworker import contract

from .kinds import RunKind
from .references import image_reference

# How many images ahead in each person's order are urgent.
LOOK_AHEAD = 10


class PrefillKind(RunKind[contract.Prefill]):
    """A predictor asked for scores and critiques of the rubric's attributes."""

    models = "predictor"

    def lacking(self, images: ImageQuerySet, version: ModelVersion) -> ImageQuerySet:
        """Keep the images, none of them withdrawn, without a prefill of this model version."""
        return images.not_withdrawn().exclude(prefills__model_version=version)

    def request_for(self, image: Image, run: Run) -> contract.PrefillRequest:
        """Return what the worker is asked about one image: the copy without metadata, and the rubric's attributes."""
        attributes = tuple(
            contract.AttributeQuestion(attribute.key, attribute.name["en"])
            for attribute in run.campaign.rubric.attributes
        )
        return contract.PrefillRequest(
            image_reference(image), image.stripped_sha256, run.model_version.name, attributes
        )

    def read_result(self, data: dict[str, Any]) -> contract.Prefill:
        """Return a worker's prefill."""
        return contract.Prefill.from_json(data)

    def store(self, results: Sequence[tuple[Image, contract.Prefill]], run: Run) -> dict[int, str]:
        """Store prefills; one whose distribution is none is refused."""
        # Whoever holds this row is the only one to store prefills of the model version.
        # `no_key`, as rows that refer to the version may be written meanwhile, such as those of other runs.
        ModelVersion.objects.select_for_update(no_key=True).get(pk=run.model_version_id)
        refusals = {image.pk: refusal for image, result in results if (refusal := _refusal(result))}
        images = Image.objects.filter(pk__in=[image.pk for image, _result in results if image.pk not in refusals])
        missing_ids = set(self.lacking(images, run.model_version).values_list("pk", flat=True))
        prefills = [
            (_prefill(image, result, run), result.sha256) for image, result in results if image.pk in missing_ids
        ]
        # Before the events, which name their subject by its key.
        Prefill.objects.bulk_create(prefill for prefill, _sha256 in prefills)
        contents = (
            (prefill, {"sha256": sha256, "score": prefill.score, "attributes": prefill.attributes})
            for prefill, sha256 in prefills
        )
        record_events(run.campaign, "prefill.stored", contents, by=None)
        return refusals

    def urgent_images(self, campaign: Campaign) -> set[int]:
        """Return the images that come next in somebody's order."""
        heads: set[int] = set()
        for membership in campaign.memberships.annotators().with_what_orders_need():
            heads.update(image.pk for image in images_ahead(membership, LOOK_AHEAD))
        return heads


def _refusal(result: contract.Prefill) -> str:
    return "" if result.distribution is None else distribution.check(result.distribution)


def _prefill(image: Image, result: contract.Prefill, run: Run) -> Prefill:
    prefill = Prefill(
        image=image,
        model_version=run.model_version,
        score=result.score,
        attributes={key: asdict(attribute) for key, attribute in result.attributes.items()},
        seconds=result.seconds,
        cost=result.cost,
        provenance=result.provenance,
    )
    if result.distribution is not None:
        # What is kept is rounded to save room; spread and entropy come from the full figures.
        prefill.distribution = distribution.compact(result.distribution)
        prefill.spread = round(distribution.spread(result.distribution), 4)
        prefill.entropy = round(distribution.entropy(result.distribution), 4)
    return prefill
