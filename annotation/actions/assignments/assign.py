"""Hand out work: never more than k answers for an image, nobody twice on one, nobody idle while work remains.

Each image keeps count of its places left; whoever takes or gives back one holds the lock on that image's row, so
people who want different images do not wait for each other. `places` keeps that account, and says in which order rows
are locked. Whether a person may write to an assignment is asked at each write, and again once its row is locked.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from annotation import policy
from annotation.actions.events.record import record_event
from annotation.actions.places.open_cases import flag_image
from annotation.actions.places.orders import take_asked_again, take_next
from annotation.actions.places.places import (
    check_not_withdrawn,
    check_wanted,
    count_places,
    end_work,
    entry_for_update,
    is_complete,
)
from annotation.design import arms
from annotation.design.orders import draw_uniform
from annotation.errors import BadInput, Conflict, NotAllowed, WorkEnded
from annotation.models import (
    Arm,
    Assignment,
    Campaign,
    CampaignImage,
    Image,
    Membership,
    Prefill,
)
from annotation.models.prepared import prepared
from annotation.phrases import phrase as _
from annotation.rubric.reading import is_storable

from .calibrate import pass_calibration
from .lock_work import lock_assignment, lock_membership, with_what_was_begun

SKIP_REASONS = ("cannot_judge", "broken", "inappropriate", "wrong_category", "duplicate")
LONGEST_DRAFT = 200_000
LONGEST_WORDS = 2_000
# One request gives back no more: nobody waits for a long sweep, and the next request goes on with it.
SWEPT_AT_ONCE = 20


def next_assignment(
    campaign: Campaign | str, user: AbstractBaseUser, *, now: datetime | None = None
) -> Assignment | None:
    """Return the person's unfinished assignment, else a new one, else None when nothing is left for them now.

    Of the campaign its slug is enough. Leases that have ended are given back first, each in a transaction of its own.
    Raise NotAllowed when they take no part in the campaign or it is not open.
    """
    slug = campaign if isinstance(campaign, str) else campaign.slug
    now = now or timezone.now()
    is_swept = False
    while True:
        with transaction.atomic():
            membership = _lock_handed_work(slug, user, now)
            # Only now that their row is locked: another tab may have been handed something while this one waited.
            begun = vars(_what_was_begun(membership=membership.pk)[0])
            if begun["has_unfinished"] and _end_unwanted(membership, now):
                # With an event, the chain is locked, the last of all rows: what comes next is for another transaction.
                continue
            if is_swept or not vars(membership)["has_ended_leases"]:
                return _find_assignment(membership, begun, now)
        # One transaction each: holding several people's rows at once is how two sweeps would block each other.
        for pk in membership.campaign.assignments.returnable(now).values_list("pk", flat=True)[:SWEPT_AT_ONCE]:
            _return_assignment(pk, now)
        is_swept = True


def _lock_handed_work(slug: str, user: AbstractBaseUser, now: datetime) -> Membership:
    membership = lock_membership(slug, user, now=now)
    if not policy.is_handed_work(membership):
        raise NotAllowed(f"{user}: is handed no work in {slug}")
    return membership


def _find_assignment(membership: Membership, begun: dict[str, Any], now: datetime) -> Assignment | None:
    campaign, user = membership.campaign, membership.user
    if policy.lacks_consent(membership):
        raise Conflict(
            _("consent is asked for before the first image of campaign %(campaign)s", campaign=campaign.slug)
        )
    if not pass_calibration(membership):
        return None
    # Before the cap: what was begun may be finished. Two tabs get the same image.
    unfinished = _unfinished_for_update(membership) if begun["has_unfinished"] else None
    if unfinished:
        _extend_lease(unfinished, now)
        return unfinished
    if has_reached_cap(membership, now):
        return None
    # What was given back comes first: its draft is work that would be lost.
    offered = _offer_returned(campaign, user, now) if begun["has_returned"] else None
    offered = offered or _hand_out_repeat(membership, now)
    return offered or _hand_out_next(membership, now, asked_again=begun["asked_again"])


def hand_out_at_once(membership: Membership, finished: Assignment, now: datetime) -> Assignment | None:
    """Hand out what comes next to somebody who has finished an assignment, where nothing has to be waited for.

    Call it with both rows locked by `lock_own_work`. None says nothing: `next_assignment` finds out.
    """
    begun = vars(finished)
    if begun["has_unfinished"] or begun["has_returned"] or begun["asked_again"]:
        return None
    if vars(membership)["has_ended_leases"]:
        return None
    if not policy.is_handed_work(membership) or policy.lacks_consent(membership):
        return None
    if policy.lacks_calibration(membership) or has_reached_cap(membership, now):
        return None
    repeat = _hand_out_repeat(membership, now)
    if repeat:
        return repeat
    # Nobody is waited for, as the event chain is locked by now, which is else the last of all rows.
    entry = take_next(membership, wait=False)
    return None if entry is None else hand_out_image(entry, membership, now, is_new=True)


@prepared
def _what_was_begun(membership: int) -> QuerySet[Membership]:
    return with_what_was_begun(Membership.objects.filter(pk=membership).only("pk"))


def explain_no_assignment(campaign: Campaign, user: AbstractBaseUser, *, now: datetime | None = None) -> str:
    """Say why nothing was handed out, or is.

    "paused" or "closed" (the campaign), "calibration", "capped", "elsewhere", "taken", "held" or "done". Elsewhere the
    person has still to judge what is left before a model is shown here; "taken" is what others hold, "held" what waits
    for a decision. Raise NotAllowed for whoever takes no part.
    """
    policy.require(policy.may_take_part, user, campaign)
    if campaign.state != Campaign.State.OPEN:
        return str(campaign.state)
    membership = campaign.memberships.select_related("campaign").get(user=user.pk)
    if policy.lacks_calibration(membership):
        return "calibration"
    if has_reached_cap(membership, now or timezone.now()):
        return "capped"
    given_back = campaign.assignments.of(user).filter(state=Assignment.State.RETURNED, repeat=False)
    returned = campaign.entries.unfinished().filter(image__in=given_back.values("image"))
    unfinished = campaign.entries.unfinished().open_to(membership)
    if returned.filter(held=False).exists() or unfinished.filter(held=False).not_awaited_from(membership).exists():
        return "taken"
    if unfinished.filter(held=False).exists():
        return "elsewhere"
    return "held" if returned.exists() or unfinished.exists() else "done"


@transaction.atomic
def renew_lease(assignment: Assignment, *, by: AbstractBaseUser, now: datetime | None = None) -> datetime:
    """Extend the lease and return until when it holds.

    Raise Conflict when the place has been given back or is not needed any more, WorkEnded in a closed campaign.
    """
    assignment = lock_assignment(assignment, by)
    now = now or timezone.now()
    check_work_open(assignment)
    if assignment.state in (Assignment.State.OPEN, Assignment.State.RETURNED):
        # Read without a lock: beats are many, and nothing is taken by one.
        check_wanted(assignment.campaign.entries.get(image=assignment.image_id), repeat=assignment.repeat)
    if assignment.state == Assignment.State.RETURNED and not take_up_again(assignment, now):
        raise Conflict(
            _("the lease has ended and the image went to someone else; a submitted answer is kept as surplus")
        )
    _extend_lease(assignment, now)
    return assignment.lease_until


@transaction.atomic
def save_draft(
    assignment: Assignment, draft: Any, *, version: int, by: AbstractBaseUser, now: datetime | None = None
) -> int:
    """Keep an unfinished answer and return its new version.

    Raise Conflict when another tab has saved meanwhile or the answer is final, BadInput when it is too large, WorkEnded
    in a closed campaign.
    """
    assignment = lock_assignment(assignment, by)
    now = now or timezone.now()
    check_work_open(assignment)
    # Returned ones too: what is typed after the lease has ended is kept for when the image comes back.
    states = (Assignment.State.OPEN, Assignment.State.COMMITTED, Assignment.State.RETURNED)
    if assignment.state not in states and not policy.may_correct(assignment, now):
        raise Conflict(_("this answer is final already"))
    if version != assignment.draft_version:
        raise Conflict(
            _(
                "another tab has saved version %(version)s of this draft meanwhile",
                version=assignment.draft_version,
            )
        )
    if not isinstance(draft, dict) or len(str(draft)) > LONGEST_DRAFT:
        raise BadInput(_("draft: an object of at most %(most)s characters is accepted", most=LONGEST_DRAFT))
    if not all(map(is_storable, _texts_in(draft))):
        raise BadInput(_("draft: text holds a NUL or half a character, which cannot be stored"))
    assignment.draft = draft
    assignment.draft_version += 1
    assignment.save(update_fields=["draft", "draft_version"])
    _extend_lease(assignment, now)
    return assignment.draft_version


@transaction.atomic
def skip_assignment(assignment: Assignment, reason: str, *, by: AbstractBaseUser, words: str = "") -> None:
    """Put an image aside for this person, with a reason and what they say of it; its place goes to someone else.

    An image called broken, inappropriate or a duplicate is held back from everybody until the flag is adjudicated; a
    wrong category opens a case but the image stays in work. Raise BadInput for an unknown reason or overlong words,
    Conflict when an answer is stored already, WorkEnded in a closed campaign.
    """
    assignment = lock_assignment(assignment, by)
    check_work_open(assignment)
    if reason not in SKIP_REASONS:
        raise BadInput(
            _("reason %(reason)r is unknown; accepted: %(accepted)s", reason=reason, accepted=", ".join(SKIP_REASONS))
        )
    words = words.strip()
    if len(words) > LONGEST_WORDS or not is_storable(words):
        raise BadInput(_("words: at most %(most)s characters are accepted", most=LONGEST_WORDS))
    if assignment.state == Assignment.State.SKIPPED:
        return
    if assignment.state not in (Assignment.State.OPEN, Assignment.State.RETURNED):
        raise Conflict(_("an answer is stored already; it cannot be skipped any more"))
    entry = lock_entry(assignment)
    assignment.state = Assignment.State.SKIPPED
    assignment.skip_reason, assignment.skip_words = reason, words
    assignment.finished_at = timezone.now()
    assignment.save(update_fields=["state", "skip_reason", "skip_words", "finished_at"])
    count_places(entry)
    flag_image(entry, reason)
    details = {"reason": reason}
    content = details | ({"words": words} if words else {})
    record_event(assignment.campaign, "assignment.skipped", assignment, by=by, content=content, details=details)


def hand_out_image(entry: CampaignImage, membership: Membership, now: datetime, *, is_new: bool = False) -> Assignment:
    """Give one image to one person, in the arm drawn for them; call it with both rows locked.

    `is_new` says that they have never judged it. Raise Conflict when the image has no place left, or is not to be
    judged.
    """
    if entry.places < 1 or entry.held:
        raise Conflict(_("%(image)s has all the answers it wants", image=entry.image))
    # At hand with its rubric: asking for it again would cost a query.
    campaign = entry.campaign = membership.campaign
    arm = draw_arm(entry, membership)
    membership.latest_image = entry.image
    subcategory = entry.subcategory
    membership.handed_out = membership.handed_out | {subcategory: membership.handed_out.get(subcategory, 0) + 1}
    assignment = _create_assignment(
        membership,
        entry.image,
        now,
        arm=arm,
        # In the reveal arm none is named before the commit.
        shown_prefill=shown_prefill(campaign, entry.image) if arm == Arm.ASSISTED else None,
    )
    assignment.is_new = is_new
    # Not counted anew, as the locked row says how many were left.
    entry.places -= 1
    entry.save(update_fields=["places"])
    return assignment


def draw_arm(entry: CampaignImage, membership: Membership) -> str:
    """Draw the arm in balanced blocks of the person and the subcategory, or once for the person."""
    campaign, stream = entry.campaign, f"arm:{entry.campaign.seed}:{membership.user_id}"
    if campaign.arms_by == Campaign.ArmsBy.PERSON:
        # Always the first of the block: one arm for all that this person judges.
        return arms.draw(campaign.shares, 0, stream)
    handed_out = membership.handed_out.get(entry.subcategory, 0)
    return arms.draw(campaign.shares, handed_out, f"{stream}:{entry.subcategory}")


def check_work_open(assignment: Assignment) -> None:
    """Raise WorkEnded when the campaign is closed or the image withdrawn: nothing is added to either any more."""
    campaign = assignment.campaign
    if campaign.state == Campaign.State.CLOSED:
        raise WorkEnded(_("campaign %(campaign)s is closed; nothing is added to it any more", campaign=campaign.slug))
    check_not_withdrawn(campaign, assignment.image)


def lock_entry(assignment: Assignment) -> CampaignImage:
    """Lock and return the row that counts the places of the assignment's image."""
    return entry_for_update(assignment.campaign, assignment.image)


