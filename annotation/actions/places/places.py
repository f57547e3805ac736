"""Keep the one account of an image's places: how many answers it wants, who holds one, whether it is judged at all.

Nothing is added up or taken off: whatever was changed, places are counted anew from the assignments, under the lock of
the image's row, and so equal a recount at any moment. Rows are always locked in the same order: campaign, membership,
assignment, image, case, event chain; and with `no_key`, as whoever writes a row that refers to them would wait for them
else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from annotation.actions.events.record import record_event
from annotation.errors import Conflict, ImageWithdrawn
from annotation.models import (
    Assignment,
    AssignmentQuerySet,
    Campaign,
    CampaignImage,
    CampaignImageQuerySet,
    Case,
    Consensus,
    Image,
    Withdrawal,
)
from annotation.models.prepared import prepared
from annotation.phrases import phrase as _


@dataclass(frozen=True)
class Holders:
    """How many assignments hold a place of an image, and how many of them have an answer."""

    held: int
    answered: int


def entry_for_update(campaign: Campaign, image: Image) -> CampaignImage:
    """Lock and return the row that counts the places of an image in a campaign."""
    [entry] = _entry_for_update(campaign=campaign.pk, image=image.pk)
    # Both are at hand; asking for them again would cost two queries at each hand-out.
    entry.campaign, entry.image = campaign, image
    return entry


def entries_for_update(campaign: Campaign, images: QuerySet[Any] | Sequence[int]) -> list[CampaignImage]:
    """Lock and return the rows of several images of a campaign, in one order for all who do so."""
    rows = CampaignImage.objects.select_for_update(of=("self",), no_key=True).filter(
        campaign=campaign, image__in=images
    )
    return list(rows.select_related("campaign__rubric_version", "image").order_by("image"))


def holders(entry: CampaignImage) -> AssignmentQuerySet:
    """Return the assignments that hold a place of the image."""
    return Assignment.objects.filter(campaign=entry.campaign_id, image=entry.image_id).inside()


def is_complete(entry: CampaignImage) -> bool:
    """Tell whether the image has all the answers it wants."""
    return holders(entry).answered().count() >= entry.wanted


def count_places(entry: CampaignImage) -> bool:
    """Count anew how many places are left, and tell whether the image is complete; call it with the row locked."""
    numbers = holders(entry).aggregate(held=Count("pk"), answered=Count("pk", filter=Q(committed_at__isnull=False)))
    return keep_places(entry, Holders(**numbers))


def count_others(entry: CampaignImage, assignment: Assignment) -> Holders:
    """Count who holds a place of the image besides an assignment; call it with the row locked."""
    rows = _other_holders(campaign=entry.campaign_id, image=entry.image_id, assignment=assignment.pk)
    return Holders(held=len(rows), answered=sum(row.committed_at is not None for row in rows))


def leaves_a_place(entry: CampaignImage, assignment: Assignment) -> bool:
    """Tell by the locked row alone that an open assignment holds one of the places, and leaves one to others.

    Its answer counts then, and does not complete the image: fewer people have a place than answers are wanted.
    """
    is_over = entry.excluded or assignment.campaign.state == Campaign.State.CLOSED
    is_inside = assignment.state == Assignment.State.OPEN and not assignment.repeat and not assignment.superseded
    return is_inside and entry.places > 0 and not is_over


def keep_places(entry: CampaignImage, numbers: Holders) -> bool:
    """Keep how many places that leaves, and tell whether the image is complete; call it with the row locked."""
    places = max(entry.wanted - numbers.held, 0)
    if entry.places != places:
        entry.places = places
        entry.save(update_fields=["places"])
    return numbers.answered >= entry.wanted


@prepared
def _entry_for_update(campaign: int, image: int) -> CampaignImageQuerySet:
    return CampaignImage.objects.select_for_update(no_key=True).filter(campaign=campaign, image=image)


@prepared
def _other_holders(campaign: int, image: int, assignment: UUID) -> AssignmentQuerySet:
    rows = Assignment.objects.filter(campaign=campaign, image=image).inside()
    return rows.exclude(pk=assignment).only("committed_at").order_by()


def want_annotations(entry: CampaignImage, wanted: int) -> bool:
    """Ask for so many answers, and tell whether the image has become complete by that."""
    was_complete = is_complete(entry)
    entry.wanted = wanted
    entry.places = min(entry.places, wanted)
    entry.save(update_fields=["wanted", "places"])
    return count_places(entry) and not was_complete


def update_standing(entry: CampaignImage) -> None:
    """Say anew whether the image is excluded or held, by what was decided; end work on it where nobody may judge it.

    It is excluded while the newest decision on one of its cases says so, and for good once it is withdrawn; held while
    it is excluded or a flag is open. So each decision lifts its own hold and no other.
    """
    excluded = is_withdrawn(entry.campaign, entry.image) or any(_newest_decisions(entry).values())
    held = excluded or _cases_of(entry).filter(rule=Case.Rule.FLAG, state=Case.State.OPEN).exists()
    if (excluded, held) != (entry.excluded, entry.held):
        entry.excluded, entry.held = excluded, held
        entry.save(update_fields=["excluded", "held"])
    if held:
        end_work_on(entry, "excluded" if excluded else "held", final=excluded)
    count_places(entry)


def is_withdrawn(campaign: Campaign, image: Image) -> bool:
    """Tell whether an image is withdrawn from a campaign."""
    return Withdrawal.objects.filter(campaign=campaign, image=image).exists()


def check_not_withdrawn(campaign: Campaign, image: Image) -> None:
    """Raise ImageWithdrawn when an image is withdrawn from a campaign."""
    if is_withdrawn(campaign, image):
        raise ImageWithdrawn(_("this image was withdrawn; nothing more is stored about it"))


def check_wanted(entry: CampaignImage, *, repeat: bool) -> None:
    """Raise Conflict with the reason why nobody judges the image now, ImageWithdrawn when it is gone for good."""
    if entry.excluded:
        check_not_withdrawn(entry.campaign, entry.image)
        raise Conflict(_("this image was excluded meanwhile; a submitted answer is kept as surplus"))
    if entry.held:
        raise Conflict(_("this image is held back until a flag is adjudicated; what you wrote is kept"))
    if not repeat and is_complete(entry):
        raise Conflict(_("this image has all the answers it wants by now; a submitted answer is kept as surplus"))


def end_work_on(entry: CampaignImage, reason: str, *, final: bool) -> None:
    """Give back what people hold of the image; with `final` a first answer that waits for its review is final too."""
    rows = Assignment.objects.filter(campaign=entry.campaign_id, image=entry.image_id).select_related("campaign")
    # Whoever is acting this moment holds their row and waits for this image's: they are told when they get it.
    for assignment in rows.unfinished().select_for_update(skip_locked=True, of=("self",), no_key=True).order_by("pk"):
        if final or assignment.state == Assignment.State.OPEN:
            end_work(assignment, reason, timezone.now())


def end_work(assignment: Assignment, reason: str, now: datetime) -> None:
    """Give back an open assignment, or make a first answer final that waits for its review; the row is locked."""
    if assignment.state == Assignment.State.COMMITTED:
        assignment.state, assignment.finished_at = Assignment.State.DONE, now
    else:
        assignment.state = Assignment.State.RETURNED
    assignment.save(update_fields=["state", "finished_at"])
    verb = "assignment.returned" if assignment.state == Assignment.State.RETURNED else "assignment.ended"
    record_event(assignment.campaign, verb, assignment, by=None, content={"reason": reason}, details={"reason": reason})


def end_work_of(campaign: Campaign, person: Any, reason: str) -> list[CampaignImage]:
    """End what somebody who leaves holds, and return the rows of all their images, locked; count their places next."""
    mine = campaign.assignments.of(person)
    rows = mine.unfinished().select_related("campaign").select_for_update(of=("self",), no_key=True).order_by("pk")
    assignments = list(rows)
    # Images before events, as the event chain is locked last.
    entries = entries_for_update(campaign, mine.inside().values("image"))
    for assignment in assignments:
        end_work(assignment, reason, timezone.now())
    return entries


def _cases_of(entry: CampaignImage) -> QuerySet[Case]:
    return Case.objects.filter(campaign=entry.campaign_id, image=entry.image_id)


def _newest_decisions(entry: CampaignImage) -> dict[int, bool]:
    """Return of each case of the image whether its newest consensus excludes it."""
    rows = Consensus.objects.filter(case__in=_cases_of(entry)).order_by("pk")
    return dict(rows.values_list("case", "excluded"))
