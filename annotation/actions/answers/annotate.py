"""Store answers: the first one, and what was made of it after the reveal. Nothing is ever overwritten."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from annotation import policy
from annotation.actions.assignments.assign import (
    check_work_open,
    has_other_assignment,
    lock_assignment,
    lock_entry,
    shown_prefill,
)
from annotation.actions.events.record import hash_content, lock_chain, record_event
from annotation.actions.places.open_cases import examine_image, first_revisions
from annotation.actions.places.places import (
    check_not_withdrawn,
    count_places,
    holders,
    want_annotations,
)
from annotation.actions.reviews.send_back import end_send_back
from annotation.design.precision import half_width
from annotation.errors import AnnotationInvalid, Conflict
from annotation.models import Annotation, Arm, Assignment, Campaign, CampaignImage, Judgement, Revision, SendBack
from annotation.phrases import phrase as _
from annotation.rubric.annotations import AnnotationContent, read_annotation

SEALED_BY: dict[str, str] = {
    Revision.Kind.FIRST: "annotation.committed",
    Revision.Kind.AFTER_REVEAL: "annotation.revised",
    Revision.Kind.CORRECTION: "annotation.corrected",
    Revision.Kind.SENT_BACK: "annotation.reworked",
}


@transaction.atomic
def commit_annotation(
    assignment: Assignment, data: Any, *, by: AbstractBaseUser, now: datetime | None = None
) -> Assignment:
    """Store the first answer; in the reveal arm the model's prefill may be seen from here on.

    `data` is what `annotation.rubric.annotations.read_annotation` reads. A retry with the same key changes nothing. An
    answer whose place went to someone else, or that was under way when its image was excluded or the campaign closed,
    is kept and marked surplus. Raise AnnotationInvalid, NotAllowed, Conflict when another answer is stored already, or
    WorkEnded for a withdrawn image.
    """
    policy.require(policy.may_write_to, by, assignment)
    now = now or timezone.now()
    assignment = lock_assignment(assignment, by)
    content = _parse_annotation(assignment, data)
    # Before the state is looked at, which the first delivery of this very answer has changed.
    if _is_retry(assignment, content, Revision.Kind.FIRST):
        return assignment
    if content.seconds == 0:
        raise AnnotationInvalid({"seconds": _("0 seconds are not enough to have seen the image")})
    # After the lease has ended too: work that was done is kept, at worst as surplus.
    if assignment.state not in (Assignment.State.OPEN, Assignment.State.RETURNED):
        raise Conflict(_("an answer to this image is stored already"))
    # The image's row is locked before the event chain, as everywhere.
    entry = lock_entry(assignment)
    if entry.excluded:
        check_not_withdrawn(assignment.campaign, assignment.image)
    assignment.surplus = not _is_wanted(assignment, entry)
    annotation = Annotation.objects.create(
        exposed=_was_exposed(assignment, by),
        campaign=assignment.campaign,
        image=assignment.image,
        annotator_id=by.pk,
        assignment=assignment,
        rubric_version=assignment.campaign.rubric_version,
        surplus=assignment.surplus,
        sitting_position=Annotation.objects.next_in_sitting(by, now),
        created_at=now,
        simulated=getattr(by, "simulated", False),
    )
    _store_revision(annotation, content, Revision.Kind.FIRST, by=by)
    # Chosen only now: until the commit the assignment names no prefill that could slip into a response.
    is_over = entry.held or assignment.campaign.state == Campaign.State.CLOSED
    if assignment.arm == Arm.REVEAL and not is_over and not _is_awaited_elsewhere(assignment, by):
        assignment.shown_prefill = shown_prefill(assignment.campaign, assignment.image)
    # Whoever went on to another image meanwhile has no place to review this one: the first answer is the final one.
    goes_to_review = assignment.shown_prefill is not None and assignment.arm == Arm.REVEAL
    goes_to_review = goes_to_review and not has_other_assignment(assignment)
    assignment.state = Assignment.State.COMMITTED if goes_to_review else Assignment.State.DONE
    assignment.committed_at = now
    assignment.finished_at = None if goes_to_review else now
    assignment.draft = None
    assignment.save()
    complete = not assignment.repeat and count_places(entry)
    if complete and not assignment.surplus:
        _settle_image(entry)
    return assignment


@transaction.atomic
def revise_annotation(
    assignment: Assignment, data: Any, *, by: AbstractBaseUser, now: datetime | None = None
) -> Assignment:
    """Store what the annotator made of the answer after the reveal, and finish the assignment.

    The unchanged first answer means "keep": no revision is added. Raise AnnotationInvalid, NotAllowed, WorkEnded, or
    Conflict when there is nothing to revise.
    """
    policy.require(policy.may_write_to, by, assignment)
    assignment = lock_assignment(assignment, by)
    content = _parse_annotation(assignment, data)
    if _is_retry(assignment, content, Revision.Kind.AFTER_REVEAL):
        return assignment
    check_work_open(assignment)
    if assignment.state != Assignment.State.COMMITTED:
        raise Conflict(_("there is nothing to revise: the answer is not stored yet, or it is final"))
    annotation = assignment.annotation
    first = annotation.revisions.get(number=1)
    if _sealed_contents(content) == revision_contents(first):
        details = {"seconds": content.seconds}  # The time of looking at the model's prefill is part of the record.
        record_event(
            assignment.campaign, "annotation.kept", annotation, by=by, content=first.content_hash, details=details
        )
    else:
        _store_revision(annotation, content, Revision.Kind.AFTER_REVEAL, by=by)
    assignment.state = Assignment.State.DONE
    assignment.finished_at = now or timezone.now()
    assignment.draft = None
    assignment.save()
    return assignment


def _was_exposed(assignment: Assignment, by: AbstractBaseUser) -> bool:
    """Tell whether this person could read before what is said of the image elsewhere, or of a near duplicate."""
    group = assignment.image.group_id
    # Not what this campaign shows of this very image: a repeat follows it by design.
    itself = Q(campaign=assignment.campaign_id, image=assignment.image_id)
    shown = Assignment.objects.of(by).shown_a_prefill().filter(image__group=group).exclude(itself)
    return shown.exists() or CampaignImage.objects.readable_by(by).filter(image__group=group).exists()


def _is_awaited_elsewhere(assignment: Assignment, by: AbstractBaseUser) -> bool:
    """Tell whether this person has still to judge the image, or a near duplicate, in another campaign."""
    awaited = Assignment.objects.of(by).awaiting_first().exclude(campaign=assignment.campaign_id)
    return awaited.filter(image__group=assignment.image.group_id).exists()


def _is_wanted(assignment: Assignment, entry: CampaignImage) -> bool:
    """Tell whether the answer is to count: by who has a place, what became of the image, and the campaign's state."""
    if assignment.campaign.state == Campaign.State.CLOSED or entry.excluded:
        return False
    if assignment.repeat:
        return True
    # Whoever gave their place back takes another that is free; all others gave theirs to whoever was faster.
    taken = holders(entry) if assignment.state == Assignment.State.RETURNED else holders(entry).answered()
    return taken.count() < entry.wanted


