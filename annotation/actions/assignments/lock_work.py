"""Lock what a person writes to: their membership, their assignment. Their campaign is held until it is stored."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.utils import timezone

from annotation import policy
from annotation.actions.places.held_campaign import read_held_campaign, with_campaign_held
from annotation.actions.places.orders import sizes_of_strata
from annotation.errors import NotAllowed
from annotation.models import Annotation, Assignment, AssignmentQuerySet, Membership
from annotation.models.prepared import prepared


def lock_membership(campaign: str, user: AbstractBaseUser, *, now: datetime | None = None) -> Membership:
    """Lock and return a person's membership, which is locked where they get other work; its campaign is held.

    It says whether leases have ended in the campaign. Raise NotAllowed when they have none.
    """
    membership = _membership_for_update.first(campaign=campaign, user=user.pk, now=now or timezone.now())
    if membership is None:
        raise NotAllowed(f"{user}: takes no part in {campaign}")
    read_held_campaign(membership)
    return membership


def lock_assignment(assignment: Assignment | UUID, user: AbstractBaseUser) -> Assignment:
    """Lock the row of a person's assignment, or of its key, hold its campaign, and return it, read anew.

    This is where policy is asked. Raise NotAllowed when it is not theirs to write to.
    """
    return lock_own_work(assignment, user)[1]


def lock_own_work(
    assignment: Assignment | UUID, user: AbstractBaseUser, *, now: datetime | None = None
) -> tuple[Membership, Assignment]:
    """Lock a person's membership and their assignment, and return both, read anew; the campaign is held.

    The membership says whether leases have ended in the campaign, the assignment what else its annotator has begun, saw
    and answered before. Raise NotAllowed when it is not theirs to write to.
    """
    pk = assignment if isinstance(assignment, UUID) else assignment.pk
    membership = _membership_of_assignment_for_update.first(assignment=pk, user=user.pk, now=now or timezone.now())
    row = None
    if membership and policy.is_annotator(membership):
        row = _assignment_for_update.first(assignment=pk, user=user.pk)
    if membership is None or row is None:
        raise NotAllowed(f"{user}: may not write to assignment {pk}")
    read_held_campaign(membership)
    row.campaign = membership.campaign
    vars(membership)["has_others"] = vars(row)["has_others"]
    return membership, row


def with_what_was_begun(memberships: QuerySet[Membership]) -> QuerySet[Membership]:
    """Add what a person has to go on with before they are handed anything else."""
    return memberships.annotate(**_begun(Assignment.objects.filter(annotator=OuterRef("user"))))


def _begun(mine: AssignmentQuerySet) -> dict[str, Exists]:
    here = mine.filter(campaign=OuterRef("campaign"))
    return {
        "has_unfinished": Exists(here.unfinished()),
        "has_returned": Exists(here.filter(state=Assignment.State.RETURNED)),
        "asked_again": Exists(here.filter(superseded=True)),
    }


def _for_update(now: Any) -> QuerySet[Membership]:
    rows = Membership.objects.select_for_update(of=("self",), no_key=True).with_what_orders_need().with_others()
    ended = Assignment.objects.filter(campaign=OuterRef("campaign")).returnable(now)
    rows = rows.annotate(has_ended_leases=Exists(ended), strata=sizes_of_strata(OuterRef("block")))
    # Published rubrics are large, and kept parsed.
    return with_campaign_held(rows.defer("campaign__rubric_version__content"))


@prepared
def _membership_for_update(campaign: str, user: int, now: datetime) -> QuerySet[Membership]:
    return _for_update(now).filter(campaign__slug=campaign, user=user)


@prepared
def _membership_of_assignment_for_update(assignment: UUID, user: int, now: datetime) -> QuerySet[Membership]:
    return _for_update(now).filter(campaign__assignments=assignment, user=user)


@prepared
def _assignment_for_update(assignment: UUID, user: int) -> QuerySet[Assignment]:
    same_group = {"annotator": OuterRef("annotator"), "image__group": OuterRef("image__group")}
    itself = {"campaign": OuterRef("campaign"), "image": OuterRef("image")}
    shown = Assignment.objects.shown_a_prefill().filter(**same_group).exclude(**itself)
    # Here and not with the membership: whoever waited for that would see what was before.
    others = Membership.objects.filter(user=OuterRef("annotator")).exclude(campaign=OuterRef("campaign"))
    mine = Assignment.objects.filter(annotator=OuterRef("annotator")).exclude(pk=OuterRef("pk"))
    latest = Annotation.objects.filter(annotator=OuterRef("annotator"), imported=False).order_by("-created_at")
    # The assignment's row alone: others share what is joined, and PostgreSQL refuses to lock what may be null.
    rows = Assignment.objects.select_for_update(of=("self",), no_key=True)
    return (
        rows.filter(pk=assignment, annotator=user)
        .select_related("image", "shown_prefill__model_version")
        .annotate(
            **_begun(mine),
            has_others=Exists(others),
            group_was_shown=Exists(shown),
            latest_at=Subquery(latest.values("created_at")[:1]),
            latest_position=Subquery(latest.values("sitting_position")[:1]),
        )
    )
