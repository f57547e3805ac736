"""Put images into people's orders, and take complete ones out."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

from django.db.models import Max, Q
from django.utils import timezone

from annotation.design.orders import Orderable, personal_order
from annotation.models import CampaignImage, Membership, QueueItem

# No import stores one image for longer than this.
SETTLED_AFTER = timedelta(minutes=10)


def line_up_images(membership: Membership) -> None:
    """Append the campaign's images that came since the last time, in this person's own random order.

    Only images they may judge, that are not complete and were not given to them. Costs two index look-ups when
    nothing is new. Call it with the membership's row locked.
    """
    campaign = membership.campaign
    last = campaign.entries.order_by("-pk").values_list("pk", "added_at").first()
    newest, added_at = last or (0, None)
    # Of two imports at once the later may be seen first, and the other's images have the smaller keys.
    lately = timezone.now() - SETTLED_AFTER
    if newest <= membership.lined_up_to and (added_at is None or added_at < lately):
        return
    entries = campaign.entries.filter(Q(pk__gt=membership.lined_up_to) | Q(added_at__gte=lately)).unfinished()
    entries = entries.exclude(pk__in=membership.queue.values("entry"))
    if membership.categories:
        entries = entries.filter(subcategory__in=membership.eligible_subcategories())
    own_assignments = campaign.assignments.filter(annotator=membership.user_id).occupying()
    entries = entries.exclude(image__in=own_assignments.values("image"))
    items = [Orderable(pk, sub, group) for pk, sub, group in entries.values_list("pk", "subcategory", "image__group")]
    if not items:
        return
    start = (membership.queue.aggregate(Max("position"))["position__max"] or 0) + 1
    # With what is lined up so far in the seed, so that each later import is shuffled in its own way.
    order = personal_order(items, f"order:{campaign.seed}:{membership.user_id}:{membership.lined_up_to}")
    QueueItem.objects.bulk_create(
        (QueueItem(membership=membership, entry_id=pk, position=start + n) for n, pk in enumerate(order)),
        batch_size=2000,
        # An image may stand in the order already, where more answers were asked for before it was lined up.
        ignore_conflicts=True,
    )
    membership.lined_up_to = newest
    membership.save(update_fields=["lined_up_to"])


def line_up_images_anew(membership: Membership) -> None:
    """Make the whole order again, as after a change of what the person may judge."""
    membership.queue.all().delete()
    membership.lined_up_to = 0
    line_up_images(membership)


def put_image_back_in_orders(entry: CampaignImage) -> None:
    """Put one image into the orders of all who may judge it, lack it and were not given it, at a random place each."""
    annotators = entry.campaign.assignments.filter(image=entry.image_id).occupying().values("annotator")
    memberships = entry.campaign.memberships.annotators().exclude(queue__entry=entry).exclude(user__in=annotators)
    for membership in memberships.select_related("campaign__rubric_version"):
        if membership.categories and entry.subcategory not in membership.eligible_subcategories():
            continue
        last = membership.queue.aggregate(Max("position"))["position__max"] or 0
        place = int(draw_uniform("again", entry.campaign.seed, membership.user_id, entry.pk) * (last + 1))
        QueueItem.objects.get_or_create(membership=membership, entry=entry, defaults={"position": place})


def remove_from_orders_of_others(entry: CampaignImage) -> None:
    """Take one image out of the orders of those who may not judge it any more, after a change of its subcategory."""
    for item in entry.queue_items.select_related("membership__campaign__rubric_version"):
        if item.membership.categories and entry.subcategory not in item.membership.eligible_subcategories():
            item.delete()


def remove_image_from_orders(entry: CampaignImage) -> None:
    """Take an image out of everybody's order."""
    entry.queue_items.all().delete()


def draw_uniform(*parts: Any) -> float:
    """Return a number in [0, 1) that depends on nothing but `what`."""
    digest = hashlib.sha256(":".join(map(str, parts)).encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64