def _settle_image(entry: CampaignImage) -> None:
    """See to an image that became complete: ask for another answer where the mean is uncertain, or examine it."""
    if wants_another_annotator(entry):
        want_annotations(entry, entry.wanted + 1)
    else:
        examine_image(entry)


def wants_another_annotator(entry: CampaignImage) -> bool:
    """Tell whether the mean holistic score is less certain than the campaign's target, and more may be asked for."""
    campaign = entry.campaign
    most = campaign.most_annotations_per_image
    if campaign.precision_target is None or most is None or entry.wanted >= most:
        return False
    first = first_revisions(entry)
    # Of first answers, as later ones may have moved towards the model and look surer than people are.
    width = half_width([holistic for holistic in first.values_list("holistic", flat=True) if holistic is not None])
    return width is not None and width > campaign.precision_target


@transaction.atomic
def correct_annotation(
    assignment: Assignment, data: Any, *, by: AbstractBaseUser, now: datetime | None = None
) -> Assignment:
    """Let someone correct their own final answer within the campaign's time, or look again at one that was sent back.

    A correction is marked as late. What follows a request to look again is a revision of a kind of its own.

    Raise AnnotationInvalid, NotAllowed, WorkEnded, or Conflict when the answer is not final yet or the time is over.
    """
    policy.require(policy.may_write_to, by, assignment)
    now = now or timezone.now()
    assignment = lock_assignment(assignment, by)
    content = _parse_annotation(assignment, data)
    if _is_retry(assignment, content, Revision.Kind.CORRECTION, Revision.Kind.SENT_BACK):
        return assignment
    check_work_open(assignment)
    if assignment.state != Assignment.State.DONE:
        raise Conflict(_("this answer is not final yet"))
    if not policy.may_correct(assignment, now):
        minutes = assignment.campaign.correction_minutes
        raise Conflict(_("an answer can be corrected for %(minutes)s minutes; that time is over", minutes=minutes))
    send_back = assignment.send_backs.waiting().first()
    # Whoever was asked to look again is not rid of the word that went with it.
    is_moved = send_back or assignment.annotation.revisions.filter(kind=Revision.Kind.SENT_BACK).exists()
    kind = Revision.Kind.SENT_BACK if is_moved else Revision.Kind.CORRECTION
    revision = _store_revision(assignment.annotation, content, kind, by=by)
    if send_back:
        end_send_back(send_back, SendBack.State.ANSWERED, now, revision)
    assignment.draft = None
    assignment.save(update_fields=["draft"])
    return assignment


