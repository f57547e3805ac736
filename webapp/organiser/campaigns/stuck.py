"""Work that waits for somebody: counted for all campaigns of a page at once, so that none is overlooked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from annotation.models import (
    Assignment,
    Campaign,
    CampaignImage,
    Case,
    ImageTally,
    Membership,
    Message,
    SendBack,
)

UNDER_WAY = (Campaign.State.OPEN, Campaign.State.PAUSED)


def stuck_work(campaigns: Iterable[Campaign]) -> dict[int, dict[str, int]]:
    """Return how much waits in each campaign, by its key: what nobody sees to would stay as it is."""
    listed = list(campaigns)
    of_these = {"campaign__in": [campaign.pk for campaign in listed]}
    assignments = Assignment.objects.filter(**of_these)
    questions = Message.objects.filter(assignment__in=assignments).last_of_threads().waiting()
    kinds: dict[str, Any] = {
        "questions": (questions, "assignment__campaign"),
        "cases": (Case.objects.filter(**of_these, state=Case.State.OPEN), "campaign"),
        "skips": (assignments.skipped(), "campaign"),
        "away": (assignments.unfinished().filter(lease_until__lte=timezone.now()), "campaign"),
        "sent_back": (SendBack.objects.waiting().filter(assignment__in=assignments), "assignment__campaign"),
        "nobody": (unjudgeable(listed), "campaign"),
    }
    counts: dict[int, dict[str, int]] = defaultdict(dict)
    for name, (rows, key) in kinds.items():
        for campaign, n in rows.order_by().values_list(key).annotate(n=Count("pk", distinct=True)):
            counts[campaign][name] = n
    for campaign, (n,) in ImageTally.objects.filter(**of_these).totals_by("campaign", "held").items():
        if n:
            counts[campaign]["held"] = n
    return counts


def unjudgeable(campaigns: Iterable[Campaign]) -> QuerySet[CampaignImage]:
    """Return the images that want answers and that nobody may judge: all who are eligible have had them."""
    under_way = [campaign for campaign in campaigns if campaign.state in UNDER_WAY]
    annotators = Membership.objects.filter(campaign__in=under_way, annotator=True)
    people = defaultdict(list)
    for membership in annotators.select_related("campaign__rubric_version"):
        people[membership.campaign_id].append(set(membership.eligible_subcategories()))
    perhaps = surely = Q()
    for campaign in under_way:
        by_number = defaultdict(list)
        for key in campaign.rubric.subcategories:
            by_number[sum(key in subcategories for subcategories in people[campaign.pk])].append(key)
        for n_eligible, keys in by_number.items():
            images = Q(campaign=campaign, subcategory__in=keys)
            perhaps |= images & Q(had__gte=n_eligible)
            surely |= images & Q(n_had__gte=n_eligible)
    if not perhaps:
        return CampaignImage.objects.none()
    present = Membership.objects.filter(campaign=OuterRef("campaign"), user=OuterRef("annotator"), annotator=True)
    # What somebody gave back is offered to them again.
    had = Assignment.objects.filter(campaign=OuterRef("campaign"), image=OuterRef("image"), repeat=False)
    had = had.filter(Exists(present), superseded=False).exclude(state=Assignment.State.RETURNED).order_by()
    n_had = Subquery(had.values("image").annotate(n=Count("pk")).values("n"))
    # Those who left count in `had` too; so it only says where to look, and an index finds where that is.
    entries = CampaignImage.objects.with_places().filter(perhaps, excluded=False)
    return entries.annotate(n_had=Coalesce(n_had, 0)).filter(surely)