def shown_prefill(campaign: Campaign, image: Image) -> Prefill | None:
    """Return the answer of the campaign's model for an image, if it has one."""
    return Prefill.objects.filter(image=image, model_version=campaign.shown_model_id).first()


def has_reached_cap(membership: Membership, now: datetime) -> bool:
    """Tell whether the person has reached the most answers of the day or of the campaign."""
    campaign = membership.campaign
    if membership.cap is None and campaign.daily_cap is None:
        return False
    commits = campaign.assignments.filter(annotator=membership.user_id, committed_at__isnull=False)
    if membership.cap is not None and commits.count() >= membership.cap:
        return True
    # The day of the installation's time zone, as in UTC a new one may begin in the middle of the afternoon.
    today = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    return campaign.daily_cap is not None and commits.filter(committed_at__gte=today).count() >= campaign.daily_cap


def _texts_in(value: Any) -> Iterator[str]:
    """Yield every text in data that JSON can carry, names included."""
    # A loop and not recursion: drafts are whatever a client sends, nested as deep as it likes.
    items = [value]
    while items:
        item = items.pop()
        if isinstance(item, str):
            yield item
        elif isinstance(item, dict):
            items += [*item.keys(), *item.values()]
        elif isinstance(item, list):
            items += item


def _hand_out_next(membership: Membership, now: datetime, *, asked_again: bool) -> Assignment | None:
    """Hand out the next image of the person's order, those first that they are asked to judge again."""
    entry = (take_asked_again(membership) if asked_again else None) or take_next(membership)
    return None if entry is None else hand_out_image(entry, membership, now, is_new=not asked_again)


