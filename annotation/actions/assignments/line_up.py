"""Put images into people's orders, and take complete ones out."""

from __future__ import annotations

import hashlib
from typing import Any

from django.db.models import Max

from annotation.design.orders import Orderable, personal_order
from annotation.models import CampaignImage, Participation, QueueItem


def line_up(participation: Participation) -> None:
    """Append the campaign's images that came since the last time, in this person's own random order.

    Only images they may judge, that still want answers and were not given to them. Costs two index look-ups when
    nothing is new. Call it with the participation's row locked.
    """
    campaign = participation.campaign
    newest = campaign.entries.aggregate(Max("pk"))["pk__max"] or 0
    if newest <= participation.lined_up_to:
        return
    new = campaign.entries.filter(pk__gt=participation.lined_up_to, places__gt=0)
    if participation.categories:
        new = new.filter(subcategory__in=participation.eligible_subcategories())
    new = new.exclude(image__in=campaign.assignments.filter(annotator=participation.user_id).values("image"))
    items = [Orderable(pk, sub, group) for pk, sub, group in new.values_list("pk", "subcategory", "image__group")]
    start = (participation.queue.aggregate(Max("position"))["position__max"] or 0) + 1
    order = personal_order(items, f"order:{campaign.seed}:{participation.user_id}:{participation.lined_up_to}")
    QueueItem.objects.bulk_create(
        (QueueItem(participation=participation, entry_id=pk, position=start + n) for n, pk in enumerate(order)),
        batch_size=2000,
        ignore_conflicts=True,
    )
    participation.lined_up_to = newest
    participation.save(update_fields=["lined_up_to"])


def line_up_anew(participation: Participation) -> None:
    """Make the whole order again, as after a change of what the person may judge."""
    participation.queue.all().delete()
    participation.lined_up_to = 0
    line_up(participation)


def line_up_again(entry: CampaignImage) -> None:
    """Put one image back into the orders of all who have not been given it, each at a random place."""
    given = entry.campaign.assignments.filter(image=entry.image_id).values("annotator")
    for participation in entry.campaign.participations.filter(active=True).exclude(user__in=given):
        if participation.categories and entry.subcategory not in participation.eligible_subcategories():
            continue
        last = participation.queue.aggregate(Max("position"))["position__max"] or 0
        place = int(uniform("again", entry.campaign.seed, participation.user_id, entry.pk) * (last + 1))
        QueueItem.objects.get_or_create(participation=participation, entry=entry, defaults={"position": place})


def take_out(entry: CampaignImage) -> None:
    """Take a complete image out of everybody's order."""
    entry.queue_items.all().delete()


def uniform(*what: Any) -> float:
    """Return a number in [0, 1) that depends on nothing but `what`."""
    drawn = hashlib.sha256(":".join(map(str, what)).encode()).digest()
    return int.from_bytes(drawn[:8], "big") / 2**64
