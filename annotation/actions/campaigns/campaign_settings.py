"""Set how a campaign is described and run: its pace, what opens a case, what is drawn, a person's cap."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from annotation import policy
from annotation.actions.events.record import record_event
from annotation.errors import BadInput, Conflict
from annotation.models import Campaign, Membership
from annotation.models.campaigns import DARKEST_SURROUND, LIGHTEST_SURROUND
from annotation.phrases import phrase as _

from .open_campaign import check_description, check_title, describe_campaign

# A page renews its lease every five minutes, so that a shorter one would end under somebody's hands.
SHORTEST_LEASE, LONGEST_LEASE = 10, 24 * 60
MOST_A_DAY = 10_000
LONGEST_CORRECTION = 30 * 24 * 60
HIGHEST_CAP = 1_000_000
HIGHEST_SEED = 999_999_999


@transaction.atomic
def change_description(campaign: Campaign, title: str, description: str, *, by: AbstractBaseUser | None) -> None:
    """Say what the campaign is called and about, as later releases do. Raise BadInput for what cannot be stored."""
    policy.require(policy.may_organise, by, campaign)
    _change(campaign, by, title=check_title(title), description=check_description(description))


@transaction.atomic
def choose_pace(
    campaign: Campaign,
    *,
    lease_minutes: int,
    daily_cap: int | None,
    correction_minutes: int,
    by: AbstractBaseUser | None,
) -> None:
    """Say how long an image is held, how many answers a person gives a day, and how long one may correct oneself.

    All of it holds from now on; leases that run keep their end until they are renewed. None is no cap. Raise BadInput
    for a number that is not accepted.
    """
    policy.require(policy.may_organise, by, campaign)
    _check("lease_minutes", lease_minutes, SHORTEST_LEASE, LONGEST_LEASE)
    _check("correction_minutes", correction_minutes, 0, LONGEST_CORRECTION)
    if daily_cap is not None:
        _check("daily_cap", daily_cap, 1, MOST_A_DAY)
    _change(campaign, by, lease_minutes=lease_minutes, daily_cap=daily_cap, correction_minutes=correction_minutes)


@transaction.atomic
def choose_case_spread(campaign: Campaign, steps: int | None, *, by: AbstractBaseUser | None) -> None:
    """Open a case where scores of an attribute lie this many steps apart or more, None for never.

    It holds for images that are completed from now on. Raise BadInput for a spread that the scale does not have.
    """
    policy.require(policy.may_organise, by, campaign)
    scale = campaign.rubric.scale
    if steps is not None:
        _check("case_spread", steps, 1, scale.highest - scale.lowest)
    _change(campaign, by, case_spread=steps)


@transaction.atomic
def choose_draws(campaign: Campaign, arms_by: str, seed: int, *, by: AbstractBaseUser | None) -> None:
    """Draw arms for each assignment, or once for each person, and all orders, arms and repeats from this seed.

    Raise BadInput for what is not accepted, Conflict once the campaign was opened: whoever has seen the model's
    prefills cannot become one who never does, and another seed would shuffle orders that people walk through.
    """
    policy.require(policy.may_organise, by, campaign)
    if arms_by not in Campaign.ArmsBy.values:
        accepted = ", ".join(Campaign.ArmsBy.values)
        raise BadInput(_("%(given)r is unknown; accepted: %(accepted)s", given=arms_by, accepted=accepted))
    _check("seed", seed, 0, HIGHEST_SEED)
    _change_draft(campaign, by, arms_by=arms_by, seed=seed)


@transaction.atomic
def choose_surround(campaign: Campaign, surround: int, *, by: AbstractBaseUser | None) -> None:
    """Show images on this level of grey. Raise BadInput outside the bounds, Conflict once the campaign was opened.

    Lightness is judged against what surrounds it, so that answers by two greys could not be compared.
    """
    policy.require(policy.may_organise, by, campaign)
    _check("surround", surround, DARKEST_SURROUND, LIGHTEST_SURROUND)
    _change_draft(campaign, by, surround=surround)


@transaction.atomic
def cap_person(campaign: Campaign, person: AbstractBaseUser, cap: int | None, *, by: AbstractBaseUser | None) -> None:
    """Hand a person no further image once they have given this many answers, None for no such limit.

    Raise BadInput for a number that is not accepted, and for somebody who does not annotate here.
    """
    policy.require(policy.may_organise, by, campaign)
    if cap is not None:
        _check("cap", cap, 1, HIGHEST_CAP)
    membership = Membership.objects.select_for_update(no_key=True).filter(campaign=campaign, user=person.pk).first()
    if membership is None or not membership.annotator or not membership.roles:
        raise BadInput(
            _("%(person)s does not annotate in campaign %(campaign)s", person=person, campaign=campaign.slug)
        )
    if membership.cap == cap:
        return
    membership.cap = cap
    membership.save(update_fields=["cap"])
    details = {"user": person.pk, "cap": cap}
    record_event(campaign, "person.capped", membership, by=by, content=details, details=details)


def _check(name: str, number: int, least: int, most: int) -> None:
    if not least <= number <= most:
        words = _(
            "%(name)s: %(least)s to %(most)s are accepted, not %(given)s",
            name=name,
            least=least,
            most=most,
            given=number,
        )
        raise BadInput(words)


def _change_draft(campaign: Campaign, by: AbstractBaseUser | None, **settings: Any) -> None:
    """Change what stays once the campaign was opened."""
    campaign = Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)
    different = [name for name, value in settings.items() if getattr(campaign, name) != value]
    if campaign.state != Campaign.State.DRAFT and different:
        raise Conflict(_("%(names)s: this stays once a campaign was opened", names=", ".join(different)))
    _change(campaign, by, **settings)


def _change(campaign: Campaign, by: AbstractBaseUser | None, **settings: Any) -> None:
    """Save what differs, and record it; what is chosen again is no change and no event."""
    campaign = Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)
    changed = {name: value for name, value in settings.items() if getattr(campaign, name) != value}
    if not changed:
        return
    for name, value in changed.items():
        setattr(campaign, name, value)
    campaign.save(update_fields=list(changed))
    content = describe_campaign(campaign) | changed
    record_event(campaign, "campaign.changed", campaign, by=by, content=content, details=changed)
