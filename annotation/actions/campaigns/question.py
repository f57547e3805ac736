"""Ask the organiser about an image, and answer; the thread is kept."""

from __future__ import annotations

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from annotation import policy
from annotation.actions.assignments.assign import check_work_open
from annotation.actions.assignments.lock_work import lock_assignment
from annotation.actions.events.record import record_event
from annotation.errors import BadInput
from annotation.models import Assignment, Message
from annotation.phrases import phrase as _
from annotation.rubric.reading import is_storable

LONGEST_MESSAGE = 5_000
MOST_MESSAGES = 50  # About one image; each answer of the API holds them all.


@transaction.atomic
def ask_question(assignment: Assignment, text: str, *, by: AbstractBaseUser) -> Message:
    """Add the annotator's message to the thread about their image; sent again, it is stored once.

    Raise NotAllowed when the assignment is someone else's, BadInput for an empty or overlong text and for a thread
    that is full, and WorkEnded in a closed campaign.
    """
    assignment = lock_assignment(assignment, by)
    check_work_open(assignment)
    return _add_message(assignment, text, "question.asked", by)


@transaction.atomic
def reply_to_question(assignment: Assignment, text: str, *, by: AbstractBaseUser) -> Message:
    """Add an organiser's message to a thread.

    Raise NotAllowed for anybody else, BadInput where nothing was asked or for an empty or overlong text.
    """
    policy.require(policy.may_organise, by, assignment.campaign)
    if not assignment.messages.exists():
        raise BadInput(_("nothing was asked about this image"))
    return _add_message(assignment, text, "question.answered", by)


def _add_message(assignment: Assignment, text: str, verb: str, by: AbstractBaseUser) -> Message:
    words = text.strip()
    if not words or len(words) > LONGEST_MESSAGE or not is_storable(words):
        raise BadInput(_("text: 1 to %(most)s characters are accepted", most=LONGEST_MESSAGE))
    # Two clicks, or a retry after a lost reply, are one message.
    last = assignment.messages.last()
    if last and (last.author_id, last.text) == (by.pk, words):
        return last
    if assignment.messages.count() >= MOST_MESSAGES:
        raise BadInput(_("at most %(most)s messages about one image are kept", most=MOST_MESSAGES))
    message = Message.objects.create(assignment=assignment, author_id=by.pk, text=words)
    record_event(assignment.campaign, verb, message, by=by, content=words)
    return message
