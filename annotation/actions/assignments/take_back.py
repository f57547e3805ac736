"""Take a skip back: the annotator for a while, an organiser at any time by handing the image back."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from annotation import policy
from annotation.actions.events.record import record_event
from annotation.actions.places.held_campaign import lock_with_campaign
from annotation.actions.places.open_cases import unflag_image
from annotation.actions.places.places import (
    check_wanted,
    count_places,
    end_work,
    entries_for_update,
    entry_for_update,
)
from annotation.errors import Conflict
from annotation.models import Assignment, CampaignImage
from annotation.phrases import phrase as _

from .assign import check_work_open, take_up_again
from .lock_work import lock_assignment

MINUTES = 10


@transaction.atomic
def take_back_skip(assignment: Assignment, *, by: AbstractBaseUser, now: datetime | None = None) -> Assignment:
    """Let someone go on with an image they skipped a moment ago, with its draft; what they hold instead is given back.

    What the skip led to is undone, as far as it alone led to it. A retry changes nothing. Raise NotAllowed, Conflict
    when the time is over, the image went to someone else or another one waits for its review, WorkEnded in a closed
    campaign.
    """
    # With their membership, as when an image is handed out: what the person has at hand is another one afterwards.
    assignment = lock_assignment(assignment, by)
    now = now or timezone.now()
    check_work_open(assignment)
    if assignment.state == Assignment.State.OPEN:
        return assignment
    _check_skipped(assignment)
    if assignment.finished_at is None or now > assignment.finished_at + timedelta(minutes=MINUTES):
        raise Conflict(
            _("a skip can be taken back for %(minutes)s minutes; an organiser can hand the image back", minutes=MINUTES)
        )
    at_hand = _lock_at_hand(assignment)
    images = [one.image_id for one in (assignment, at_hand) if one]
    entries = {entry.image_id: entry for entry in entries_for_update(assignment.campaign, images)}
    entry = entries[assignment.image_id]
    _undo_skip(assignment, entry, by)
    if at_hand:
        end_work(at_hand, "skip taken back", now)
        count_places(entries[at_hand.image_id])
    if not take_up_again(assignment, now):
        raise Conflict(_("the image went to someone else meanwhile"))
    return assignment


@transaction.atomic
def hand_back_image(assignment: Assignment, *, by: AbstractBaseUser | None) -> None:
    """Hand a skipped image back to whoever skipped it: with its draft it comes to them again as their next one.

    Raise NotAllowed for anyone but an organiser, Conflict when it is not skipped, nobody wants it judged any more, or
    the person has left, WorkEnded in a closed campaign.
    """
    policy.require(policy.may_organise, by, assignment.campaign)
    rows = Assignment.objects.select_for_update(of=("self",), no_key=True).select_related(
        "campaign", "image", "annotator"
    )
    assignment = lock_with_campaign(rows.filter(pk=assignment.pk))
    check_work_open(assignment)
    _check_skipped(assignment)
    if not policy.may_take_part(assignment.annotator, assignment.campaign):
        raise Conflict(_("%(person)s takes no part in the campaign any more", person=assignment.annotator))
    entry = entry_for_update(assignment.campaign, assignment.image)
    _undo_skip(assignment, entry, by)


def _check_skipped(assignment: Assignment) -> None:
    if assignment.state != Assignment.State.SKIPPED:
        raise Conflict(_("this image is not skipped"))


def _lock_at_hand(assignment: Assignment) -> Assignment | None:
    """Lock and return what the person was handed since. Raise Conflict when its first answer waits for its review."""
    others = Assignment.objects.filter(campaign=assignment.campaign_id, annotator=assignment.annotator_id).unfinished()
    at_hand = others.select_for_update(of=("self",), no_key=True).select_related("campaign").first()
    if at_hand and at_hand.state == Assignment.State.COMMITTED:
        raise Conflict(_("finish the image at hand first: its annotation waits for your review"))
    return at_hand


def _undo_skip(assignment: Assignment, entry: CampaignImage, by: AbstractBaseUser | None) -> None:
    """Take back the skip and what it led to: the assignment is one of those that were given back."""
    reason = assignment.skip_reason
    assignment.state, assignment.finished_at = Assignment.State.RETURNED, None
    assignment.skip_reason = assignment.skip_words = ""
    assignment.save(update_fields=["state", "skip_reason", "skip_words", "finished_at"])
    # Its reason leaves with it, and so may the case.
    unflag_image(entry, reason)
    entry.refresh_from_db(fields=["places", "held", "excluded"])
    check_wanted(entry, repeat=assignment.repeat)
    details = {"reason": reason}
    record_event(assignment.campaign, "assignment.skip_taken_back", assignment, by=by, content=details, details=details)
