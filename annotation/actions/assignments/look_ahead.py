"""Say which images come next to a person, so that their browser can fetch the images while they judge.

It holds only while the person is at work on other images. Nothing is handed out: the images keep their places, and
nothing is told of them but where the images lie and how large they are. What comes next is a guess, as others may
take an image first. A hidden repeat is told like any other image: were the guess wrong just before repeats, they would
not be hidden.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.utils import timezone

from annotation import policy
from annotation.actions.places.orders import images_ahead
from annotation.models import Campaign, CampaignImage, Image, Membership

from .assign import has_reached_cap, image_to_repeat

AHEAD = 2
BETWEEN_TWO = timedelta(minutes=1)  # From one answer to the next image, on a slow line.


def upcoming_images(
    campaign: Campaign, user: AbstractBaseUser | AnonymousUser, *, now: datetime | None = None
) -> list[Image]:
    """Return the images this person is likely to be handed next, at most AHEAD, while they judge another one."""
    if not policy.may_annotate(user, campaign):
        return []
    membership = campaign.memberships.with_what_orders_need().get(user=user.pk)
    return _images_ahead(membership, user, now or timezone.now())


def may_fetch_image(user: AbstractBaseUser | AnonymousUser, image: Image) -> bool:
    """Tell whether the image is among those that come next to this person in some campaign."""
    now = timezone.now()
    # Narrowed by the database first: campaigns in which nobody wants the image judged cost nothing.
    campaigns = CampaignImage.objects.with_places().filter(image=image).values("campaign")
    memberships = Membership.objects.filter(user=user.pk, annotator=True, campaign__in=campaigns)
    return any(
        policy.may_annotate(user, membership.campaign) and image in _images_ahead(membership, user, now)
        for membership in memberships.with_what_orders_need()
    )


def _images_ahead(membership: Membership, user: AbstractBaseUser | AnonymousUser, now: datetime) -> list[Image]:
    is_kept_out = policy.lacks_consent(membership) or policy.lacks_calibration(membership)
    assignments = membership.campaign.assignments.of(user)
    is_at_work = assignments.unfinished().exists() or assignments.filter(finished_at__gt=now - BETWEEN_TWO).exists()
    if is_kept_out or has_reached_cap(membership, now) or not is_at_work:
        return []
    images = images_ahead(membership, AHEAD)
    repeat = image_to_repeat(membership, now)
    return images if repeat is None else [repeat, *images][:AHEAD]
