"""Hand out work: never more than k answers for an image, nobody twice on one, nobody idle while work remains."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from annotation import policy
from annotation.errors import BadInput, Conflict, NotAllowed
from annotation.models import Arm, Assignment, Campaign, Image, Prefill

from .record import record

SKIP_REASONS = ("cannot_judge", "broken", "inappropriate", "wrong_category", "duplicate")
LONGEST_DRAFT = 200_000


@transaction.atomic
def next_assignment(campaign: Campaign, user: AbstractBaseUser, *, now: datetime | None = None) -> Assignment | None:
    """Return the person's unfinished assignment, else a new one, else None when nothing is left for them now.

    Raise NotAllowed when they take no part in the campaign or it is not open. The campaign's row is locked, so that
    two people asking at once never share the last place on an image.
    """
    now = now or timezone.now()
    campaign = Campaign.objects.select_for_update().get(pk=campaign.pk)
    if not policy.may_annotate(user, campaign):
        raise NotAllowed(f"{user} is handed no work in campaign {campaign.slug}")
    unfinished = campaign.assignments.of(user).unfinished().select_related("image", "shown_prefill").first()
    if unfinished:
        if unfinished.state == Assignment.State.COMMITTED or _renew(unfinished, now):
            return unfinished
        _give_back(unfinished, by=user)
    image = _next_image(campaign, user, now)
    return None if image is None else hand_out(campaign, image, user, now)


@transaction.atomic
def heartbeat(assignment: Assignment, *, by: AbstractBaseUser, now: datetime | None = None) -> datetime:
    """Extend the lease and return until when it holds. Raise Conflict when the place has gone to someone else."""
    now = now or timezone.now()
    assignment = locked(assignment, by)
    if assignment.state == Assignment.State.OPEN and not _renew(assignment, now):
        raise Conflict("the lease has ended and the image went to someone else; a submitted answer is kept as surplus")
    return assignment.lease_until


@transaction.atomic
def save_draft(
    assignment: Assignment, draft: Any, *, version: int, by: AbstractBaseUser, now: datetime | None = None
) -> int:
    """Keep an unfinished answer and return its new version.

    Raise Conflict when another tab has saved meanwhile or the answer is final, BadInput when it is too large.
    """
    assignment = locked(assignment, by)
    if assignment.state not in (Assignment.State.OPEN, Assignment.State.COMMITTED, Assignment.State.RETURNED):
        raise Conflict("this answer is final already")
    if version != assignment.draft_version:
        raise Conflict(f"another tab has saved version {assignment.draft_version} of this draft meanwhile")
    if not isinstance(draft, dict) or len(str(draft)) > LONGEST_DRAFT:
        raise BadInput(f"draft: an object of at most {LONGEST_DRAFT} characters is accepted")
    assignment.draft = draft
    assignment.draft_version += 1
    assignment.save(update_fields=["draft", "draft_version"])
    if assignment.state == Assignment.State.OPEN:
        _renew(assignment, now or timezone.now())
    return assignment.draft_version


@transaction.atomic
def skip(assignment: Assignment, reason: str, *, by: AbstractBaseUser) -> None:
    """Put an image aside for this person, with a reason; its place goes to someone else.

    Raise BadInput for an unknown reason, Conflict when an answer is stored already.
    """
    assignment = locked(assignment, by)
    if reason not in SKIP_REASONS:
        raise BadInput(f"reason {reason!r} is unknown; accepted: {', '.join(SKIP_REASONS)}")
    if assignment.state == Assignment.State.SKIPPED:
        return
    if assignment.state != Assignment.State.OPEN:
        raise Conflict("an answer is stored already; it cannot be skipped any more")
    assignment.state = Assignment.State.SKIPPED
    assignment.skip_reason = reason
    assignment.finished_at = timezone.now()
    assignment.save(update_fields=["state", "skip_reason", "finished_at"])
    details = {"reason": reason}
    record(assignment.campaign, "assignment.skipped", assignment, by=by, content=details, details=details)


def locked(assignment: Assignment, user: AbstractBaseUser) -> Assignment:
    """Lock the assignment's campaign, read the assignment anew and return it. Raise NotAllowed when not theirs."""
    Campaign.objects.select_for_update().get(pk=assignment.campaign_id)
    fresh = Assignment.objects.select_related("campaign__rubric_version", "image", "shown_prefill__model_version")
    assignment = fresh.get(pk=assignment.pk)
    if assignment.annotator_id != user.pk:
        raise NotAllowed("this assignment is someone else's")
    return assignment