def _end_unwanted(membership: Membership, now: datetime) -> bool:
    """Tell whether what the person is at work on was given back, as nobody is to judge it any more."""
    assignment = _unfinished_for_update(membership)
    if assignment is None:
        return False
    entry = lock_entry(assignment)
    # A first answer that waits for its review has its place, and a repeat never needed one.
    needs_place = assignment.state == Assignment.State.OPEN and not assignment.repeat
    if not entry.held and not (needs_place and is_complete(entry)):
        return False
    if assignment.state == Assignment.State.COMMITTED and not entry.excluded:
        return False
    end_work(assignment, "not wanted any more", now)
    count_places(entry)
    return True


def _unfinished_for_update(membership: Membership) -> Assignment | None:
    mine = membership.campaign.assignments.of(membership.user).unfinished()
    rows = mine.select_related("campaign", "image", "shown_prefill").select_for_update(of=("self",), no_key=True)
    return rows.first()


def _offer_returned(campaign: Campaign, user: AbstractBaseUser, now: datetime) -> Assignment | None:
    """Offer again, with its draft, what the person had to give back, where a place is free."""
    assignments = (
        campaign.assignments.of(user).filter(state=Assignment.State.RETURNED).select_related("campaign", "image")
    )
    # Each try keeps an image's row locked to the end: in one order for all, lest two people wait for each other.
    assignments = assignments.order_by("image")
    return next((assignment for assignment in assignments if take_up_again(assignment, now)), None)


