"""Say which anchor images a person may lay beside the image they judge, each with the level its panel gave it.

They come from the campaign's own calibration, or from the one its organiser names. None shows the image being judged or
a near duplicate of it, and none tells of an image that may still be handed to this person.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import fmean

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

from annotation import policy
from annotation.design.calibration import HOLISTIC
from annotation.models import Campaign, Image
from annotation.roles import ANNOTATE

from .calibrate import panel_reference


@dataclass(frozen=True)
class Level:
    """An anchor image, its subcategory, and the mean of its panel's scores in points by attribute."""

    image: Image
    subcategory: str
    scores: dict[str, float]
    raters: int


def list_anchor_levels(campaign: Campaign, user: AbstractBaseUser | AnonymousUser) -> list[Level]:
    """Return the anchor images with their levels, from the lowest to the highest; the person's own scores left out."""
    source = campaign.anchors_of or campaign.calibration
    # While the campaign is open only: afterwards nobody has an image to lay them beside.
    if source is None or user.pk is None or not policy.may_annotate(user, campaign):
        return []
    reference = panel_reference(source, user.pk)
    subcategories = dict(source.panel.entries.values_list("image", "subcategory"))
    levels = [
        Level(
            anchor.image,
            subcategories.get(anchor.image_id, anchor.image.subcategory),
            {key: round(fmean(scores), 2) for key, scores in reference[anchor.image_id].items() if scores},
            len(reference[anchor.image_id].get(HOLISTIC, ())),
        )
        for anchor in source.anchors.shown_beside(campaign, user).in_force()
    ]
    return sorted(
        (level for level in levels if level.raters), key=lambda level: (level.scores[HOLISTIC], level.image.pk)
    )


def may_compare_image(user: AbstractBaseUser | AnonymousUser, image: Image) -> bool:
    """Tell whether the image is an anchor that this person may look at beside those of some campaign."""
    if not image.anchored.exists():
        return False
    campaigns = Campaign.objects.in_which(user, ANNOTATE).select_related("calibration", "anchors_of")
    return any(level.image == image for campaign in campaigns for level in list_anchor_levels(campaign, user))