def place_is_free(assignment: Assignment, now: datetime) -> bool:
    """Tell whether fewer than k others hold or have answered this image."""
    if assignment.repeat:
        return True
    campaign = assignment.campaign
    others = campaign.assignments.filter(image=assignment.image_id).exclude(pk=assignment.pk)
    return others.taking_a_place(now).count() < campaign.answers_per_image


def shown_prefill(campaign: Campaign, image: Image) -> Prefill | None:
    """Return the answer of the campaign's model for an image, if it has one."""
    return Prefill.objects.filter(image=image, model_version=campaign.shown_model_id).first()


def draw_arm(campaign: Campaign, user: AbstractBaseUser, image: Image) -> Arm:
    """Draw the arm by the campaign's shares from its seed: the same question always has the same answer."""
    what = [campaign.seed, user.pk]
    if campaign.arms_by == Campaign.ArmsBy.ASSIGNMENT:
        what.append(image.sha256)
    drawn = _uniform("arm", *what) * 100
    if drawn < campaign.blind_share:
        return Arm.BLIND
    return Arm.REVEAL if drawn < campaign.blind_share + campaign.reveal_share else Arm.ASSISTED


def _renew(assignment: Assignment, now: datetime) -> bool:
    """Extend the lease when it still holds or nobody has taken the place."""
    if not assignment.leased(now) and not place_is_free(assignment, now):
        return False
    assignment.lease_until = now + timedelta(minutes=assignment.campaign.lease_minutes)
    assignment.save(update_fields=["lease_until"])
    return True


def _give_back(assignment: Assignment, *, by: AbstractBaseUser) -> None:
    assignment.state = Assignment.State.RETURNED
    assignment.save(update_fields=["state"])
    record(assignment.campaign, "assignment.returned", assignment, by=by, content={"reason": "lease ended"})


def _next_image(campaign: Campaign, user: AbstractBaseUser, now: datetime) -> Image | None:
    """Return the first image in this person's own random order that has a place for them."""
    hashes = campaign.entries.with_places(now).open_to(user).values_list("image__sha256", flat=True)
    first = min(hashes, key=lambda sha256: _uniform("order", campaign.seed, user.pk, sha256), default=None)
    return None if first is None else Image.objects.get(sha256=first)


def hand_out(campaign: Campaign, image: Image, user: AbstractBaseUser, now: datetime) -> Assignment:
    """Give one image to one person, in the arm drawn for them; call it inside a transaction."""
    lease_until = now + timedelta(minutes=campaign.lease_minutes)
    returned = campaign.assignments.of(user).filter(image=image, state=Assignment.State.RETURNED).first()
    if returned:
        returned.state, returned.lease_until = Assignment.State.OPEN, lease_until
        returned.save(update_fields=["state", "lease_until"])
        assignment = returned
    else:
        arm = draw_arm(campaign, user, image)
        assignment = Assignment.objects.create(
            campaign=campaign,
            image=image,
            annotator_id=user.pk,
            arm=arm,
            position=campaign.assignments.of(user).count() + 1,
            lease_until=lease_until,
            shown_prefill=shown_prefill(campaign, image) if arm == Arm.ASSISTED else None,
        )
    content = {"image": image.sha256, "annotator": user.pk, "arm": str(assignment.arm)}
    record(campaign, "assignment.handed_out", assignment, by=user, content=content)
    return assignment


def _uniform(*what: Any) -> float:
    """Return a number in [0, 1) that depends on nothing but `what`."""
    drawn = hashlib.sha256(":".join(map(str, what)).encode()).digest()
    return int.from_bytes(drawn[:8], "big") / 2**64