def has_other_assignment(assignment: Assignment) -> bool:
    """Tell whether the person has another unfinished assignment in this campaign by now."""
    assignments = Assignment.objects.filter(campaign=assignment.campaign_id, annotator=assignment.annotator_id)
    return assignments.unfinished().exclude(pk=assignment.pk).exists()


def take_up_again(assignment: Assignment, now: datetime) -> bool:
    # One image at a time: the page asks for the unfinished one, and could not tell which of two.
    if has_other_assignment(assignment):
        return False
    entry = lock_entry(assignment)
    if entry.held or (entry.places < 1 and not assignment.repeat):
        return False
    assignment.state = Assignment.State.OPEN
    assignment.save(update_fields=["state"])
    count_places(entry)
    _extend_lease(assignment, now)
    record_event(assignment.campaign, "assignment.taken_up_again", assignment, by=assignment.annotator, content={})
    return True


def _hand_out_repeat(membership: Membership, now: datetime) -> Assignment | None:
    """Now and then hand out, unannounced, an image the person finished long enough ago."""
    image = image_to_repeat(membership, now)
    # Blind, as a repeat measures the person alone.
    return None if image is None else _create_assignment(membership, image, now, arm=Arm.BLIND, repeat=True)


def image_to_repeat(membership: Membership, now: datetime) -> Image | None:
    """Return the image the person's next assignment repeats; None when it is to be a new one."""
    campaign, user = membership.campaign, membership.user
    share = campaign.repeat_share
    if not share or draw_uniform("repeat", campaign.seed, user.pk, membership.assigned) * 100 >= share:
        return None
    assignments = campaign.assignments.of(user)
    repeated_images = assignments.filter(repeat=True).values("image")
    finished = assignments.finished().filter(
        repeat=False, superseded=False, finished_at__lte=now - timedelta(days=campaign.repeat_gap_days)
    )
    # Not what is excluded, withdrawn or held by now: nobody is to judge it, again least of all.
    held_images = campaign.entries.filter(held=True).values("image")
    candidates = finished.exclude(image__in=repeated_images).exclude(image__in=held_images).select_related("image")
    # Drawn, but the same at each call: what the browser fetched ahead is what is handed out.
    assignment = min(candidates, key=lambda one: draw_uniform("which", campaign.seed, user.pk, one.pk), default=None)
    return None if assignment is None else assignment.image