def _parse_annotation(assignment: Assignment, data: Any) -> AnnotationContent:
    version = assignment.campaign.rubric_version
    prefill = policy.visible_prefill_values(assignment)
    return read_annotation(data, version.rubric, version.number, prefill, assignment.image_id)


def _is_retry(assignment: Assignment, content: AnnotationContent, *kinds: str) -> bool:
    """Tell whether this very answer is stored already. Raise Conflict when its key was used for another one."""
    revision = Revision.objects.select_related("annotation").filter(idempotency_key=content.key).first()
    if revision is None:
        return False
    identity = (revision.annotation.assignment_id, revision.content_hash)
    if revision.kind not in kinds or identity != (assignment.pk, hash_content(_sealed_contents(content))):
        raise Conflict(_("this key was used for another answer; make a new one for each submit"))
    return True


def _store_revision(annotation: Annotation, content: AnnotationContent, kind: str, *, by: AbstractBaseUser) -> Revision:
    """Add a revision with its judgements, and the event that seals its content.

    The event chain is locked first, so that revisions are numbered in the order of their events, and a release that
    was cut at a revision holds all before it.
    """
    values = _sealed_contents(content)
    # No later than now: a clock that is ahead would tell of a moment that has not come.
    drawn_at = min(content.drawn.at, timezone.now()) if content.drawn else None
    chain = lock_chain(annotation.campaign)
    revision = Revision.objects.create(
        annotation=annotation,
        number=1 if kind == Revision.Kind.FIRST else annotation.revisions.count() + 1,
        kind=kind,
        subcategory=content.subcategory,
        holistic=annotation.rubric_version.rubric.holistic(content.steps()),
        seconds=content.seconds,
        seconds_to_first_score=content.seconds_to_first_score,
        drawn_at=drawn_at,
        idempotency_key=content.key,
        content_hash=hash_content(values),
    )
    Judgement.objects.bulk_create(
        Judgement(
            revision=revision,
            attribute=attribute,
            steps=judgement.steps,
            score_origin=judgement.score_origin,
            critique=judgement.critique,
            critique_language=judgement.language,
            critique_origin=judgement.critique_origin,
            edit_distance=judgement.edit_distance,
            pasted=judgement.pasted,
            pins=[pin.to_json() for pin in judgement.pins],
        )
        for attribute, judgement in content.judgements.items()
    )
    verb = SEALED_BY[kind]
    # Marked, as nobody can say that whoever judged it saw it.
    details = {"revision": revision.number, "surplus": annotation.surplus, "drawn": drawn_at is not None}
    record_event(annotation.campaign, verb, annotation, by=by, content=values, details=details, chain=chain)
    return revision


def _sealed_contents(content: AnnotationContent) -> dict[str, Any]:
    """Return what an answer says, as its hash covers it."""
    return {
        "subcategory": content.subcategory,
        "judgements": {
            key: _with_pasted_and_pins(
                [
                    judgement.steps,
                    judgement.score_origin,
                    judgement.critique,
                    judgement.language,
                    judgement.critique_origin,
                ],
                judgement.pasted,
                [pin.to_json() for pin in judgement.pins],
            )
            for key, judgement in content.judgements.items()
        },
    }


# In step with `_contents`: a field more in one of them, and every stored answer looks forged.
def revision_contents(revision: Revision) -> dict[str, Any]:
    """Return what a stored revision says, in the same form."""
    return {
        "subcategory": revision.subcategory,
        "judgements": {
            judgement.attribute: _with_pasted_and_pins(
                [
                    judgement.steps,
                    str(judgement.score_origin),
                    judgement.critique,
                    judgement.critique_language,
                    str(judgement.critique_origin),
                ],
                judgement.pasted,
                judgement.pins,
            )
            for judgement in revision.judgements.all()
        },
    }


def _with_pasted_and_pins(fields: list[Any], pasted: int, pins: Sequence[dict[str, float]]) -> list[Any]:
    """Add what was pasted and pinned where there is any: answers from before either was kept keep their hash."""
    if pins:
        return [*fields, pasted, list(pins)]
    return [*fields, pasted] if pasted else fields
