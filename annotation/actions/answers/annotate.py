"""Store answers: the first one, and what was made of it after the reveal. Nothing is ever overwritten."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser
from django.db import IntegrityError, transaction
from django.utils import timezone

from annotation import policy
from annotation.actions.assignments.assign import (
    check_work_open,
    hand_out_at_once,
    has_other_assignment,
    lock_entry,
    shown_prefill,
)
from annotation.actions.assignments.lock_work import lock_assignment, lock_own_work
from annotation.actions.events.record import events_together, hash_content, lock_chain, record_event
from annotation.actions.places.open_cases import examine_image, first_revisions
from annotation.actions.places.places import (
    Holders,
    check_not_withdrawn,
    count_others,
    keep_places,
    leaves_a_place,
    want_annotations,
)
from annotation.actions.reviews.send_back import end_send_back
from annotation.design.precision import half_width
from annotation.errors import AnnotationInvalid, Conflict
from annotation.models import (
    Annotation,
    Arm,
    Assignment,
    Campaign,
    CampaignImage,
    Judgement,
    Membership,
    Revision,
    SendBack,
)
from annotation.models.annotations import BREAK
from annotation.phrases import phrase as _
from annotation.rubric.annotations import AnnotationContent, read_annotation

SEALED_BY: dict[str, str] = {
    Revision.Kind.FIRST: "annotation.committed",
    Revision.Kind.AFTER_REVEAL: "annotation.revised",
    Revision.Kind.CORRECTION: "annotation.corrected",
    Revision.Kind.SENT_BACK: "annotation.reworked",
}
KEY_WAS_USED = _("this key was used for another answer; make a new one for each submit")
WRITTEN_ON_COMMIT = ("state", "surplus", "shown_prefill", "draft", "committed_at", "finished_at")


@transaction.atomic
def commit_annotation(
    assignment: Assignment | UUID, data: Any, *, by: AbstractBaseUser, now: datetime | None = None
) -> Assignment:
    """Store the first answer; in the reveal arm the model's prefill may be seen from here on.

    `data` is what `annotation.rubric.annotations.read_annotation` reads. A retry with the same key changes nothing. An
    answer whose place went to someone else, or that was under way when its image was excluded or the campaign closed,
    is kept and marked surplus. Raise AnnotationInvalid, NotAllowed, Conflict when another answer is stored already, or
    WorkEnded for a withdrawn image.
    """
    membership, assignment = lock_own_work(assignment, by, now=now)
    now = now or timezone.now()
    with events_together(membership.campaign_id):
        _store_first(membership, assignment, data, by, now)
    return assignment


@transaction.atomic
def commit_and_go_on(
    assignment: Assignment | UUID, data: Any, *, by: AbstractBaseUser
) -> tuple[Assignment, Assignment | None]:
    """Store the first answer as `commit_annotation` does, and hand out the next image where nobody is waited for."""
    membership, assignment = lock_own_work(assignment, by)
    now = timezone.now()
    with events_together(membership.campaign_id):
        _store_first(membership, assignment, data, by, now)
        return assignment, _go_on(membership, assignment, now)


@transaction.atomic
def revise_annotation(
    assignment: Assignment | UUID, data: Any, *, by: AbstractBaseUser, now: datetime | None = None
) -> Assignment:
    """Store what the annotator made of the answer after the reveal, and finish the assignment.

    The unchanged first answer means "keep": no revision is added. Raise AnnotationInvalid, NotAllowed, WorkEnded, or
    Conflict when there is nothing to revise.
    """
    membership, assignment = lock_own_work(assignment, by, now=now)
    now = now or timezone.now()
    with events_together(membership.campaign_id):
        _store_review(assignment, data, by, now)
    return assignment


@transaction.atomic
def revise_and_go_on(
    assignment: Assignment | UUID, data: Any, *, by: AbstractBaseUser
) -> tuple[Assignment, Assignment | None]:
    """Finish the assignment as `revise_annotation` does, and hand out the next image where nobody is waited for."""
    membership, assignment = lock_own_work(assignment, by)
    now = timezone.now()
    with events_together(membership.campaign_id):
        _store_review(assignment, data, by, now)
        return assignment, _go_on(membership, assignment, now)


def _go_on(membership: Membership, assignment: Assignment, now: datetime) -> Assignment | None:
    # Not after a retry: what came next then was handed out, and is asked for by itself.
    is_finished_now = assignment.state == Assignment.State.DONE and assignment.finished_at == now
    return hand_out_at_once(membership, assignment, now) if is_finished_now else None


def _store_first(
    membership: Membership, assignment: Assignment, data: Any, by: AbstractBaseUser, now: datetime
) -> None:
    content = _parse_annotation(assignment, data)
    # After the lease has ended too: work that was done is kept, at worst as surplus.
    if assignment.state not in (Assignment.State.OPEN, Assignment.State.RETURNED):
        # The first delivery of this very answer has changed the state.
        if _is_retry(assignment, content, Revision.Kind.FIRST):
            return
        raise Conflict(_("an answer to this image is stored already"))
    if content.seconds == 0:
        raise AnnotationInvalid({"seconds": _("0 seconds are not enough to have seen the image")})
    # The image's row is locked before the event chain, as everywhere.
    entry = lock_entry(assignment)
    if entry.excluded:
        check_not_withdrawn(assignment.campaign, assignment.image)
    others = None if leaves_a_place(entry, assignment) else count_others(entry, assignment)
    assignment.surplus = others is not None and not _is_wanted(assignment, entry, others)
    annotation = Annotation.objects.create(
        exposed=_was_exposed(membership, assignment),
        campaign=assignment.campaign,
        image=assignment.image,
        annotator_id=by.pk,
        assignment=assignment,
        rubric_version=assignment.campaign.rubric_version,
        surplus=assignment.surplus,
        sitting_position=_position_in_sitting(assignment, now),
        created_at=now,
        simulated=getattr(by, "simulated", False),
    )
    _store_revision(annotation, content, Revision.Kind.FIRST, by=by)
    # Chosen only now: until the commit the assignment names no prefill that could slip into a response.
    is_over = entry.held or assignment.campaign.state == Campaign.State.CLOSED
    if assignment.arm == Arm.REVEAL and not is_over and not _is_awaited_elsewhere(membership, assignment):
        assignment.shown_prefill = shown_prefill(assignment.campaign, assignment.image)
    # Whoever went on to another image meanwhile has no place to review this one: the first answer is the final one.
    goes_to_review = assignment.shown_prefill is not None and assignment.arm == Arm.REVEAL
    goes_to_review = goes_to_review and not has_other_assignment(assignment)
    assignment.state = Assignment.State.COMMITTED if goes_to_review else Assignment.State.DONE
    assignment.committed_at = now
    assignment.finished_at = None if goes_to_review else now
    assignment.draft = None
    assignment.save(update_fields=WRITTEN_ON_COMMIT)
    if others is None or assignment.repeat:
        return
    counts = int(not assignment.surplus)
    is_complete = keep_places(entry, Holders(held=others.held + counts, answered=others.answered + counts))
    if is_complete and not assignment.surplus:
        _settle_image(entry)


def _store_review(assignment: Assignment, data: Any, by: AbstractBaseUser, now: datetime) -> None:
    content = _parse_annotation(assignment, data)
    if _is_retry(assignment, content, Revision.Kind.AFTER_REVEAL):
        return
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
    assignment.finished_at = now
    assignment.draft = None
    assignment.save(update_fields=["state", "finished_at", "draft"])


def _was_exposed(membership: Membership, assignment: Assignment) -> bool:
    """Tell whether this person could read before what is said of the image elsewhere, or of a near duplicate."""
    # Not what this campaign shows of this very image: a repeat follows it by design.
    if vars(assignment)["group_was_shown"]:
        return True
    if membership.is_only_one and membership.reader_since is None:
        return False
    readable = CampaignImage.objects.readable_by(membership.user)
    return readable.filter(image__group=assignment.image.group_id).exists()


def _is_awaited_elsewhere(membership: Membership, assignment: Assignment) -> bool:
    """Tell whether this person has still to judge the image, or a near duplicate, in another campaign."""
    if membership.is_only_one:
        return False
    awaited = Assignment.objects.of(membership.user).awaiting_first().exclude(campaign=assignment.campaign_id)
    return awaited.filter(image__group=assignment.image.group_id).exists()


def _position_in_sitting(assignment: Assignment, now: datetime) -> int:
    """Return the position in the sitting of an answer that this person gives now, in whatever campaign."""
    latest_at, latest_position = (vars(assignment)[name] for name in ("latest_at", "latest_position"))
    if latest_at is None or latest_position is None or now - latest_at >= BREAK:
        return 1
    return int(latest_position) + 1


def _is_wanted(assignment: Assignment, entry: CampaignImage, others: Holders) -> bool:
    """Tell whether the answer is to count: by who has a place, what became of the image, and the campaign's state."""
    if assignment.campaign.state == Campaign.State.CLOSED or entry.excluded:
        return False
    if assignment.repeat:
        return True
    # Whoever gave their place back takes another that is free; all others gave theirs to whoever was faster.
    taken = others.held if assignment.state == Assignment.State.RETURNED else others.answered
    return taken < entry.wanted


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
    assignment = lock_assignment(assignment, by)
    now = now or timezone.now()
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
        raise Conflict(KEY_WAS_USED)
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
    revision = _create_revision(
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


def _create_revision(**fields: Any) -> Revision:
    try:
        return Revision.objects.create(**fields)
    except IntegrityError as error:
        # Not asked before, as it would be asked at each answer; only so does the database name the column.
        if "idempotency_key" not in str(error):
            raise
        raise Conflict(KEY_WAS_USED) from error


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
