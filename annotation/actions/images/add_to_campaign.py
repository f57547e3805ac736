"""Put images in a campaign."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from annotation import policy
from annotation.actions.events.record import record_event
from annotation.actions.places.orders import number_images
from annotation.errors import BadInput, ImageRefused
from annotation.models import Campaign, CampaignImage, Image
from annotation.phrases import phrase as _


@transaction.atomic
def add_images(campaign: Campaign, images: Iterable[Image], *, by: AbstractBaseUser | None) -> int:
    """Put images in the campaign and return how many are new to it.

    Raise BadInput when an image has no subcategory of the campaign's rubric.
    """
    policy.require(policy.may_organise, by, campaign)
    # Sorted, as each image locks its stratum to the end.
    by_subcategory = sorted(images, key=lambda image: image.subcategory)
    added_images = [image for image in by_subcategory if add_image(campaign, image, image.subcategory)]
    if added_images:
        # Sorted, so that the event seals which images came, whatever the order they were named in.
        hashes = sorted(image.sha256 for image in added_images)
        record_event(campaign, "images.added", campaign, by=by, content=hashes, details={"images": len(added_images)})
    return len(added_images)


def add_image(campaign: Campaign, image: Image, subcategory: str) -> bool:
    """Put one image in the campaign and tell whether it is new there; the caller records the event.

    Raise BadInput when the subcategory is none of the campaign's rubric, ImageRefused for a withdrawn image.
    """
    accepted = campaign.rubric.subcategories
    if subcategory not in accepted:
        raise BadInput(
            _(
                "%(name)s: subcategory %(subcategory)r is unknown; accepted: %(accepted)s",
                name=image.original_name,
                subcategory=subcategory,
                accepted=", ".join(accepted),
            )
        )
    if image.withdrawals.exists():
        raise ImageRefused(_("%(name)s was withdrawn, and is nowhere handed out again", name=image.original_name))
    k = campaign.annotations_per_image
    if campaign.entries.filter(image=image).exists():
        return False
    entry = CampaignImage(campaign=campaign, image=image, subcategory=subcategory, wanted=k, places=k)
    number_images(campaign, [entry])
    place = {"subcategory": subcategory, "block": entry.block, "number": entry.number}
    # Not `create`: two imports into a campaign may meet at one image.
    _entry, created = CampaignImage.objects.get_or_create(
        campaign=campaign, image=image, defaults=place | {"wanted": k, "places": k}
    )
    return created