def _create_assignment(membership: Membership, image: Image, now: datetime, **fields: Any) -> Assignment:
    campaign, user = membership.campaign, membership.user
    membership.assigned += 1
    membership.save(update_fields=["block", "walked", "latest_image", "handed_out", "assigned"])
    assignment = Assignment.objects.create(
        campaign=campaign,
        image=image,
        annotator=user,
        position=membership.assigned,
        lease_until=now + timedelta(minutes=campaign.lease_minutes),
        **fields,
    )
    content = {"image": image.sha256, "annotator": user.pk, "arm": str(assignment.arm), "repeat": assignment.repeat}
    record_event(campaign, "assignment.handed_out", assignment, by=user, content=content)
    return assignment


def _extend_lease(assignment: Assignment, now: datetime) -> None:
    if assignment.state == Assignment.State.OPEN:
        assignment.lease_until = now + timedelta(minutes=assignment.campaign.lease_minutes)
        assignment.save(update_fields=["lease_until"])


@transaction.atomic
def _return_assignment(pk: Any, now: datetime) -> None:
    """Give back one assignment whose lease has ended, unless its person is acting on it this moment."""
    rows = Assignment.objects.select_for_update(skip_locked=True, of=("self",), no_key=True).select_related(
        "campaign", "image"
    )
    assignment = rows.returnable(now).filter(pk=pk).first()
    if assignment is None:
        return
    entry = lock_entry(assignment)
    end_work(assignment, "lease ended", now)
    count_places(entry)
