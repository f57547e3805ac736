"""Record what a person consents to before their first image, by version."""

from __future__ import annotations

from collections import Counter

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from annotation import policy
from annotation.actions.events.record import record_event
from annotation.errors import BadInput, Conflict
from annotation.models import Campaign, ConsentWording, Event, Membership
from annotation.phrases import phrase as _


@transaction.atomic
def ask_for_consent(
    campaign: Campaign, text: str, *, by: AbstractBaseUser | None, chinese: str = "", seen: int | None = None
) -> ConsentWording | None:
    """Publish the text people consent to, in English and, if given, in Chinese, and return it.

    Another text in either language is another version, to which everyone is asked again; an empty one asks nobody.
    `seen` is the version its author began with, where that is to be checked. Return None when nothing changed. Raise
    BadInput for a Chinese text without an English one, Conflict when somebody else has published a version since.
    """
    policy.require(policy.may_organise, by, campaign)
    campaign = Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)
    if seen is not None and seen != campaign.consent_version:
        raise Conflict(_("version %(version)s was published meanwhile", version=campaign.consent_version))
    # Browsers send other line ends than were stored: an unchanged text would ask everybody again.
    english, chinese = _tidy_text(text), _tidy_text(chinese)
    if chinese and not english:
        raise BadInput(_("an English text is needed as well"))
    before = campaign.consent_wording()
    if (english, chinese) == ((before.english, before.chinese) if before else ("", "")):
        return None
    campaign.consent_version += 1
    campaign.consent_text = english
    campaign.save(update_fields=["consent_text", "consent_version"])
    wording = ConsentWording(campaign=campaign, number=campaign.consent_version, english=english, chinese=chinese)
    wording.published_by_id = None if by is None else by.pk
    wording.save()
    details = {"consent_version": campaign.consent_version}
    record_event(campaign, "consent.worded", campaign, by=by, content=_content_of(wording), details=details)
    return wording


def copy_consent(campaign: Campaign, source: Campaign, *, by: AbstractBaseUser | None) -> None:
    """Ask in one campaign for what another asks, as its own first version."""
    policy.require(policy.may_organise, by, campaign)
    wording = source.consent_wording()
    if wording:
        ask_for_consent(campaign, wording.english, chinese=wording.chinese, by=by)


def count_consents(campaign: Campaign) -> dict[int, int]:
    """Return how many people agreed to each version of the text, by its number, as the events have it."""
    rows = Event.objects.filter(chain__campaign=campaign, verb="consent.given").values_list("actor", "details")
    # A set, as somebody may consent to the same version twice, in two tabs.
    people = {(details["consent_version"], actor) for actor, details in rows}
    return Counter(version for version, _actor in people)


def _content_of(wording: ConsentWording | None) -> dict[str, str]:
    return {"en": wording.english, "zh-hans": wording.chinese} if wording else {}


def _tidy_text(text: str) -> str:
    """Return a text without the marks of the system it was typed on."""
    return "\n".join(text.split("\r\n")).strip()


@transaction.atomic
def give_consent(campaign: Campaign, *, by: AbstractBaseUser, version: int) -> None:
    """Record that a person consents to a version of the text.

    Raise NotAllowed when they take no part, BadInput for a campaign that asks none, Conflict when the text has
    changed since they read it.
    """
    policy.require(policy.may_take_part, by, campaign)
    # The campaign is read here and not taken from the caller, who may hold the text as it was before.
    rows = Membership.objects.select_for_update(of=("self",), no_key=True).select_related("campaign")
    membership = rows.get(campaign=campaign, user=by.pk)
    locked_campaign = membership.campaign
    if not locked_campaign.consent_text:
        raise BadInput(_("campaign %(campaign)s asks for no consent", campaign=locked_campaign.slug))
    if version != locked_campaign.consent_version:
        raise Conflict(_("the text has changed since you read it; read it again"))
    membership.consented_version = version
    membership.consented_at = timezone.now()
    membership.save(update_fields=["consented_version", "consented_at"])
    details = {"consent_version": version}
    record_event(
        locked_campaign,
        "consent.given",
        membership,
        by=by,
        content=_content_of(locked_campaign.consent_wording()),
        details=details,
    )
