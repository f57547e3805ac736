"""Change a campaign that is under way; each change is an event and applies from then on."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from annotation import policy
from annotation.actions.events.record import record_event
from annotation.actions.places.open_cases import examine_image
from annotation.actions.places.orders import number_images
from annotation.actions.places.places import count_places, end_work_of, want_annotations
from annotation.dataset.contents.statements import LONGEST_STATEMENT, STATEMENTS
from annotation.errors import BadInput, Conflict
from annotation.models import PRESET_SHARES, Arm, Campaign, Membership
from annotation.phrases import phrase as _

from .consent import copy_consent
from .open_campaign import (
    begin_campaign,
    check_annotations_per_image,
    check_preset,
    copy_memberships,
    describe_campaign,
)

MOST_REPEATS = 25
LONGEST_GAP = 365

LICENCE = re.compile(r"^[A-Za-z0-9][A-Za-z0-9.+-]{0,99}\Z")

MOVES = {
    "pause": (Campaign.State.OPEN, Campaign.State.PAUSED),
    "resume": (Campaign.State.PAUSED, Campaign.State.OPEN),
    "reopen": (Campaign.State.CLOSED, Campaign.State.OPEN),
}


@transaction.atomic
def change_campaign_state(campaign: Campaign, verb: str, *, by: AbstractBaseUser | None) -> None:
    """Pause, resume, close or reopen a campaign. Raise BadInput for another verb, Conflict in the wrong state."""
    policy.require(policy.may_organise, by, campaign)
    campaign = Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)
    if verb == "close":
        if campaign.state not in (Campaign.State.OPEN, Campaign.State.PAUSED):
            raise Conflict(
                _(
                    "campaign %(campaign)s is %(state)s; only an open or paused one can be closed",
                    campaign=campaign.slug,
                    state=campaign.state,
                )
            )
        campaign.state, campaign.closed_at = Campaign.State.CLOSED, timezone.now()
    elif verb in MOVES:
        before, after = MOVES[verb]
        if campaign.state != before:
            raise Conflict(
                _(
                    "campaign %(campaign)s is %(state)s; only one that is %(before)s can %(verb)s",
                    campaign=campaign.slug,
                    state=campaign.state,
                    before=before,
                    verb=verb,
                )
            )
        campaign.state, campaign.closed_at = after, None
    else:
        raise BadInput(
            _("%(verb)r is unknown; accepted: %(accepted)s", verb=verb, accepted=", ".join([*MOVES, "close"]))
        )
    campaign.save(update_fields=["state", "closed_at"])
    _record_change(campaign, by, state=str(campaign.state))


@transaction.atomic
def change_annotations_per_image(
    campaign: Campaign, annotations_per_image: int, *, by: AbstractBaseUser | None
) -> None:
    """Ask for more or fewer answers an image from now on.

    Images that have enough already are complete by that: taken out of the orders and examined. Answers given are never
    taken away; of those under way only so many still count as are wanted. Raise BadInput below one, and for a
    calibration.
    """
    policy.require(policy.may_organise, by, campaign)
    check_annotations_per_image(annotations_per_image)
    campaign = Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)
    if campaign.is_calibration:
        raise BadInput(_("annotations_per_image: everybody judges the anchors of a calibration"))
    old_number, campaign.annotations_per_image = campaign.annotations_per_image, annotations_per_image
    campaign.save(update_fields=["annotations_per_image"])
    entries = campaign.entries.select_for_update(of=("self",), no_key=True).select_related(
        "campaign__rubric_version", "image"
    )
    for entry in entries.order_by("image"):
        # By the difference: for precision an image may want more than the campaign asks for, up to a limit.
        wanted = entry.wanted + annotations_per_image - old_number
        most = campaign.most_annotations_per_image or wanted
        if want_annotations(entry, max(min(wanted, most), annotations_per_image)) and not entry.excluded:
            examine_image(entry)
    _record_change(campaign, by, annotations_per_image=annotations_per_image)


@transaction.atomic
def choose_arms(campaign: Campaign, preset: str, *, by: AbstractBaseUser | None) -> None:
    """Draw arms by another preset from now on.

    Raise BadInput for an unknown preset, Conflict when an open campaign would lose some of its blind share, which
    stays for its life: without it the anchoring of the model could no longer be told from taste.
    """
    policy.require(policy.may_organise, by, campaign)
    check_preset(preset)
    campaign = Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)
    shares = PRESET_SHARES[preset]
    if campaign.state != Campaign.State.DRAFT and shares[Arm.BLIND] < campaign.blind_share:
        raise Conflict(
            _(
                "the blind share is %(least)s %% and stays for the life of the campaign; %(preset)s has %(share)s %%",
                least=campaign.blind_share,
                preset=preset,
                share=shares[Arm.BLIND],
            )
        )
    campaign.preset = preset
    campaign.blind_share = shares[Arm.BLIND]
    campaign.reveal_share = shares[Arm.REVEAL]
    campaign.assisted_share = shares[Arm.ASSISTED]
    campaign.save(update_fields=["preset", "blind_share", "reveal_share", "assisted_share"])
    _record_change(campaign, by, preset=str(preset))


@transaction.atomic
def choose_repeats(campaign: Campaign, share: int, gap_days: int, *, by: AbstractBaseUser | None) -> None:
    """Hand out this share of hidden repeats, in per cent, from now on, `gap_days` or more after the first answer.

    Raise BadInput for a share or a gap that is not accepted, and for a calibration, in which nothing is repeated.
    """
    policy.require(policy.may_organise, by, campaign)
    if not 0 <= share <= MOST_REPEATS:
        words = _("repeat_share: 0 to %(most)s per cent are accepted, not %(given)s", most=MOST_REPEATS, given=share)
        raise BadInput(words)
    if not 1 <= gap_days <= LONGEST_GAP:
        words = _("repeat_gap_days: 1 to %(most)s are accepted, not %(given)s", most=LONGEST_GAP, given=gap_days)
        raise BadInput(words)
    campaign = Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)
    if campaign.is_calibration and share:
        raise BadInput(_("repeat_share: nothing is repeated in a calibration"))
    campaign.repeat_share, campaign.repeat_gap_days = share, gap_days
    campaign.save(update_fields=["repeat_share", "repeat_gap_days"])
    _record_change(campaign, by, repeat_share=share, repeat_gap_days=gap_days)


@transaction.atomic
def choose_precision(campaign: Campaign, target: int | None, most: int | None, *, by: AbstractBaseUser | None) -> None:
    """Ask for further answers, `most` an image, where the mean is less certain than the target; None for neither.

    `target` is half the width of the 95 % interval of the mean holistic score, in hundredths of a point. It holds for
    images that are completed from now on. Raise BadInput for one without the other, for a target below one hundredth
    and for fewer answers than each image is to have anyway.
    """
    policy.require(policy.may_organise, by, campaign)
    if (target is None) != (most is None):
        raise BadInput(_("precision_target: a target and a most number of answers are accepted together, or neither"))
    if target is not None and target < 1:
        raise BadInput(_("precision_target: more than 0 is accepted, not %(given)s", given=target))
    campaign = Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)
    if campaign.is_calibration and target is not None:
        raise BadInput(_("precision_target: everybody judges the anchors of a calibration"))
    least = campaign.annotations_per_image + 1
    if most is not None and most < least:
        raise BadInput(
            _(
                "most_annotations_per_image: %(least)s or more are accepted, as each image has %(k)s anyway, "
                "not %(given)s",
                least=least,
                k=campaign.annotations_per_image,
                given=most,
            )
        )
    campaign.precision_target, campaign.most_annotations_per_image = target, most
    campaign.save(update_fields=["precision_target", "most_annotations_per_image"])
    _record_change(campaign, by, precision_target=target, most_annotations_per_image=most)


@transaction.atomic
def state_release_terms(
    campaign: Campaign, licence: str, statements: Mapping[str, str], *, by: AbstractBaseUser | None
) -> None:
    """Say under which licence later releases give the annotations away, and what their datasheets state.

    An empty licence or statement is none. Raise BadInput for a licence that is no SPDX name, for a statement that no
    datasheet has, and for one that is too long.
    """
    policy.require(policy.may_organise, by, campaign)
    if licence and not LICENCE.fullmatch(licence):
        words = _("annotations_licence: a name of SPDX such as CC-BY-4.0 is accepted, not %(given)s", given=licence)
        raise BadInput(words)
    for key, text in statements.items():
        if key not in STATEMENTS:
            raise BadInput(_("%(key)r is unknown; accepted: %(accepted)s", key=key, accepted=", ".join(STATEMENTS)))
        if len(text) > LONGEST_STATEMENT:
            raise BadInput(_("%(key)s: %(most)s characters at most are accepted", key=key, most=LONGEST_STATEMENT))
    campaign = Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)
    campaign.annotations_licence = licence
    campaign.statements = {key: text for key, text in statements.items() if text.strip()}
    campaign.save(update_fields=["annotations_licence", "statements"])
    _record_change(campaign, by, annotations_licence=licence, statements=campaign.statements)


@transaction.atomic
def dismiss_person(campaign: Campaign, person: AbstractBaseUser, *, by: AbstractBaseUser | None) -> None:
    """Let a person go: they have no role any more, their unfinished work goes to others at once, their answers stay.

    They leave the campaign's calibration too. Raise BadInput when they have no role.
    """
    policy.require(policy.may_organise, by, campaign)
    membership = Membership.objects.select_for_update(no_key=True).filter(campaign=campaign, user=person.pk).first()
    if membership is None or not membership.roles:
        raise BadInput(_("%(person)s takes no part in campaign %(campaign)s", person=person, campaign=campaign.slug))
    # The row stays, as reports still ask what those who left were eligible for.
    membership.roles = frozenset()
    membership.save()
    # Whoever left before revising keeps the first answer as the final one.
    for entry in end_work_of(campaign, person, "dismissed"):
        count_places(entry)
    details = {"user": person.pk}
    record_event(campaign, "person.dismissed", membership, by=by, content=details, details=details)
    calibrate = campaign.calibration
    if calibrate and calibrate.campaign.memberships.having_roles().filter(user=person.pk).exists():
        # They came to it by the same invitation.
        dismiss_person(calibrate.campaign, person, by=by)


@transaction.atomic
def clone_campaign(campaign: Campaign, slug: str, *, title: str, by: AbstractBaseUser | None) -> Campaign:
    """Create a draft with the same rubric, arms, images and people, and none of the work.

    Whoever organises the one organises the other. Raise BadInput for a short name that cannot be.
    """
    policy.require(policy.may_organise, by, campaign)
    settings = {
        name: getattr(campaign, name)
        for name in (
            "description", "annotations_licence", "statements", "annotations_per_image",
            "arms_by", "shown_model", "seed", "lease_minutes", "repeat_share",
            "repeat_gap_days", "precision_target", "most_annotations_per_image", "daily_cap", "case_spread",
            "correction_minutes", "surround", "anchors_of", "is_demo",
        )
    }  # fmt: skip
    clone = begin_campaign(
        slug, title=title, rubric_version=campaign.rubric_version, by=by, preset=campaign.preset, **settings
    )
    # Not each entry's own number, which precision may have raised for answers that stay behind.
    k = clone.annotations_per_image
    entries = [
        campaign.entries.model(
            campaign=clone, image_id=entry.image_id, subcategory=entry.subcategory, wanted=k, places=k
        )
        # What was withdrawn is nowhere handed out again.
        for entry in campaign.entries.exclude(image__withdrawals__isnull=False)
    ]
    number_images(clone, entries)
    clone.entries.bulk_create(entries)
    copy_memberships(campaign, clone)
    copy_consent(clone, campaign, by=by)
    _record_change(clone, by, cloned_from=campaign.slug)
    return clone


def _record_change(campaign: Campaign, by: AbstractBaseUser | None, **details: Any) -> None:
    record_event(campaign, "campaign.changed", campaign, by=by, content=describe_campaign(campaign), details=details)
