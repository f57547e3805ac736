"""Send a finished annotation back to whoever gave it, with a word; what comes of it stays out of headline figures."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from annotation import policy
from annotation.actions.events.record import record_event
from annotation.actions.places.held_campaign import lock_with_campaign
from annotation.errors import BadInput, Conflict
from annotation.models import Assignment, Campaign, Case, Revision, SendBack
from annotation.phrases import phrase as _
from annotation.rubric.reading import is_storable

LONGEST_WORD = 5_000


@transaction.atomic
def send_back(assignment: Assignment, text: str, *, by: AbstractBaseUser, case: Case | None = None) -> SendBack:
    """Ask whoever gave a final annotation to look at it again; `case` is the one an adjudicator sends it from.

    Sent again in the same words, it is one request. Raise NotAllowed, BadInput for an empty or overlong text, Conflict
    where it waits already or nobody could answer.
    """
    policy.require(policy.may_send_back, by, assignment, case)
    if case is not None and case.state != Case.State.OPEN:
        raise Conflict(_("this case is adjudicated already; reopen it first"))
    words = text.strip()
    if not words or len(words) > LONGEST_WORD or not is_storable(words):
        raise BadInput(_("text: 1 to %(most)s characters are accepted", most=LONGEST_WORD))
    rows = Assignment.objects.select_for_update(of=("self",), no_key=True).select_related("campaign__calibrates")
    assignment = lock_with_campaign(rows.filter(pk=assignment.pk))
    waiting = assignment.send_backs.filter(state=SendBack.State.WAITING).first()
    if waiting and (waiting.author_id, waiting.text) == (by.pk, words):
        return waiting
    if waiting:
        raise Conflict(_("this answer was sent back already, and waits for whoever gave it"))
    if not can_be_answered(assignment):
        # One sentence for all reasons: an adjudicator who knew who left would know whose answer it is.
        raise Conflict(_("this answer cannot be sent back: nothing is added to it any more"))
    request = SendBack.objects.create(assignment=assignment, author_id=by.pk, case=case, text=words)
    details = {"annotation": assignment.annotation.pk, "case": None if case is None else case.pk}
    record_event(assignment.campaign, "annotation.sent_back", request, by=by, content=words, details=details)
    return request


@transaction.atomic
def withdraw_send_back(request: SendBack, *, by: AbstractBaseUser) -> None:
    """Withdraw a request to look again. Raise NotAllowed, or Conflict where it waits no more."""
    policy.require(policy.may_withdraw_send_back, by, request)
    # The assignment first, as where it is answered: of the two, the later is told.
    Assignment.objects.select_for_update(no_key=True).get(pk=request.assignment_id)
    request = SendBack.objects.select_related("assignment__campaign").get(pk=request.pk)
    if request.state != SendBack.State.WAITING:
        raise Conflict(_("this request waits no more: it was answered or withdrawn"))
    end_send_back(request, SendBack.State.WITHDRAWN, timezone.now())
    record_event(request.assignment.campaign, "annotation.send_back_withdrawn", request, by=by, content={})


def can_be_answered(assignment: Assignment) -> bool:
    """Tell whether its annotator could look at it again: it is final, and they may still add to it."""
    campaign = assignment.campaign
    # Repeats are to stay unnoticed, and in a calibration the panel's scores were shown after each answer.
    is_apart = assignment.repeat or campaign.is_calibration
    is_final = assignment.state == Assignment.State.DONE and hasattr(assignment, "annotation")
    if is_apart or not is_final or assignment.superseded or campaign.state == Campaign.State.CLOSED:
        return False
    is_withdrawn = campaign.withdrawals.filter(image=assignment.image_id) | campaign.withdrawals.filter(
        person=assignment.annotator_id
    )
    return policy.may_take_part(assignment.annotator, campaign) and not is_withdrawn.exists()


def end_send_back(request: SendBack, state: str, now: datetime, revision: Revision | None = None) -> None:
    """Let a request wait no more, with what came of it; call it with the assignment's row locked."""
    request.state, request.revision, request.ended_at = state, revision, now
    request.save(update_fields=["state", "revision", "ended_at"])
